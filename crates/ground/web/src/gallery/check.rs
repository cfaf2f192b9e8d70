//! The rules every page keeps: what the content security policy needs, what a screen reader
//! needs, what a form needs.

use std::collections::BTreeSet;

use super::markup::{Tag, tags};

/// What breaks a rule, in words; empty for a good page. `whole`: a page, not a part of one.
#[must_use]
pub fn faults(html: &str, whole: bool) -> Vec<String> {
    let tags = tags(html);
    let mut faults = Vec::new();
    nothing_inline(&tags, &mut faults);
    ids_hold(&tags, &mut faults);
    inputs_are_labelled(&tags, &mut faults);
    buttons_are_named(&tags, &mut faults);
    forms_are_protected(&tags, &mut faults);
    everything_closes(&tags, &mut faults);
    headings_descend(&tags, whole, &mut faults);
    faults
}

fn opened<'a>(tags: &'a [Tag], name: &'a str) -> impl Iterator<Item = &'a Tag> {
    tags.iter()
        .filter(move |tag| tag.name == name && !tag.closes)
}

fn nothing_inline(tags: &[Tag], faults: &mut Vec<String>) {
    for tag in tags.iter().filter(|tag| !tag.closes) {
        for (name, value) in &tag.attributes {
            if name == "style" || name.starts_with("on") {
                faults.push(format!("<{}> has an inline {name}", tag.name));
            }
            let address = ["href", "src", "action", "formaction"].contains(&name.as_str());
            let outside = ["http:", "https:", "//", "javascript:"];
            let told_nothing = tag.get("rel") == Some("noopener noreferrer");
            if address && !told_nothing && outside.iter().any(|start| value.starts_with(start)) {
                faults.push(format!("<{}> leads outside: {value}", tag.name));
            }
            if address && value.is_empty() {
                faults.push(format!("<{}> has an empty {name}", tag.name));
            }
        }
        let inline_script =
            tag.name == "script" && (!tag.has("src") || !tag.text.trim().is_empty());
        if inline_script || tag.name == "style" {
            faults.push(format!("inline <{}>", tag.name));
        }
    }
}

fn ids_hold(tags: &[Tag], faults: &mut Vec<String>) {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.get("id")) {
        if id.is_empty() || id.contains(char::is_whitespace) {
            faults.push(format!("an id is not one word: {id:?}"));
        }
        if !ids.insert(id) {
            faults.push(format!("id {id} is there twice"));
        }
    }
    let pointing = [
        "for",
        "aria-describedby",
        "aria-labelledby",
        "aria-controls",
        "list",
        "popovertarget",
    ];
    for tag in tags {
        for (name, value) in tag
            .attributes
            .iter()
            .filter(|(n, _)| pointing.contains(&n.as_str()))
        {
            for id in value.split_whitespace().filter(|id| !ids.contains(id)) {
                faults.push(format!("{name} points to #{id}, which is not there"));
            }
        }
    }
}

fn inputs_are_labelled(tags: &[Tag], faults: &mut Vec<String>) {
    let labelled: BTreeSet<&str> = opened(tags, "label")
        .filter_map(|tag| tag.get("for"))
        .collect();
    let mut inside_label = 0_usize;
    for tag in tags {
        if tag.name == "label" {
            inside_label = if tag.closes {
                inside_label.saturating_sub(1)
            } else {
                inside_label + 1
            };
        }
        let silent = ["hidden", "submit", "button"].contains(&tag.get("type").unwrap_or_default());
        let control = ["input", "select", "textarea"].contains(&tag.name.as_str());
        if tag.closes || !control || silent {
            continue;
        }
        let named = inside_label > 0
            || tag.has("aria-label")
            || tag.has("aria-labelledby")
            || tag.get("id").is_some_and(|id| labelled.contains(id));
        if !named {
            let name = tag.get("name").unwrap_or("?");
            faults.push(format!("<{}> {name} has no label", tag.name));
        }
    }
}

