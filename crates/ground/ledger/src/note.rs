//! Checkpoints as text: C2SP `tlog-checkpoint` in a C2SP `signed-note`, under two signatures.
//!
//! The note is three lines (origin, size, base64 of the root), an empty line and two signature
//! lines under the origin as key name:
//! - type 0x01, Ed25519 over the three lines, for the public witnesses;
//! - type 0x06, ML-DSA-44 (FIPS 204, empty context) as in C2SP `tlog-cosignature`: 8 bytes of
//!   seconds since the epoch, then the signature over
//!   `"subtree/v1\n\0" | len u8, key name | seconds u64 | len u8, origin | 0 u64 | size u64 | root`.
//!
//! aws-lc-rs offers ML-DSA-44 in its stable API since 1.18, so both lines are always written.
//! A checkpoint counts as signed only when each kind of trusted key has signed it: a thief of one
//! key, or one broken algorithm, is not enough.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Error;
use crate::tree::Hash;

const LABEL: &[u8; 12] = b"subtree/v1\n\0";
/// Signature lines read from one note at most (C2SP: at least 16 must be accepted).
const LINES: usize = 32;

/// The algorithm of a verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Type 0x01, 32 bytes of public key.
    Ed25519,
    /// Type 0x06, 1,312 bytes of public key.
    MlDsa44,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::MlDsa44 => 6,
        }
    }
}

/// The public half of a log key, with the name of the log it may sign for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    public: Vec<u8>,
}

impl VerifierKey {
    fn new(name: &str, kind: KeyKind, public: &[u8]) -> Result<Self, Error> {
        check_origin(name)?;
        let length = match kind {
            KeyKind::Ed25519 => 32,
            KeyKind::MlDsa44 => 1_312,
        };
        if public.len() != length {
            return Err(Error::VerifierKey);
        }
        let id = digest::digest(
            &digest::SHA256,
            &[name.as_bytes(), b"\n", &[kind.byte()], public].concat(),
        );
        let [a, b, c, d, ..] = *id.as_ref() else {
            return Err(Error::VerifierKey);
        };
        Ok(Self {
            name: name.to_owned(),
            kind,
            id: [a, b, c, d],
            public: public.to_vec(),
        })
    }

    /// The name of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    fn verifies(&self, head: &SignedHead, signature: &[u8]) -> bool {
        match self.kind {
            KeyKind::Ed25519 => UnparsedPublicKey::new(&ED25519, &self.public)
                .verify(head.text().as_bytes(), signature)
                .is_ok(),
            KeyKind::MlDsa44 => signature
                .split_first_chunk()
                .is_some_and(|(at, signature)| {
                    let message = head.subtree_message(&self.name, u64::from_be_bytes(*at));
                    UnparsedPublicKey::new(&ML_DSA_44, &self.public)
                        .verify(&message, signature)
                        .is_ok()
                }),
        }
    }
}

/// The C2SP text of a verifier key: `name+id+base64(type | public key)`.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[self.kind.byte()], self.public.as_slice()].concat());
        write!(f, "{}+{}+{key}", self.name, base::hex(&self.id))
    }
}

impl FromStr for VerifierKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, rest) = text.split_once('+').ok_or(Error::VerifierKey)?;
        let (id, key) = rest.split_once('+').ok_or(Error::VerifierKey)?;
        let key = STANDARD.decode(key).map_err(|_| Error::VerifierKey)?;
        let (kind, public) = match key.split_first() {
            Some((1, public)) => (KeyKind::Ed25519, public),
            Some((6, public)) => (KeyKind::MlDsa44, public),
            _ => return Err(Error::VerifierKey),
        };
        let this = Self::new(name, kind, public)?;
        if base::hex(&this.id) != id {
            return Err(Error::VerifierKey);
        }
        Ok(this)
    }
}

/// What a checkpoint says: the log, its size and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// The log's name.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
}

impl SignedHead {
    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// What ML-DSA-44 signs, from leaf 0 to the size.
    fn subtree_message(&self, name: &str, seconds: u64) -> Vec<u8> {
        let mut out = LABEL.to_vec();
        put_short(&mut out, name);
        out.extend(seconds.to_be_bytes());
        put_short(&mut out, &self.origin);
        out.extend(0u64.to_be_bytes());
        out.extend(self.size.to_be_bytes());
        out.extend(self.root);
        out
    }

    fn read(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines();
        let parsed = (|| {
            let origin = lines.next()?.to_owned();
            let size = lines.next()?.parse().ok()?;
            let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
            Some(Self { origin, size, root })
        })();
        parsed
            // Written back, so that no second spelling of the same head passes.
            .filter(|head| head.text() == text)
            .ok_or(Error::Note(
                "its first three lines are not origin, size and root",
            ))
    }
}

