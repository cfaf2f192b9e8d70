//! The accessibility audit of a page: what a script can see, and what only the Tab key can show.

use serde_json::Value;

use super::Page;

const AUDIT: &str = include_str!("audit.js");

/// One stop of the Tab key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// The element, shortened.
    pub element: String,
    /// Something about it changed when it got the focus.
    pub shows: bool,
    /// It lies inside the window and nothing covers it.
    pub in_view: bool,
}

impl Page {
    /// What is wrong with the page for a person who uses it without sight, pointer or luck. Empty is right.
    #[must_use]
    pub fn audit(&self) -> Vec<String> {
        let found = self.ask(AUDIT);
        let list = found
            .as_array()
            .unwrap_or_else(|| panic!("the audit of {} gave {found}", self.path()));
        list.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// The page passes the audit.
    #[track_caller]
    pub fn is_accessible(&self) {
        let found = self.audit();
        assert!(
            found.is_empty(),
            "{} is not accessible:\n{}",
            self.path(),
            found.join("\n")
        );
    }

    /// Presses Tab through the whole page: every control is reached once around, each stop can be seen.
    #[track_caller]
    pub fn is_usable_by_keyboard(&self) -> Vec<Focus> {
        let controls = self.ask(PREPARE).as_u64().expect("the number of controls");
        let mut stops: Vec<Focus> = Vec::new();
        let limit = controls + 25;
        loop {
            self.press("Tab", 0);
            let now = self.ask(LOOK);
            if now["round"] == Value::Bool(true) {
                break;
            }
            assert!(
                (stops.len() as u64) < limit,
                "the Tab key is caught on {}: it stays around {}",
                self.path(),
                now["element"]
            );
            stops.push(Focus {
                element: now["element"].as_str().unwrap_or_default().to_owned(),
                shows: now["shows"].as_bool().unwrap_or_default(),
                in_view: now["in_view"].as_bool().unwrap_or_default(),
            });
        }
        let missed = self.ask(MISSED);
        assert_eq!(
            missed,
            serde_json::json!([]),
            "the Tab key does not reach these on {}",
            self.path()
        );
        let dim: Vec<&Focus> = stops
            .iter()
            .filter(|stop| !stop.shows || !stop.in_view)
            .collect();
        assert!(
            dim.is_empty(),
            "the focus cannot be seen on {}: {dim:#?}",
            self.path()
        );
        stops
    }
}

/// Notes how every control looks without focus, and starts at the top.
const PREPARE: &str = r"(() => {
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
    window.scrollTo(0, 0);
    const look = (e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow,
        s.borderTopColor, s.borderBottomColor, s.backgroundColor, s.color, s.textDecorationLine, s.clipPath, s.opacity].join('|'); };
    const plain = (e) => look(e) + '||' + (e.parentElement ? look(e.parentElement) : '');
    const tabbable = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable=true]')]
        .filter((e) => !e.disabled && e.tabIndex >= 0 && !e.closest('[inert]') && e.checkVisibility({ visibilityProperty: true }))
        .filter((e) => e.type !== 'radio' || e.checked || ![...document.getElementsByName(e.name)].some((o) => o.checked || o.compareDocumentPosition(e) & 4));
    window.privetFocus = { plain, before: new Map(tabbable.map((e) => [e, plain(e)])), reached: new Set(), first: null };
    return tabbable.length;
})()";

/// Says where the focus is now.
const LOOK: &str = r"(() => {
    const watch = window.privetFocus, e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return { round: watch.first !== null || watch.before.size === 0, element: 'the page', shows: true, in_view: true };
    if (e === watch.first) return { round: true };
    watch.first ??= e;
    watch.reached.add(e);
    const box = e.getBoundingClientRect();
    const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
    const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const top = document.elementFromPoint(x, y);
    const clear = !top || e.contains(top) || top.contains(e) || top.closest('label')?.control === e;
    return { round: false, element: e.outerHTML.replace(/\s+/g, ' ').slice(0, 120),
        shows: !watch.before.has(e) || watch.before.get(e) !== watch.plain(e), in_view: inside && clear };
})()";

/// The controls that were not reached.
const MISSED: &str = r"(() => {
    const watch = window.privetFocus;
    return [...watch.before.keys()].filter((e) => !watch.reached.has(e)).map((e) => e.outerHTML.slice(0, 120));
})()";
