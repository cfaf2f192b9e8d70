//! One form for what people write in many: the input of blind indexes, of duplicate checks and of the
//! name index. Each function is idempotent.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Case, accents and width folded away: NFKD, marks stripped, lower case. `ß` becomes `ss`.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The folded words of a text: runs of letters and digits.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The folded words of a text with one space between them.
#[must_use]
pub fn whole(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len());
    for word in words(&folded) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A mail address in its stored form: trimmed, NFKC, the domain in lower case. `None` when it is none
/// (RFC 5321 limits: 64 octets before the `@`, 255 after it).
#[must_use]
pub fn mail(text: &str) -> Option<String> {
    let text: String = text.trim().nfkc().collect();
    let (local, domain) = text.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let label_is_sound = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let local_is_sound = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control() && !"()<>[]:;,\\\"@".contains(c));
    let domain_is_sound =
        domain.len() <= 255 && domain.contains('.') && domain.split('.').all(label_is_sound);
    (local_is_sound && domain_is_sound).then(|| format!("{local}@{domain}"))
}

/// A mail address as it is looked up: the local part in lower case too.
#[must_use]
pub fn mail_key(text: &str) -> Option<String> {
    mail(text).map(|mail| mail.to_lowercase())
}

/// A phone number in E.164, read as one of `country` (two letters) when it has no country code.
#[must_use]
pub fn phone(text: &str, country: &str) -> Option<String> {
    let e164 = read_phone(text, country.parse().ok())?;
    // Letters and stray zeros can make a number that reads differently the second time: such a one is
    // kept as it was typed instead.
    let again = ["DE", "US"].map(|country| read_phone(&e164, country.parse().ok()));
    again
        .iter()
        .all(|read| read.as_ref() == Some(&e164))
        .then_some(e164)
}

fn read_phone(text: &str, country: Option<phonenumber::country::Id>) -> Option<String> {
    let number = phonenumber::parse(country, text).ok()?;
    let plausible = (5..=15).contains(&number.national().value().to_string().len());
    plausible.then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// A stored number as people write it: `+1 810-292-9388`.
#[must_use]
pub fn phone_shown(stored: &str) -> String {
    if !stored.starts_with('+') {
        return stored.to_owned();
    }
    phonenumber::parse(None, stored).map_or_else(
        |_| stored.to_owned(),
        |number| {
            number
                .format()
                .mode(phonenumber::Mode::International)
                .to_string()
        },
    )
}

/// The digits of a number.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A calendar day as `1980-12-31`, from that form only: day and month orders differ by country and
/// are settled where a file is read.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let sound = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())
    };
    if parts.next().is_some() || !sound(year, 4) || !sound(month, 2) || !sound(day, 2) {
        return None;
    }
    let (y, m, d): (u32, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let days = match m {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (y > 0 && (1..=days).contains(&d)).then(|| format!("{y:04}-{m:02}-{d:02}"))
}

/// A calendar day from the ways files write it, where that can mean one day only: `1980-12-31`,
/// `31.12.1980`, `1980/12/31`, `31/12/1980`, `12/31/1980`. `None` for `03/04/1980`, which cannot be told.
#[must_use]
pub fn date_as_written(text: &str) -> Option<String> {
    let text = text.trim().split(['T', ' ']).next()?;
    let parts: Vec<u32> = text
        .split(['-', '.', '/'])
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [a, b, c] = parts[..] else { return None };
    let (year, month, day) = match text.chars().find(|c| !c.is_ascii_digit())? {
        _ if a > 31 => (a, b, c),
        '.' => (c, b, a),
        _ if a > 12 => (c, b, a),
        _ if b > 12 => (c, a, b),
        _ if a == b => (c, a, b),
        _ => return None,
    };
    date(&format!("{year:04}-{month:02}-{day:02}"))
}

/// A web address with its scheme: only `http` and `https`, never script.
#[must_use]
pub fn link(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let with_scheme = if lower.starts_with("https://") || lower.starts_with("http://") {
        text.to_owned()
    } else if lower.contains(':')
        && !lower
            .split(['/', '?', '#'])
            .next()
            .is_some_and(|host| host.contains('.'))
    {
        return None;
    } else {
        format!("https://{text}")
    };
    let (_, rest) = with_scheme.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let sound = host.contains('.')
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '_'))
        && !rest
            .chars()
            .any(|c| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\''));
    sound.then_some(with_scheme)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_case_and_width_are_folded() {
        assert_eq!(
            fold("ŁÓDŹ Straße Ælfred Ｊosé"),
            "lodz strasse aelfred jose"
        );
        assert_eq!(whole("  O'Neil-Smith,  Jr. "), "o neil smith jr");
    }

    #[test]
    fn mails_are_taken_and_refused() {
        assert_eq!(
            mail(" Jo.Doe@Example.ORG "),
            Some("Jo.Doe@example.org".into())
        );
        assert_eq!(mail_key("JO@x.de"), Some("jo@x.de".into()));
        for bad in [
            "jo",
            "jo@",
            "@x.de",
            "jo@x",
            "a b@x.de",
            "jo@-x.de",
            "jo..x@y.de",
            "jo@x..de",
            "<jo@x.de>",
        ] {
            assert_eq!(mail(bad), None, "{bad}");
        }
    }

    #[test]
    fn phones_become_e164() {
        assert_eq!(phone("504-621-8927", "US"), Some("+15046218927".into()));
        assert_eq!(phone("(0)30 901820", "DE"), Some("+4930901820".into()));
        assert_eq!(
            phone("+44 20 7946 0018", "US"),
            Some("+442079460018".into())
        );
        assert_eq!(phone("call me", "US"), None);
        assert_eq!(phone("012aa0", "US"), None);
    }

    #[test]
    fn days_and_links_are_checked() {
        assert_eq!(date("2024-02-29"), Some("2024-02-29".into()));
        for bad in [
            "2023-02-29",
            "1.2.2024",
            "2024-13-01",
            "2024-00-10",
            "24-01-01",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(
            link("www.example.org"),
            Some("https://www.example.org".into())
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://a b.de",
            "nothing",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = whole(&text);
            prop_assert_eq!(&whole(&once), &once);
        }

        #[test]
        fn mails_and_phones_are_stable(text in "[a-zA-Z0-9.@+ ()-]{0,30}") {
            if let Some(once) = mail(&text) {
                prop_assert_eq!(mail(&once), Some(once));
            }
            if let Some(once) = phone(&text, "US") {
                prop_assert_eq!(phone(&once, "DE"), Some(once));
            }
        }
    }
}
