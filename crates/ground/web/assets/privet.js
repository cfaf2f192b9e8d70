// Privet in the browser: makes quick what works without it. One module, first-party, no eval.
// Every screen is real links and forms; here they are sent in the background and the named
// fragment of the answer replaces the one on the page. A whole page serves as an answer too:
// the fragment is picked out of it by its id.
//
// Attributes it looks for:
//   form[data-live=ID]      sends itself while typing, replaces #ID; by POST nothing stands in the address
//   form[data-swap=ID]      sends itself in the background, replaces #ID
//   a[data-swap=ID]         loads in the background, replaces #ID, goes into history
//   form[data-guard]        warns before typed text is lost
//   form[data-hint-at=URL][data-hint-into=ID] asks for duplicates while typing in [data-hints]
//   form[data-confirm] input[data-typed=NAME]  enables the button once NAME is typed
//   [data-repeat]           rows that can be added and removed
//   [data-row]              what j, k, x and Enter move over
//   [data-all=NAME]         ticks all boxes of that name
//   [data-open=ID]          opens a dialog
//   [data-said]             on a new fragment: what to read out

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const PAUSE_MS = 160;

// A form's own properties can be hidden by a field of the same name (`action` in the log's filter).
const goal = (form) => new URL(form.getAttribute('action') ?? '', location.href);
const posts = (form) => form.getAttribute('method')?.toLowerCase() === 'post';

// Markup comes only from our own server, escaped there; this is the one place it is made.
const policy = window.trustedTypes?.createPolicy('privet', { createHTML: (html) => html })
  ?? { createHTML: (html) => html };
const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), 'text/html');

// ---- saying and showing -------------------------------------------------------------------

function say(text) {
  const live = $('#said');
  if (!live || !text) return;
  live.textContent = '';
  requestAnimationFrame(() => { live.textContent = text; });
}

function flash(text, tone = 'no') {
  const place = $('#flash');
  if (!place) return say(text);
  const box = document.createElement('div');
  box.className = `flash ${tone}`;
  const words = document.createElement('p');
  words.textContent = text;
  box.append(words);
  place.replaceChildren(box);
  box.scrollIntoView({ block: 'nearest' });
}

let running = 0;
function busy(on, target) {
  running += on ? 1 : -1;
  document.documentElement.classList.toggle('busy', running > 0);
  target?.setAttribute('aria-busy', String(on));
}

// ---- fetching a fragment --------------------------------------------------------------------

const underway = new Map(); // fragment id -> AbortController; a newer request ends an older one

/** Asks the server; returns { page, url } or null when ended by a newer one or told as a failure. */
async function ask(url, id, options = {}) {
  underway.get(id)?.abort();
  const control = new AbortController();
  underway.set(id, control);
  const target = document.getElementById(id);
  busy(true, target);
  try {
    const answer = await fetch(url, {
      ...options,
      signal: control.signal,
      headers: { ...options.headers, 'X-Fragment': id },
      credentials: 'same-origin',
    });
    const type = answer.headers.get('content-type') ?? '';
    if (answer.status === 401) { location.assign('/sign-in'); return null; }
    if (type.includes('json')) {
      const problem = await answer.json();
      flash([problem.detail, problem.next].filter(Boolean).join(' '));
      return null;
    }
    return { page: parse(await answer.text()), url: answer.url, redirected: answer.redirected };
  } catch (error) {
    if (error.name !== 'AbortError') {
      flash('The server did not answer. What you typed is still here; try again in a moment.');
    }
    return null;
  } finally {
    busy(false, target);
    if (underway.get(id) === control) underway.delete(id);
  }
}

/** Puts the fragment of `page` in place of the one shown; keeps the focus where it was. */
function replace(page, id) {
  const shown = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (!shown || !fresh) return false;
  const focus = document.activeElement;
  const inside = shown.contains(focus) ? focus : null;
  const at = inside && { id: inside.id, name: inside.name, start: caret(inside), value: inside.value };
  shown.replaceWith(document.adoptNode(fresh));
  if (at) {
    const again = (at.id && document.getElementById(at.id))
      || (at.name && $(`[name="${CSS.escape(at.name)}"]`, fresh));
    if (again) {
      // What was typed since the request left is newer than the answer.
      if (again.tagName === 'INPUT' && at.start !== null) again.value = at.value;
      again.focus({ preventScroll: true });
      if (at.start !== null) again.setSelectionRange?.(at.start, at.start);
    }
  }
  const message = page.querySelector('#flash .flash');
  if (message) $('#flash')?.replaceChildren(document.adoptNode(message));
  enhance(fresh);
  say(fresh.dataset.said ?? $('[data-said]', fresh)?.dataset.said);
  return true;
}

function caret(input) {
  try { return input.selectionStart ?? null; } catch { return null; }
}

function later(action, pause = PAUSE_MS) {
  let timer;
  const soon = (...given) => { clearTimeout(timer); timer = setTimeout(() => action(...given), pause); };
  soon.cancel = () => clearTimeout(timer);
  return soon;
}