/// A button says what it does, in text or in `aria-label`, and what kind it is.
fn buttons_are_named(tags: &[Tag], faults: &mut Vec<String>) {
    for (at, tag) in tags.iter().enumerate() {
        let acts =
            (tag.name == "button" || tag.name == "a" || tag.name == "summary") && !tag.closes;
        if !acts {
            continue;
        }
        if tag.name == "button" && !tag.has("type") {
            faults.push("a <button> has no type".into());
        }
        let end = tags[at..]
            .iter()
            .position(|t| t.closes && t.name == tag.name);
        let inside = &tags[at..at + end.unwrap_or(0)];
        let words: String = inside.iter().map(|t| t.text.trim()).collect();
        if words.is_empty() && !tag.has("aria-label") {
            faults.push(format!(
                "a <{}> says nothing: {:?}",
                tag.name, tag.attributes
            ));
        }
    }
}

fn forms_are_protected(tags: &[Tag], faults: &mut Vec<String>) {
    let mut posting: Option<(&str, bool)> = None;
    for tag in tags {
        match (tag.name.as_str(), tag.closes) {
            ("form", false) => {
                posting = (tag.get("method") == Some("post"))
                    .then(|| (tag.get("action").unwrap_or("?"), false));
            }
            ("form", true) => {
                if let Some((action, false)) = posting.take() {
                    faults.push(format!("the form to {action} carries no csrf token"));
                }
            }
            ("input", false) if tag.get("name") == Some("csrf") => {
                if let Some(form) = &mut posting {
                    form.1 = tag.get("value").is_some_and(|value| !value.is_empty());
                }
            }
            _ => {}
        }
    }
}

const VOID: [&str; 8] = [
    "!doctype", "meta", "link", "input", "br", "hr", "img", "use",
];
const DRAWN: [&str; 6] = ["path", "circle", "rect", "line", "polyline", "source"];

fn everything_closes(tags: &[Tag], faults: &mut Vec<String>) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        let name = tag.name.as_str();
        if VOID.contains(&name) || DRAWN.contains(&name) {
            continue;
        }
        if !tag.closes {
            open.push(name);
        } else if open.pop() != Some(name) {
            faults.push(format!("</{name}> closes what was not open"));
            return;
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
}

fn headings_descend(tags: &[Tag], whole: bool, faults: &mut Vec<String>) {
    let levels: Vec<u8> = tags
        .iter()
        .filter(|tag| !tag.closes)
        .filter_map(|tag| match tag.name.as_bytes() {
            [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
            _ => None,
        })
        .collect();
    let first = levels.iter().filter(|level| **level == 1).count();
    if whole && first != 1 {
        faults.push(format!("{first} headings of the first level"));
    }
    for pair in levels.windows(2) {
        if pair[1] > pair[0] + 1 {
            faults.push(format!(
                "a heading jumps from level {} to {}",
                pair[0], pair[1]
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn a_good_part_has_no_faults() {
        let html = r#"<form method="post" action="/x"><input type="hidden" name="csrf" value="t">
            <label for="a">A</label><input id="a" name="a"><button type="submit">Go</button></form>"#;
        assert_eq!(faults(html, false), Vec::<String>::new());
    }

    #[test]
    fn each_rule_is_seen_broken() {
        let cases = [
            ("<p style=\"color:red\">a</p>", "inline style"),
            ("<p onclick=\"x()\">a</p>", "inline onclick"),
            ("<script>x</script>", "inline <script>"),
            ("<a href=\"https://a.example\">a</a>", "leads outside"),
            ("<p id=\"a\">a</p><p id=\"a\">b</p>", "there twice"),
            ("<p aria-labelledby=\"b\">a</p>", "not there"),
            ("<input name=\"a\">", "has no label"),
            ("<button type=\"submit\"></button>", "says nothing"),
            (
                "<form method=\"post\" action=\"/x\"></form>",
                "no csrf token",
            ),
            ("<div><p>a</div>", "closes what was not open"),
            ("<h1>a</h1><h3>b</h3>", "jumps"),
            ("<h1>a</h1><h1>b</h1>", "2 headings"),
        ];
        for (html, told) in cases {
            let found = faults(html, true);
            assert!(found.iter().any(|f| f.contains(told)), "{html}: {found:?}");
        }
    }
}
