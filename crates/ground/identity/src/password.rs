//! Which passwords are taken: long ones that nobody guesses first. No rules about kinds of characters
//! (NIST SP 800-63B section 3.1.1.2; OWASP ASVS 5.0 V6.2).

use records::normalise::{fold, mail_key, words};
use unicode_normalization::UnicodeNormalization;

/// The most common passwords of 12 characters and more, folded.
const COMMON: &str = include_str!("common_passwords.txt");
const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// What must be left of a password besides names that everybody knows.
const OWN_PART: usize = 8;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer than 12 characters.
    #[error("a password has at least 12 characters: three or four words are easy to remember")]
    Short,
    /// More than 128 characters.
    #[error("a password has at most 128 characters")]
    Long,
    /// One of those that are tried first.
    #[error("this password is one of the most common ones and would be tried first")]
    Common,
    /// Little more than the user's or the organisation's name or mail address.
    #[error("this password is little more than your name, mail address or organisation")]
    Personal,
}

/// What everybody knows about the user.
pub(crate) struct Known {
    pub name: String,
    pub mails: Vec<String>,
    pub organisation: String,
}

/// Whether a password may be taken.
pub(crate) fn check(password: &str, known: &Known) -> Result<(), Weak> {
    let length = password.nfc().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let (folded, squeezed) = (fold(password), squeeze(password));
    if COMMON
        .lines()
        .any(|common| common == folded || common == squeezed)
    {
        return Err(Weak::Common);
    }
    let mut rest = squeezed.clone();
    for term in known.terms() {
        rest = rest.replace(&term, "");
    }
    if rest.len() < squeezed.len() && rest.chars().count() < OWN_PART {
        return Err(Weak::Personal);
    }
    Ok(())
}

impl Known {
    /// The terms a guesser tries, longest first.
    fn terms(&self) -> Vec<String> {
        let mut terms = vec![squeeze(&self.name), squeeze(&self.organisation)];
        for text in [&self.name, &self.organisation] {
            terms.extend(words(&fold(text)).map(str::to_owned));
        }
        for mail in self.mails.iter().filter_map(|mail| mail_key(mail)) {
            terms.push(squeeze(&mail));
            let (local, domain) = mail.rsplit_once('@').unwrap_or((&mail, ""));
            terms.extend([squeeze(local), squeeze(domain)]);
            terms.extend(words(&fold(local)).map(str::to_owned));
            terms.extend(domain.split('.').next().map(squeeze));
        }
        terms.retain(|term| term.chars().count() >= 3);
        terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
        terms
    }
}

/// Folded letters and digits alone.
fn squeeze(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Known {
        Known {
            name: "Anna Lindqvist".into(),
            mails: vec!["anna.lind@northwind.example".into()],
            organisation: "Northwind Traders".into(),
        }
    }

    #[test]
    fn the_list_holds_about_a_hundred_folded_passwords_that_are_long_enough() {
        let all: Vec<&str> = COMMON.lines().collect();
        assert!((100..=140).contains(&all.len()), "{}", all.len());
        for common in &all {
            assert_eq!(fold(common), **common);
            assert!(common.chars().count() >= SHORTEST, "{common}");
            assert_eq!(
                all.iter().filter(|other| other == &common).count(),
                1,
                "{common}"
            );
        }
    }

    #[test]
    fn weak_passwords_are_refused_with_their_reason() {
        for (password, why) in [
            ("short", Weak::Short),
            ("elevenchars", Weak::Short),
            ("PasswordPassword", Weak::Common),
            ("Password-1234", Weak::Common),
            ("123456789012", Weak::Common),
            ("anna.lind@northwind.example", Weak::Personal),
            ("AnnaLindqvist1", Weak::Personal),
            ("Northwind2026!", Weak::Personal),
            ("ännä-lindqvist-7", Weak::Personal),
        ] {
            assert_eq!(check(password, &known()), Err(why), "{password}");
        }
        assert_eq!(check(&"x".repeat(129), &known()), Err(Weak::Long));
    }

    #[test]
    fn phrases_and_any_alphabet_are_taken() {
        for password in [
            "correct horse battery staple",
            "anna walks along the northern wind",
            "Ключ от старой двери",
            "😀😀😀🚪🚪🚪🔑🔑🔑🌳🌳🌳",
            &"y7".repeat(64),
        ] {
            assert_eq!(check(password, &known()), Ok(()), "{password}");
        }
    }

    proptest! {
        #[test]
        fn only_length_is_asked_of_what_nobody_knows(password in "[g-k]{1,140}") {
            let expected = match password.len() {
                0..12 => Err(Weak::Short),
                12..=128 => Ok(()),
                _ => Err(Weak::Long),
            };
            prop_assert_eq!(check(&password, &known()), expected);
        }
    }
}