// ---- lists that follow what is typed --------------------------------------------------------

async function follow(form) {
  const id = form.dataset.live;
  const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
  if (posts(form)) {
    // What is searched for about people is sent in the body: no name stands in an address or a history.
    const answer = await ask(goal(form), id, { method: 'POST', body: fields });
    if (answer) replace(answer.page, id);
    return;
  }
  const url = goal(form);
  url.search = fields;
  const answer = await ask(url, id);
  if (answer && replace(answer.page, id)) history.replaceState({ id }, '', url);
}

const followSoon = later(follow);

document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (form?.dataset.live) followSoon(form);
  if (form?.dataset.hintAt && event.target.matches('[data-hints]')) hintSoon(form);
  if (form?.dataset.guard !== undefined) changed.add(form);
  if (event.target.dataset.typed !== undefined) confirmable(event.target);
});

// ---- forms and links in the background --------------------------------------------------------

document.addEventListener('submit', async (event) => {
  const form = event.target;
  changed.delete(form);
  if (form.dataset.live) { event.preventDefault(); follow(form); return; }
  const id = form.dataset.swap;
  if (!id || event.submitter?.hasAttribute('formaction')) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await ask(goal(form), id, { method: 'POST', body });
  if (!answer) { if (form.dataset.guard !== undefined) changed.add(form); return; }
  if (!replace(answer.page, id)) location.assign(answer.url);
});

document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[data-swap]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    followSoon.cancel(); // where one went last counts, not what was typed just before
    const answer = await ask(link.href, link.dataset.swap);
    if (!answer) return;
    if (!replace(answer.page, link.dataset.swap)) { location.assign(link.href); return; }
    history.pushState({ id: link.dataset.swap }, '', link.href);
    document.getElementById(link.dataset.swap).scrollIntoView({ block: 'start' });
    return;
  }
  const opener = event.target.closest?.('[data-open]');
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  for (const open of $$('details.drop[open]')) {
    if (!open.contains(event.target) || opener) open.open = false;
  }
});

window.addEventListener('popstate', () => location.reload());

// ---- what is typed is not lost ------------------------------------------------------------------

const changed = new Set();
window.addEventListener('beforeunload', (event) => {
  for (const form of changed) if (!form.isConnected) changed.delete(form);
  if (changed.size) event.preventDefault();
});

// ---- possible duplicates while typing -----------------------------------------------------------

// Sent by POST: what is typed about a person must not stand in an address.
const hintSoon = later(async (form) => {
  const id = form.dataset.hintInto;
  const body = new URLSearchParams(new FormData(form));
  const answer = await ask(form.dataset.hintAt, id, { method: 'POST', body });
  if (answer) replace(answer.page, id);
}, 400);

// ---- typing a name before what cannot be undone ---------------------------------------------------

function confirmable(input) {
  const button = $('button[type="submit"]', input.form);
  button.disabled = input.value.trim() !== input.dataset.typed.trim();
}

// ---- rows that repeat -----------------------------------------------------------------------------

function addRow(set) {
  const rows = $$('[data-row-of]', set);
  const row = rows.at(-1).cloneNode(true);
  for (const told of $$('.field-error', row)) told.remove();
  for (const input of $$('input', row)) {
    if (input.type === 'radio') { input.checked = false; } else { input.value = ''; }
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
  }
  row.classList.remove('bad');
  rows.at(-1).after(row);
  number(set);
  $('input', row).focus();
}

/** Ids, labels and the value of "use first" follow the place of the row. */
function number(set) {
  $$('[data-row-of]', set).forEach((row, place) => {
    for (const part of $$('input, select, button', row)) {
      if (part.id) part.id = part.id.replace(/\d+$/, place);
      const label = part.getAttribute('aria-label');
      if (label) part.setAttribute('aria-label', label.replace(/\d+$/, place + 1));
      if (part.type === 'radio') part.value = place;
    }
    $('[data-repeat-remove]', row).hidden = $$('[data-row-of]', set).length === 1;
  });
}

document.addEventListener('click', (event) => {
  const set = event.target.closest?.('[data-repeat]');
  if (!set) return;
  if (event.target.closest('[data-repeat-add]')) addRow(set);
  if (event.target.closest('[data-repeat-remove]')) {
    const row = event.target.closest('[data-row-of]');
    const first = $('input[type="radio"]', row).checked;
    row.remove();
    number(set);
    if (first) $('input[type="radio"]', set).checked = true;
    if (set.closest('form')?.dataset.guard !== undefined) changed.add(set.closest('form'));
    $('[data-repeat-add]', set).focus();
  }
});

// ---- ticking all --------------------------------------------------------------------------------

