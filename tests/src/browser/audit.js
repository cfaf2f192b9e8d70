// What a person who cannot see, point or guess needs from a page, as far as a machine can tell.
// Gives a list of sentences; an empty list is the goal. WCAG 2.2 numbers are in brackets.
(() => {
  const found = [];
  const say = (rule, element, why) => found.push(`[${rule}] ${why}: ${where(element)}`);
  const where = (element) => element.outerHTML?.replace(/\s+/g, ' ').slice(0, 160) ?? String(element);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const hidden = (element) => element.closest('[aria-hidden="true"], [hidden], [inert]') !== null;
  const shown = (selector) => all(selector).filter((element) => visible(element) && !hidden(element));

  const referenced = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const inner = (element) => [...element.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute('aria-hidden') === 'true') return '';
    return node.getAttribute('aria-label') ?? node.getAttribute('alt') ?? inner(node);
  }).join(' ');
  const nameOf = (element) => {
    const by = element.getAttribute('aria-labelledby');
    if (by) return referenced(by);
    const label = element.getAttribute('aria-label');
    if (label?.trim()) return label.trim();
    if (element.labels?.length) return [...element.labels].map(inner).join(' ').trim();
    if (element.matches('input[type=submit], input[type=button], input[type=reset]')) return element.value.trim();
    if (element.matches('img, area, input[type=image]')) return element.alt.trim();
    if (element.matches('input, select, textarea')) return (element.title ?? '').trim();
    if (element.matches('svg')) return (element.querySelector('title')?.textContent ?? '').trim();
    return (inner(element).trim() || element.title || '').trim();
  };

  // The page itself.
  if (!document.documentElement.lang) say('3.1.1', document.documentElement, 'the language of the page is not named');
  if (!document.title.trim()) say('2.4.2', document.head, 'the page has no title');
  const zoom = document.querySelector('meta[name=viewport]')?.content ?? '';
  if (/user-scalable\s*=\s*no|maximum-scale\s*=\s*1(\.0)?\b/.test(zoom)) say('1.4.4', document.head, 'zooming is forbidden');
  if (document.documentElement.scrollWidth > window.innerWidth + 1) {
    const widest = all('body *').filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && visible(e)
      && !ancestors(e).some((a) => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(a).overflowX)));
    say('1.4.10', widest[0] ?? document.body, `the page is ${document.documentElement.scrollWidth} wide in a window of ${window.innerWidth}`);
  }
  function ancestors(element) {
    const list = [];
    for (let e = element.parentElement; e; e = e.parentElement) list.push(e);
    return list;
  }

  // Landmarks and headings.
  const mains = shown('main, [role=main]');
  if (mains.length !== 1) say('1.3.1', document.body, `there are ${mains.length} main landmarks, not one`);
  const navs = shown('nav, [role=navigation]');
  const navNames = navs.map(nameOfLandmark);
  function nameOfLandmark(e) { return (e.getAttribute('aria-label') ?? referenced(e.getAttribute('aria-labelledby') ?? '')).trim(); }
  navs.forEach((nav, at) => {
    if (navs.length > 1 && (!navNames[at] || navNames.indexOf(navNames[at]) !== at)) say('1.3.1', nav, 'of several navigations this has no name of its own');
  });
  const headings = shown('h1, h2, h3, h4, h5, h6');
  const ones = headings.filter((h) => h.tagName === 'H1');
  if (ones.length !== 1) say('1.3.1', document.body, `there are ${ones.length} first headings, not one`);
  let level = 0;
  const inMain = headings.filter((h) => h.closest('main'));
  for (const heading of inMain) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) say('1.3.1', heading, `a heading of level ${own} follows level ${level}`);
    if (!inner(heading).trim()) say('2.4.6', heading, 'a heading is empty');
    level = own;
  }
  if (!all('a[href^="#"]').some((a) => document.getElementById(a.hash.slice(1))?.closest('main, [role=main]') !== null && document.getElementById(a.hash.slice(1)))
    && shown('nav a').length > 3) say('2.4.1', document.body, 'there is no link that skips the navigation');

  // Ids and references.
  const ids = new Map();
  for (const element of all('[id]')) {
    if (ids.has(element.id)) say('4.1.2', element, `the id ${element.id} is used twice`);
    ids.set(element.id, element);
  }
  for (const name of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'aria-activedescendant', 'aria-errormessage']) {
    for (const element of all(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/).filter(Boolean)) {
        if (!ids.has(id)) say('4.1.2', element, `${name} names ${id}, which is not there`);
      }
    }
  }
  for (const label of all('label[for]')) if (!ids.has(label.htmlFor)) say('1.3.1', label, 'a label for a field that is not there');

  // Names and roles.
  for (const field of shown('input:not([type=hidden]), select, textarea')) if (!nameOf(field)) say('3.3.2', field, 'a field has no label');
  for (const control of shown('a[href], button, summary, [role=button], [role=link], [role=tab], [role=menuitem]')) {
    if (!nameOf(control)) say('4.1.2', control, 'a control has no name');
  }
  for (const image of shown('img')) if (!image.hasAttribute('alt')) say('1.1.1', image, 'a picture has no text in its place');
  for (const picture of shown('svg')) {
    if (picture.getAttribute('role') === 'img' && !nameOf(picture)) say('1.1.1', picture, 'a drawing has no name');
  }
  for (const frame of shown('iframe')) if (!frame.title) say('4.1.2', frame, 'a frame has no title');
  for (const element of all('[onclick]')) say('2.1.1', element, 'a click is handled inside the page text');
  for (const element of all('[tabindex]')) if (element.tabIndex > 0) say('2.4.3', element, 'the order of focus is forced');
  for (const group of shown('[role=radiogroup], fieldset')) {
    if (!(nameOf(group) || group.querySelector('legend'))) say('1.3.1', group, 'a group of fields has no name');
  }
  for (const list of shown('ul, ol')) {
    if ([...list.children].some((child) => !child.matches('li, script, template'))) say('1.3.1', list, 'a list holds what is no item');
  }
  for (const list of shown('dl')) {
    if ([...list.children].some((child) => !child.matches('dt, dd, div, script, template'))) say('1.3.1', list, 'a list of terms holds what is neither term nor meaning');
  }
  for (const table of shown('table')) {
    if (table.getAttribute('role') === 'presentation') continue;
    if (!table.querySelector('th')) say('1.3.1', table, 'a table has no header cells');
    for (const th of table.querySelectorAll('th')) if (!inner(th).trim() && !th.querySelector('input')) say('1.3.1', th, 'a header cell is empty');
  }
  for (const field of shown('[aria-invalid=true]')) {
    if (!field.hasAttribute('aria-describedby') && !field.hasAttribute('aria-errormessage')) say('3.3.1', field, 'a field is wrong without saying why');
  }

  // Contrast, computed from what is really painted.
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = (css) => {
    if (!known.has(css)) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = css;
      paint.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
      known.set(css, { r, g, b, a: a / 255 });
    }
    return known.get(css);
  };
  const over = (top, below) => {
    const mix = (x, y) => x * top.a + y * (1 - top.a);
    return { r: mix(top.r, below.r), g: mix(top.g, below.g), b: mix(top.b, below.b), a: 1 };
  };
  const light = ({ r, g, b }) => {
    const linear = (v) => { const c = v / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  // The canvas of the page itself follows the colour scheme, a drawn one does not: ask an element.
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.backgroundColor = 'Canvas';
  const ground = colour(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== 'none') return null;
      const layer = colour(style.backgroundColor);
      layers.push(layer);
      if (layer.a === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), { ...ground, a: 1 });
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const judged = new Set();
  const judge = (element, css, size, weight, what) => {
    const back = behind(element);
    if (!back) return;
    let front = colour(css);
    const opacity = [element, ...ancestors(element)].reduce((o, e) => o * Number(getComputedStyle(e).opacity), 1);
    front = over({ ...front, a: front.a * opacity }, back);
    const needed = size >= 24 || (size >= 18.66 && weight >= 700) ? 3 : 4.5;
    const measured = ratio(front, back);
    if (measured + 0.01 < needed) say('1.4.3', element, `${what} has contrast ${measured.toFixed(2)}, needs ${needed}`);
  };
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || judged.has(element)) continue;
    judged.add(element);
    if (!element || element.closest('script, style, noscript, template, option, svg') || !visible(element) || hidden(element)) continue;
    if (element.closest(':disabled, [aria-disabled=true]')) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const style = getComputedStyle(element);
    judge(element, style.color, parseFloat(style.fontSize), Number(style.fontWeight), 'text');
  }
  for (const field of shown('input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select')) {
    if (field.disabled) continue;
    const style = getComputedStyle(field);
    judge(field, style.color, parseFloat(style.fontSize), Number(style.fontWeight), 'what is typed');
    if (field.placeholder) judge(field, getComputedStyle(field, '::placeholder').color, parseFloat(style.fontSize), 400, 'the placeholder');
  }

  // Targets that a finger can hit [2.5.8]: 24 by 24, or far enough from the next one, or inside a sentence.
  const targets = shown('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]').map((element) => {
    const label = element.labels?.length ? [...element.labels].map((l) => l.getBoundingClientRect()).find((l) => l.width >= 24 && l.height >= 24) : null;
    return { element, box: element.getBoundingClientRect(), label };
  }).filter(({ box }) => box.width > 1 && box.height > 1);
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const inSentence = (element) => getComputedStyle(element).display === 'inline'
    && [...(element.parentElement?.childNodes ?? [])].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  for (const { element, box, label } of targets) {
    if ((box.width >= 23.5 && box.height >= 23.5) || label || inSentence(element)) continue;
    const [x, y] = middle(box);
    const crowded = targets.some((other) => {
      if (other.element === element || other.element.contains(element) || element.contains(other.element)) return false;
      const dx = Math.max(other.box.left - x, 0, x - other.box.right), dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
      const [ox, oy] = middle(other.box);
      const small = other.box.width < 23.5 || other.box.height < 23.5;
      return Math.hypot(dx, dy) < 12 || (small && Math.hypot(ox - x, oy - y) < 24);
    });
    if (crowded) say('2.5.8', element, `a target of ${Math.round(box.width)} by ${Math.round(box.height)} lies too near another`);
  }
  return [...new Set(found)];
})()
