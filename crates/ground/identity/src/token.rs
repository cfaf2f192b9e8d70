//! Tokens: 256 random bits, written in base64url, kept only as their SHA-256.
//!
//! An API token is `pvt_`, the 43 characters, and the CRC-32 of both in 6 more: a mistyped or
//! invented one is refused before anything is looked up, and scanners for leaked secrets know it.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base::{ParseIdError, Rng, hex, unhex};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of 32 bytes in base64url.
const CHARS: usize = 43;
const PREFIX: &str = "pvt_";
const CSRF: &[u8] = b"privet.csrf.1";

/// Makes a type of secret text that is never printed by accident.
macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text, for the one who owns it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret_text! {
    /// What a session's cookie holds.
    SessionToken
}
secret_text! {
    /// What a one-time link ends with.
    LinkToken
}
secret_text! {
    /// An API token in clear: shown once.
    ApiToken
}

impl SessionToken {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self(random(rng))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        hash_of(text).map(|_| Self(text.to_owned()))
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        hash_of(&self.0).unwrap_or_default()
    }

    /// The secret that the session's form tokens are made from: HMAC(token, "privet.csrf.1").
    pub(crate) fn csrf(&self) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        array(hmac::sign(&key, CSRF).as_ref())
    }
}

impl LinkToken {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self(random(rng))
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        hash_of(&self.0).unwrap_or_default()
    }
}

impl ApiToken {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        let body = format!("{PREFIX}{}", random(rng));
        let check = URL_SAFE_NO_PAD.encode(crc32(body.as_bytes()).to_be_bytes());
        Self(format!("{body}{check}"))
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        api_hash(&self.0).unwrap_or_default()
    }
}

/// What an API token is kept as; `None` when the text cannot be one.
pub(crate) fn api_hash(text: &str) -> Option<[u8; 32]> {
    if !text.is_ascii() || text.len() != PREFIX.len() + CHARS + 6 {
        return None;
    }
    let (body, check) = text.split_at(PREFIX.len() + CHARS);
    let check: [u8; 4] = URL_SAFE_NO_PAD.decode(check).ok()?.try_into().ok()?;
    if u32::from_be_bytes(check) != crc32(body.as_bytes()) {
        return None;
    }
    hash_of(body.strip_prefix(PREFIX)?)
}

/// What a session or link token is kept as; `None` when the text cannot be one.
pub(crate) fn hash_of(text: &str) -> Option<[u8; 32]> {
    if text.len() != CHARS {
        return None;
    }
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(array(digest(&SHA256, &bytes).as_ref()))
}

fn random(rng: &dyn Rng) -> String {
    URL_SAFE_NO_PAD.encode(rng.bytes::<32>())
}

pub(crate) fn array(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(bytes);
    out
}

/// CRC-32 of ISO 3309, as zlib computes it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// The public name of a session or an API token: the first half of its hash, as leaves carry it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle(pub [u8; 16]);

impl Handle {
    pub(crate) fn of(hash: &[u8; 32]) -> Self {
        let mut out = [0; 16];
        out.copy_from_slice(&hash[..16]);
        Self(out)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Handle {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(ParseIdError)
    }
}

#[cfg(test)]
mod tests {
    use base::SystemRng;

    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_zlib() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn an_api_token_with_any_character_changed_is_refused() {
        let token = ApiToken::new(&SystemRng);
        assert_eq!(token.expose().len(), 53);
        assert!(api_hash(token.expose()).is_some());
        for at in 0..token.expose().len() {
            let mut bytes = token.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(api_hash(std::str::from_utf8(&bytes).unwrap()), None, "{at}");
        }
        assert_eq!(api_hash(""), None);
        assert_eq!(api_hash(&"ä".repeat(53)), None);
    }

    #[test]
    fn tokens_are_not_printed_and_handles_come_back() {
        let token = SessionToken::new(&SystemRng);
        assert_eq!(format!("{token:?}"), "SessionToken(..)");
        let handle = Handle::of(&token.hash());
        assert_eq!(handle.to_string().parse(), Ok(handle));
        assert!("zz".parse::<Handle>().is_err());
        assert_ne!(token.csrf(), token.hash());
    }
}
