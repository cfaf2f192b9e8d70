//! Blind indexes: a keyed token stands for a sealed value, so that an equal value is found without
//! the disk holding it.
//!
//! key = HKDF(BIK, "privet.bidx.1" | workspace | table | column | kind | generation), numbers
//! big-endian (2, 2, 1, 4 bytes); token = the first `bits` bits of
//! HMAC-SHA-256(key, length of the value in 4 bytes | value). The length is part of what is
//! authenticated, so that a prefix of three letters never meets one of four.
//!
//! Must never do: normalise (the caller does, once, for writing and for asking), or make anything
//! that keeps an order.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hmac;
use base::WorkspaceId;

use crate::Secret;

/// The tokens of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct BlindIndex(Arc<Inner>);

struct Inner {
    ws: WorkspaceId,
    /// Newest first: one, or two while an index is rebuilt.
    roots: Vec<(u32, Secret)>,
    keys: RwLock<HashMap<(u16, u16, u8), Keys>>,
}

/// The derived keys of one table, column and kind, newest generation first.
type Keys = Arc<[hmac::Key]>;

/// A truncated MAC of 1 to 128 bits; the bits of the last byte that do not count are zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    bytes: [u8; 16],
    len: u8,
}

impl Token {
    /// The bytes, as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn cut(mac: &[u8], bits: u8) -> Self {
        let bits = bits.clamp(1, 128);
        let len = bits.div_ceil(8);
        let mut bytes = [0; 16];
        let kept = usize::from(len);
        bytes[..kept].copy_from_slice(&mac[..kept]);
        bytes[kept - 1] &= 0xFF << (len * 8 - bits).min(7);
        Self { bytes, len }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", base::hex(self.as_bytes()))
    }
}

impl BlindIndex {
    pub(crate) fn of(ws: WorkspaceId, roots: Vec<(u32, Secret)>) -> Self {
        Self(Arc::new(Inner {
            ws,
            roots,
            keys: RwLock::new(HashMap::new()),
        }))
    }

    /// The token under the newest generation. `bits` outside 1..=128 are taken as the nearest end.
    #[must_use]
    pub fn token(&self, table: u16, column: u16, kind: u8, normalised: &[u8], bits: u8) -> Token {
        mac(&self.keys(table, column, kind)[0], normalised, bits)
    }

    /// The tokens under every generation, newest first: one, or two while an index is rebuilt. Write
    /// all of them and ask for any of them; then nothing is missed at any moment of a rotation.
    #[must_use]
    pub fn tokens(
        &self,
        table: u16,
        column: u16,
        kind: u8,
        normalised: &[u8],
        bits: u8,
    ) -> Vec<Token> {
        let keys = self.keys(table, column, kind);
        keys.iter().map(|key| mac(key, normalised, bits)).collect()
    }

    /// The generations in use, newest first.
    #[must_use]
    pub fn generations(&self) -> Vec<u32> {
        self.0
            .roots
            .iter()
            .map(|(generation, _)| *generation)
            .collect()
    }

    fn keys(&self, table: u16, column: u16, kind: u8) -> Keys {
        let name = (table, column, kind);
        let known = self
            .0
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
            .cloned();
        known.unwrap_or_else(|| {
            let made: Keys = self
                .0
                .roots
                .iter()
                .map(|(generation, root)| self.derive(root, *generation, name))
                .collect();
            let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(keys.entry(name).or_insert(made))
        })
    }

    fn derive(
        &self,
        root: &Secret,
        generation: u32,
        (table, column, kind): (u16, u16, u8),
    ) -> hmac::Key {
        let key = root.derive(&[
            b"privet.bidx.1",
            self.0.ws.as_bytes(),
            &table.to_be_bytes(),
            &column.to_be_bytes(),
            &[kind],
            &generation.to_be_bytes(),
        ]);
        hmac::Key::new(hmac::HMAC_SHA256, key.expose())
    }
}

fn mac(key: &hmac::Key, normalised: &[u8], bits: u8) -> Token {
    let mut context = hmac::Context::with_key(key);
    let len = u32::try_from(normalised.len()).unwrap_or(u32::MAX);
    context.update(&len.to_be_bytes());
    context.update(normalised);
    Token::cut(context.sign().as_ref(), bits)
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlindIndex(generations {:?})", self.generations())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(ws: u8, roots: &[u32]) -> BlindIndex {
        let roots = roots.iter().map(|g| {
            let byte = u8::try_from(*g).unwrap();
            (*g, Secret::copied(&[byte; 32]).unwrap())
        });
        BlindIndex::of(WorkspaceId::from_bytes([ws; 16]), roots.collect())
    }

    /// Computed with Python's `hmac` and `hashlib` from the formula in the module's head.
    #[test]
    fn a_known_token() {
        let token = index(0xAB, &[1]).token(2, 3, 4, b"ada@example.org", 128);
        assert_eq!(
            format!("{token:?}"),
            "Token(535d60a20ee1efab498868d6fb1e7bd1)"
        );
    }

    #[test]
    fn truncation_keeps_whole_bits() {
        let mac = [0xFF; 32];
        for bits in 1..=128_u8 {
            let token = Token::cut(&mac, bits);
            let ones: u32 = token.as_bytes().iter().map(|byte| byte.count_ones()).sum();
            assert_eq!(ones, u32::from(bits));
            assert_eq!(token.as_bytes().len(), usize::from(bits.div_ceil(8)));
        }
        assert_eq!(Token::cut(&mac, 0).as_bytes(), [0x80]);
        assert_eq!(Token::cut(&mac, 255).as_bytes(), [0xFF; 16]);
        assert_eq!(Token::cut(&mac, 13).as_bytes(), [0xFF, 0xF8]);
    }

    #[test]
    fn equal_is_equal_and_everything_else_differs() {
        let one = index(1, &[1]);
        let base = one.token(1, 1, 1, b"ada", 128);
        assert_eq!(base, index(1, &[1]).token(1, 1, 1, b"ada", 128));
        let others = [
            one.token(2, 1, 1, b"ada", 128),
            one.token(1, 2, 1, b"ada", 128),
            one.token(1, 1, 2, b"ada", 128),
            one.token(1, 1, 1, b"adam", 128),
            one.token(1, 1, 1, b"", 128),
            index(2, &[1]).token(1, 1, 1, b"ada", 128),
            index(1, &[2]).token(1, 1, 1, b"ada", 128),
        ];
        for (i, other) in others.iter().enumerate() {
            assert_ne!(*other, base, "{i}");
            assert!(others[i + 1..].iter().all(|later| later != other), "{i}");
        }
    }

    #[test]
    fn two_generations_give_two_tokens_newest_first() {
        let both = index(1, &[2, 1]);
        let tokens = both.tokens(1, 1, 1, b"ada", 64);
        assert_eq!(tokens[0], both.token(1, 1, 1, b"ada", 64));
        assert_eq!(tokens[0], index(1, &[2]).token(1, 1, 1, b"ada", 64));
        assert_eq!(tokens[1], index(1, &[1]).token(1, 1, 1, b"ada", 64));
        assert_eq!(tokens.len(), 2);
    }
}
