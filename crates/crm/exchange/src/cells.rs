//! What a single cell says: addresses, numbers, yes or no, several values in one cell.
//!
//! Pure; checks and splits, but never re-cases, completes or repairs a value.

use serde_json::Value;

/// One of several values in a cell, with what stood beside it.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub value: String,
    pub label: Option<String>,
    pub primary: bool,
    pub opted_out: bool,
}

impl Part {
    fn plain(text: &str) -> Self {
        let (value, primary) = starred(text.trim());
        Self {
            value: value.to_owned(),
            primary,
            ..Self::default()
        }
    }
}

/// Text behind the mark `* `, with which Google marks the primary value or a system label.
pub(crate) fn starred(text: &str) -> (&str, bool) {
    text.strip_prefix("* ")
        .map_or((text, false), |rest| (rest.trim_start(), true))
}

/// The mail addresses of a cell: a JSON array, or joined by ` ::: `, commas, semicolons, lines.
pub(crate) fn mails(cell: &str) -> Vec<Part> {
    const KEYS: [&str; 4] = ["emailAddress", "email", "address", "value"];
    json_parts(cell, &KEYS).unwrap_or_else(|| split(cell, &[',', ';', '\n', '\r']))
}

/// The phone numbers of a cell. Commas and semicolons divide only where every part is long enough
/// to be a number: in `+49 30 1234,,99` they are pauses.
pub(crate) fn phones(cell: &str) -> Vec<Part> {
    const KEYS: [&str; 4] = ["phoneNumber", "number", "phone", "value"];
    if let Some(parts) = json_parts(cell, &KEYS) {
        return parts;
    }
    let parts = split(cell, &[',', ';', '\n', '\r']);
    let is_number = |part: &Part| part.value.chars().filter(char::is_ascii_digit).count() >= 5;
    if parts.iter().all(is_number) {
        parts
    } else {
        split(cell, &['\n', '\r'])
    }
}

/// Tags: a JSON array, or joined by ` ::: `, commas, semicolons. Groups that Google makes itself
/// are marked `* ` and are no tags.
pub(crate) fn tags(cell: &str) -> Vec<String> {
    let own = |part: Part| (!part.primary).then_some(part.value);
    let parts = json_parts(cell, &["name", "value"]);
    let divided = if cell.contains(":::") {
        &['\n'][..]
    } else {
        &[',', ';', '\n', '\r']
    };
    parts
        .unwrap_or_else(|| split(cell, divided))
        .into_iter()
        .filter_map(own)
        .collect()
}

/// Ids joined by semicolons or commas.
pub(crate) fn ids(cell: &str) -> Vec<String> {
    split(cell, &[';', ','])
        .into_iter()
        .map(|part| part.value)
        .collect()
}

/// Web addresses: a JSON array, or joined by ` ::: `.
pub(crate) fn webs(cell: &str) -> Vec<String> {
    let parts = json_parts(cell, &["url", "value"]).unwrap_or_else(|| split(cell, &['\n']));
    parts.into_iter().map(|part| part.value).collect()
}

fn split(cell: &str, dividers: &[char]) -> Vec<Part> {
    cell.split(":::")
        .flat_map(|part| part.split(dividers))
        .map(Part::plain)
        .filter(|part| !part.value.is_empty())
        .collect()
}

/// `["a", "b"]`, or an array of objects of which one key holds the value. `None`: no such array.
fn json_parts(cell: &str, keys: &[&str]) -> Option<Vec<Part>> {
    if !(cell.starts_with('[') && cell.ends_with(']')) {
        return None;
    }
    let Ok(Value::Array(items)) = serde_json::from_str(cell) else {
        return None;
    };
    items.iter().map(|item| json_part(item, keys)).collect()
}

fn json_part(item: &Value, keys: &[&str]) -> Option<Part> {
    let Value::Object(object) = item else {
        return item.as_str().map(Part::plain);
    };
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::trim);
    let flag = |key: &str| object.get(key).and_then(Value::as_bool).unwrap_or(false);
    let value = keys.iter().find_map(|key| text(key))?;
    let label = ["type", "label"]
        .iter()
        .find_map(|key| text(key))
        .filter(|l| !l.is_empty());
    Some(Part {
        value: with_calling_code(value, text("callingCode").unwrap_or("")),
        label: label.map(ToOwned::to_owned),
        primary: flag("primary"),
        opted_out: flag("optOut"),
    })
}

/// The number with a calling code in front, unless it is international already.
pub(crate) fn with_calling_code(number: &str, code: &str) -> String {
    if code.is_empty() || number.starts_with('+') || number.starts_with("00") {
        return number.to_owned();
    }
    let plus = if code.starts_with('+') { "" } else { "+" };
    format!("{plus}{code} {number}")
}

/// Whether the text is a mail address: one `@`, a local part of at most 64 bytes, a domain with a
/// dot; 254 bytes in all (RFC 5321, 4.5.3.1). Letters of any script are accepted (RFC 6531);
/// quoted local parts and address literals are not, for no customer has one.
pub(crate) fn is_mail(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_char = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(is_domain_char)
    };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(local_char)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
        && !domain
            .split('.')
            .next_back()
            .is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters, digits, hyphens, and the vowel signs that some scripts write beside letters; never
/// what cannot be seen, with which one address passes for another.
fn is_domain_char(c: char) -> bool {
    let unseen = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    c.is_alphanumeric()
        || c == '-'
        || !(c.is_ascii() || c.is_whitespace() || c.is_control() || unseen)
}

/// Whether the text can be a phone number: at least three digits.
pub(crate) fn is_phone(text: &str) -> bool {
    text.chars().filter(|c| c.is_numeric()).count() >= 3
}

/// Whether the text is an address of the web, with or without `http://`. Other schemes are
/// refused: such a cell becomes a link on a screen.
pub(crate) fn is_web(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    match text.split_once(':') {
        None => true,
        Some((scheme, rest)) if rest.starts_with("//") => {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        }
        // A port: `shop.example.org:8080/a`.
        Some((host, rest)) => host.contains('.') && rest.starts_with(|c: char| c.is_ascii_digit()),
    }
}

/// Yes or no in English, German and French; `None` when it is neither.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "x" | "on" | "ja" | "wahr" | "oui" | "vrai" => Some(true),
        "0" | "false" | "no" | "n" | "off" | "nein" | "falsch" | "non" | "faux" => Some(false),
        _ => None,
    }
}

/// A year of four digits.
pub(crate) fn year(text: &str) -> Option<u16> {
    let year = text
        .parse()
        .ok()
        .filter(|_| text.len() == 4 && !text.starts_with('+'))?;
    (1000..=9999).contains(&year).then_some(year)
}

/// Whether a date cell is one of the placeholders that Outlook writes for "none".
pub(crate) fn is_no_date(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '0' | '/' | '-' | '.' | ':' | ' '))
}
