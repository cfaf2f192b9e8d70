//! Checkpoints: C2SP signed notes under Ed25519 (type 0x01) and ML-DSA-44 (type 0x06).

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as EdSignature, VerifyingKey as EdKey};
use ml_dsa::{KeyInit, MlDsa44, Signature as MlSignature, Verifier, VerifyingKey as MlKey};
use sha2::{Digest, Sha256};

use crate::merkle::Hash;

/// Signature lines looked at in one note.
const LINES: usize = 32;

/// The public key of a log, in C2SP text `name+id+base64(type | key)`.
#[derive(Debug, Clone)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    text: String,
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Ed25519(EdKey),
    MlDsa44(Box<MlKey<MlDsa44>>),
}

impl FromStr for VerifierKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let no = || "a verifier key looks like `name+0123abcd+base64`".to_owned();
        let mut parts = text.splitn(3, '+');
        let (name, id, blob) = (
            parts.next().ok_or_else(no)?,
            parts.next().ok_or_else(no)?,
            parts.next().ok_or_else(no)?,
        );
        let blob = STANDARD.decode(blob).map_err(|_| no())?;
        let (kind, public) = blob.split_first().ok_or_else(no)?;
        let key = match kind {
            1 => public
                .try_into()
                .ok()
                .and_then(|bytes| EdKey::from_bytes(bytes).ok())
                .map(Key::Ed25519),
            6 => MlKey::new_from_slice(public)
                .ok()
                .map(|key| Key::MlDsa44(Box::new(key))),
            _ => None,
        }
        .ok_or_else(|| "a verifier key is neither Ed25519 nor ML-DSA-44".to_owned())?;
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update(b"\n")
            .chain_update(&blob)
            .finalize();
        let own = [digest[0], digest[1], digest[2], digest[3]];
        if name.is_empty() || name.len() > 255 || name.contains(char::is_whitespace) {
            return Err("the name of a verifier key is empty, too long or has spaces".to_owned());
        }
        if crate::hex(&own) != id {
            return Err("the id of a verifier key is not that of its name and key".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            id: own,
            text: text.to_owned(),
            key,
        })
    }
}

impl VerifierKey {
    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the log it signs for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.key) == std::mem::discriminant(&other.key)
    }

    fn verifies(&self, checkpoint: &Checkpoint, text: &str, signature: &[u8]) -> bool {
        match &self.key {
            Key::Ed25519(key) => EdSignature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok()),
            Key::MlDsa44(key) => {
                let Some((seconds, signature)) = signature.split_first_chunk::<8>() else {
                    return false;
                };
                let message = checkpoint.subtree_message(&self.name, *seconds);
                MlSignature::<MlDsa44>::try_from(signature)
                    .is_ok_and(|signature| key.verify(&message, &signature).is_ok())
            }
        }
    }
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// C2SP `tlog-cosignature`: what ML-DSA-44 signs for the tree from leaf 0.
    fn subtree_message(&self, name: &str, seconds: [u8; 8]) -> Vec<u8> {
        let mut out = b"subtree/v1\n\0".to_vec();
        let named = |out: &mut Vec<u8>, text: &str| {
            out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(text.as_bytes());
        };
        named(&mut out, name);
        out.extend_from_slice(&seconds);
        named(&mut out, &self.origin);
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&self.size.to_be_bytes());
        out.extend_from_slice(&self.root);
        out
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let this = Self {
            origin: lines.next()?.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: STANDARD.decode(lines.next()?).ok()?.try_into().ok()?,
        };
        let again = format!(
            "{}\n{}\n{}\n",
            this.origin,
            this.size,
            STANDARD.encode(this.root)
        );
        (again == text && !this.origin.is_empty()).then_some(this)
    }
}

/// Reads a checkpoint that every kind of key among `keys` has signed, and none wrongly. Lines
/// under unknown keys are passed over, as C2SP asks.
pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Checkpoint, String> {
    let at = note.rfind("\n\n").ok_or("it has no signatures")?;
    let (text, lines) = (&note[..=at], &note[at + 2..]);
    let checkpoint =
        Checkpoint::read(text).ok_or("its first three lines are not origin, size and root")?;
    let lines = lines
        .strip_suffix('\n')
        .ok_or("its last line is not complete")?;
    let mut signed: Vec<&VerifierKey> = Vec::new();
    for (number, line) in lines.split('\n').enumerate() {
        if number == LINES {
            return Err("it has too many signatures".to_owned());
        }
        let (name, blob) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or("a signature line is not one")?;
        let blob = STANDARD
            .decode(blob)
            .map_err(|_| "a signature is not base64")?;
        let Some((id, signature)) = blob.split_first_chunk::<4>() else {
            return Err("a signature is cut short".to_owned());
        };
        let Some(key) = keys.iter().find(|key| key.name == name && key.id == *id) else {
            continue;
        };
        if key.name != checkpoint.origin {
            return Err("it is signed by the key of another log".to_owned());
        }
        if !key.verifies(&checkpoint, text, signature) {
            return Err("a signature is wrong".to_owned());
        }
        signed.push(key);
    }
    let complete = keys
        .iter()
        .all(|key| signed.iter().any(|by| by.same_kind(key)));
    if keys.is_empty() || !complete {
        return Err("not every kind of key has signed it".to_owned());
    }
    Ok(checkpoint)
}
