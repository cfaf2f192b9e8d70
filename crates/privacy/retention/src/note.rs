//! Signed text: a C2SP `signed-note` of any text, under the two keys of the log.
//!
//! The first signature line is type 0x01, Ed25519 over the text, which every C2SP verifier reads. The
//! second is ML-DSA-44 (FIPS 204, empty context) over `"privet/note/ml-dsa-44/v1\n\0" | text`; C2SP has
//! no type for it, so its key id is that of a type 0xff key:
//! `SHA-256(name | "\n" | 0xff | "privet/ml-dsa-44" | public key)[:4]`. Both must be right.
//!
//! A text must not look like a checkpoint, which the same keys sign: its second line is no number.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::{KeyKind, VerifierKey};
use vault::{LOG_ED25519, LOG_MLDSA44, Vault};

use crate::{Error, Result};

const LABEL: &[u8] = b"privet/note/ml-dsa-44/v1\n\0";
const ML_DSA_TYPE: &[u8] = b"\xffprivet/ml-dsa-44";

/// The log's keys, as they sign a text.
pub(crate) struct Signer {
    name: String,
    ed25519: Ed25519KeyPair,
    ml_dsa: PqdsaKeyPair,
}

impl Signer {
    /// The keys of the log of this name.
    pub(crate) fn of(vault: &Vault, name: &str) -> Result<Self> {
        let (ed25519, ml_dsa) = (
            vault.service_key(LOG_ED25519)?,
            vault.service_key(LOG_MLDSA44)?,
        );
        Ok(Self {
            name: name.to_owned(),
            ed25519: Ed25519KeyPair::from_seed_unchecked(ed25519.expose())
                .map_err(|_| Error::Signing)?,
            ml_dsa: PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, ml_dsa.expose())
                .map_err(|_| Error::Signing)?,
        })
    }

    /// The text, which ends with a line end, with its two signature lines.
    pub(crate) fn sign(&self, text: &str) -> Result<String> {
        let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
        let length = self
            .ml_dsa
            .sign(&[LABEL, text.as_bytes()].concat(), &mut signature)
            .map_err(|_| Error::Signing)?;
        let first = self.line(
            &[1],
            self.ed25519.public_key().as_ref(),
            self.ed25519.sign(text.as_bytes()).as_ref(),
        );
        let second = self.line(
            ML_DSA_TYPE,
            self.ml_dsa.public_key().as_ref(),
            &signature[..length],
        );
        Ok(format!("{text}\n{first}{second}"))
    }

    fn line(&self, kind: &[u8], public: &[u8], signature: &[u8]) -> String {
        let id = key_id(&self.name, kind, public);
        let blob = STANDARD.encode([&id, signature].concat());
        format!("\u{2014} {} {blob}\n", self.name)
    }
}

fn key_id(name: &str, kind: &[u8], public: &[u8]) -> [u8; 4] {
    let hash = digest(&SHA256, &[name.as_bytes(), b"\n", kind, public].concat());
    let mut id = [0; 4];
    id.copy_from_slice(&hash.as_ref()[..4]);
    id
}

/// The text of a note that each of the log's keys has signed.
pub(crate) fn open<'n>(note: &'n str, keys: &[VerifierKey]) -> Result<&'n str> {
    let at = note
        .rfind("\n\n")
        .ok_or(Error::Certificate("it has no signatures"))?;
    let (text, lines) = (&note[..=at], &note[at + 2..]);
    let mut signed: Vec<KeyKind> = Vec::new();
    for line in lines.lines() {
        let (name, blob) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(Error::Certificate("a signature line is not one"))?;
        let blob = STANDARD
            .decode(blob)
            .map_err(|_| Error::Certificate("a signature is not base64"))?;
        let (id, signature) = blob
            .split_first_chunk::<4>()
            .ok_or(Error::Certificate("a signature is cut short"))?;
        for key in keys.iter().filter(|key| key.name() == name) {
            let public = public(key)?;
            let (kind, algorithm_says) = match key.kind() {
                KeyKind::Ed25519 => (&[1][..], verify_ed25519(&public, text, signature)),
                KeyKind::MlDsa44 => (ML_DSA_TYPE, verify_ml_dsa(&public, text, signature)),
            };
            if key_id(name, kind, &public) == *id {
                if !algorithm_says {
                    return Err(Error::Certificate("a signature is wrong"));
                }
                signed.push(key.kind());
            }
        }
    }
    let both = [KeyKind::Ed25519, KeyKind::MlDsa44];
    if !lines.ends_with('\n') || both.iter().any(|kind| !signed.contains(kind)) {
        return Err(Error::Certificate(
            "not both keys of the log have signed it",
        ));
    }
    Ok(text)
}

fn verify_ed25519(public: &[u8], text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(text.as_bytes(), signature)
        .is_ok()
}

fn verify_ml_dsa(public: &[u8], text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ML_DSA_44, public)
        .verify(&[LABEL, text.as_bytes()].concat(), signature)
        .is_ok()
}

/// The public key in the C2SP text of a verifier key.
fn public(key: &VerifierKey) -> Result<Vec<u8>> {
    let text = key.to_string();
    // The key is base64, which may hold `+` itself: it begins behind the second one.
    let blob = text.splitn(3, '+').nth(2);
    let bytes = blob.and_then(|blob| STANDARD.decode(blob).ok());
    match bytes.as_deref().and_then(<[u8]>::split_first) {
        Some((_, public)) => Ok(public.to_vec()),
        None => Err(Error::Certificate("a verifier key is not complete")),
    }
}