fn put_short(out: &mut Vec<u8>, text: &str) {
    // `check_origin` keeps names below 256 bytes.
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend(text.as_bytes());
}

fn check_origin(origin: &str) -> Result<(), Error> {
    let fits = (1..=255).contains(&origin.len());
    let plain = !origin.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control());
    if fits && plain {
        Ok(())
    } else {
        Err(Error::Origin)
    }
}

/// A checkpoint whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedNote {
    /// What it says.
    pub head: SignedHead,
    /// When it was signed, to the second, by the word of the ML-DSA-44 signature.
    pub at: Option<Timestamp>,
}

/// Reads what a note says without looking at who signed it.
pub(crate) fn head_of(note: &str) -> Result<SignedHead, Error> {
    SignedHead::read(split(note)?.0)
}

fn split(note: &str) -> Result<(&str, &str), Error> {
    let at = note
        .rfind("\n\n")
        .ok_or(Error::Note("it has no signatures"))?;
    Ok((&note[..=at], &note[at + 2..]))
}

/// Opens a checkpoint: each kind of key among `keys` must have signed it, and no signature under
/// one of these keys may be wrong. Lines under other keys (witnesses) are passed over.
pub fn open_note(note: &str, keys: &[VerifierKey]) -> Result<OpenedNote, Error> {
    let (text, lines) = split(note)?;
    let head = SignedHead::read(text)?;
    let mut at = None;
    let mut signed = Vec::new();
    if !lines.ends_with('\n') || lines.lines().count() > LINES {
        return Err(Error::Note("its signature lines are not complete"));
    }
    for line in lines.lines() {
        let (name, blob) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(Error::Note("a signature line is not one"))?;
        let blob = STANDARD
            .decode(blob)
            .map_err(|_| Error::Note("a signature is not base64"))?;
        let (id, signature) = blob
            .split_first_chunk::<4>()
            .ok_or(Error::Note("a signature is cut short"))?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id == *id) else {
            continue;
        };
        if key.name != head.origin {
            return Err(Error::Note("it is signed by the key of another log"));
        }
        if !key.verifies(&head, signature) {
            return Err(Error::Note("a signature is wrong"));
        }
        if key.kind == KeyKind::MlDsa44 {
            at = signature
                .split_first_chunk()
                .and_then(|(at, _)| i64::try_from(u64::from_be_bytes(*at)).ok())
                .map(|seconds| Timestamp(0).plus_seconds(seconds));
        }
        signed.push(key.kind);
    }
    if keys.is_empty() || keys.iter().any(|key| !signed.contains(&key.kind)) {
        return Err(Error::Note("not every trusted kind of key has signed it"));
    }
    Ok(OpenedNote { head, at })
}

/// The log's signing keys. Made from seeds that the vault unwraps; holds them while it lives.
pub struct Signer {
    ed25519: Ed25519KeyPair,
    ml_dsa: PqdsaKeyPair,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}

impl Signer {
    /// The key pairs of two independent random seeds.
    pub fn from_seeds(ed25519: &[u8; 32], ml_dsa: &[u8; 32]) -> Result<Self, Error> {
        Ok(Self {
            ed25519: Ed25519KeyPair::from_seed_unchecked(ed25519).map_err(|_| Error::Signing)?,
            ml_dsa: PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, ml_dsa)
                .map_err(|_| Error::Signing)?,
        })
    }

    /// The public halves, for the log of this name.
    pub fn verifier_keys(&self, origin: &str) -> Result<[VerifierKey; 2], Error> {
        Ok([
            VerifierKey::new(origin, KeyKind::Ed25519, self.ed25519.public_key().as_ref())?,
            VerifierKey::new(origin, KeyKind::MlDsa44, self.ml_dsa.public_key().as_ref())?,
        ])
    }

    /// The signed note of a head.
    pub(crate) fn sign(&self, head: &SignedHead, at: Timestamp) -> Result<String, Error> {
        let [ed25519, ml_dsa] = self.verifier_keys(&head.origin)?;
        let text = head.text();
        let seconds = u64::try_from(at.micros().div_euclid(1_000_000)).unwrap_or(0);
        let message = head.subtree_message(&head.origin, seconds);
        let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
        let length = self
            .ml_dsa
            .sign(&message, &mut signature)
            .map_err(|_| Error::Signing)?;
        let timestamped = [&seconds.to_be_bytes(), &signature[..length]].concat();
        let first = line(&ed25519, self.ed25519.sign(text.as_bytes()).as_ref());
        Ok(format!("{text}\n{first}{}", line(&ml_dsa, &timestamped)))
    }
}

fn line(key: &VerifierKey, signature: &[u8]) -> String {
    let blob = STANDARD.encode([&key.id, signature].concat());
    format!("\u{2014} {} {blob}\n", key.name)
}
