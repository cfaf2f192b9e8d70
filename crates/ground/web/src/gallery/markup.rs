//! Reads HTML as we write it into tags with attributes. Not a browser's parser: our templates
//! close what they open, and where they do not, that is a fault to report.

/// One tag of a page.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub name: String,
    pub closes: bool,
    pub attributes: Vec<(String, String)>,
    /// Text from this tag to the next.
    pub text: String,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// All tags in order.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = end_of_tag(rest) else { break };
        let mut tag = read_tag(&rest[1..end]);
        rest = &rest[end + 1..];
        tag.text = rest[..rest.find('<').unwrap_or(rest.len())].to_owned();
        out.push(tag);
    }
    out
}

/// Where the tag ends: the first `>` outside quotes.
fn end_of_tag(from: &str) -> Option<usize> {
    let mut quoted = false;
    from.char_indices().find_map(|(at, c)| {
        if c == '"' {
            quoted = !quoted;
        }
        (c == '>' && !quoted).then_some(at)
    })
}

fn read_tag(inside: &str) -> Tag {
    let closes = inside.starts_with('/');
    let inside = inside.trim_start_matches('/').trim_end_matches('/');
    let (name, mut rest) = inside
        .split_once(char::is_whitespace)
        .unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..end].to_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix("=\"") {
            let end = after.find('"').unwrap_or(after.len());
            value = &after[..end];
            rest = after.get(end + 1..).unwrap_or("");
        } else if let Some(after) = rest.strip_prefix('=') {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            value = &after[..end];
            rest = &after[end..];
        }
        attributes.push((name, value.to_owned()));
    }
    Tag {
        name: name.to_lowercase(),
        closes,
        attributes,
        text: String::new(),
    }
}