document.addEventListener('change', (event) => {
  const all = event.target;
  if (all.dataset.all !== undefined) {
    for (const box of $$(`input[name="${CSS.escape(all.dataset.all)}"]`, all.form)) box.checked = all.checked;
  }
  const count = all.form && $('[data-ticked]', all.form);
  if (count) {
    const ticked = $$('tbody input:checked', all.form).length;
    count.textContent = `${ticked} selected`;
    say(count.textContent);
  }
});

// ---- the keyboard -----------------------------------------------------------------------------

const typing = (element) => element?.matches?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');

function move(step) {
  const rows = $$('[data-row]').filter((row) => $('a', row));
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step))];
  $('a.strong, a', next).focus();
  next.scrollIntoView({ block: 'nearest' });
}

const keys = {
  '/': () => (($('form[data-live] input[type="search"]') ?? $('#find'))?.focus(), true),
  '?': () => ($('#keys')?.showModal(), true),
  n: () => $('[data-key="n"]')?.click(),
  e: () => $('[data-key="e"]')?.click(),
  j: () => move(1),
  k: () => move(-1),
  x: () => $('input[type="checkbox"]', document.activeElement?.closest('[data-row]') ?? document.createElement('i'))?.click(),
};

let leading = 0; // when `g` was pressed
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    event.target.form?.requestSubmit();
    return;
  }
  if (event.key === 'Escape') {
    for (const open of $$('details.drop[open]')) { open.open = false; $('summary', open).focus(); }
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
  if (event.timeStamp - leading < 1200) {
    leading = 0;
    const link = $(`a[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (event.key === 'g') { leading = event.timeStamp; return; }
  const action = Object.hasOwn(keys, event.key) && keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

// ---- the palette --------------------------------------------------------------------------------

let choices = []; // { label, note, href }
let chosen = 0;

function openPalette() {
  const palette = $('#palette');
  if (!palette || palette.open) return;
  palette.showModal();
  const input = $('#palette-input');
  input.value = '';
  offer('');
  input.focus();
}

function places(text) {
  const wanted = text.toLowerCase();
  const rail = $$('#rail a').map((link) => ({
    label: $('.rail-label', link).textContent, note: 'Go to', href: link.href,
  }));
  const acts = $$('[data-key]').filter((act) => act.href).map((act) => ({
    label: act.textContent.trim(), note: 'On this page', href: act.href,
  }));
  return [...acts, ...rail].filter((place) => place.label.toLowerCase().includes(wanted));
}

function offer(text) {
  choices = places(text);
  draw();
  if (text.trim().length > 1) lookUp(text);
}

const lookUp = later(async (text) => {
  const form = $('#find').form;
  const body = new URLSearchParams({ q: text, csrf: form.elements.csrf.value });
  const answer = await ask(goal(form), 'found', { method: 'POST', body });
  if (!answer || $('#palette-input').value !== text) return;
  const found = $$('#found [data-found] li', answer.page).slice(0, 8).map((line) => ({
    label: $('a', line).textContent,
    note: $('small', line)?.textContent || line.parentElement.dataset.found,
    href: $('a', line).getAttribute('href'),
  }));
  choices = [...found, ...places(text)];
  draw();
  say(`${choices.length} results`);
});

function draw() {
  chosen = Math.min(chosen, Math.max(0, choices.length - 1));
  const list = $('#palette-list');
  list.replaceChildren(...choices.map((choice, place) => {
    const item = document.createElement('li');
    item.id = `palette-${place}`;
    item.role = 'option';
    item.ariaSelected = String(place === chosen);
    item.textContent = choice.label;
    const note = document.createElement('small');
    note.textContent = choice.note;
    item.append(note);
    item.addEventListener('click', () => go(place));
    return item;
  }));
  const input = $('#palette-input');
  if (choices.length) input.setAttribute('aria-activedescendant', `palette-${chosen}`);
  else input.removeAttribute('aria-activedescendant');
  $(`#palette-${chosen}`)?.scrollIntoView({ block: 'nearest' });
}

function go(place) {
  if (choices[place]) location.assign(choices[place].href);
}

$('#palette-input')?.addEventListener('input', (event) => { chosen = 0; offer(event.target.value); });
$('#palette-input')?.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && choices.length) {
    event.preventDefault();
    chosen = (chosen + step + choices.length) % choices.length;
    draw();
  }
  if (event.key === 'Enter') { event.preventDefault(); go(chosen); }
});
$('#palette')?.addEventListener('click', (event) => { if (event.target.id === 'palette') event.target.close(); });

// ---- what is hidden without script ----------------------------------------------------------------

function enhance(root) {
  for (const button of $$('[data-repeat-add], [data-open]', root)) button.hidden = false;
  for (const set of $$('[data-repeat]', root)) number(set);
  for (const button of $$('[data-live-hides]', root)) button.hidden = true;
  for (const input of $$('input[data-typed]', root)) confirmable(input);
}

enhance(document);
document.documentElement.classList.add('quick');

// What was done is said once: reloading the page does not say it again.
if (new URLSearchParams(location.search).has('done')) history.replaceState(null, '', location.pathname);
