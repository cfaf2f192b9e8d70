//! The certificate of an erasure: a signed text that anyone can verify without this program.
//!
//! ```text
//! privet certificate of erasure 1
//! {"actor":…,"backups":…,"places":…,"proof":…,"rescan":…,"tombstone":…,"tree":…, …}
//!
//! — <log> <Ed25519>
//! — <log> <ML-DSA-44>
//! ```
//!
//! `proof` is a C2SP `tlog-proof` of the tombstone under a signed head of the log, which `privet-verify`
//! checks by itself. Times are UTC. Nothing in it names the person: whoever asked for the erasure knows
//! whom it was about, nobody else learns it.

use backup::{Cleared, Reached};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::{Action, Hash, Leaf, VerifierKey, leaf_hash, open_note, verify_inclusion};
use serde_json::{Value, json};

use crate::journal::ErasureId;
use crate::{Error, Result, note};

const HEAD: &str = "privet certificate of erasure 1";

/// A certificate that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The erasure's id.
    pub id: ErasureId,
    /// The signed text.
    pub text: String,
}

impl Certificate {
    /// What it says. Does not look at the signatures: see [`verify_certificate`].
    pub fn statement(&self) -> Result<Value> {
        statement(&self.text)
    }
}

fn statement(text: &str) -> Result<Value> {
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return Err(Error::Certificate("its first line is another"));
    }
    lines
        .next()
        .and_then(|line| serde_json::from_str(line).ok())
        .ok_or(Error::Certificate("its statement is not complete"))
}

/// The text to be signed.
pub(crate) fn text(statement: &Value) -> String {
    format!("{HEAD}\n{statement}\n")
}

/// What became of the key files of backups, for the statement.
pub(crate) fn backups(cleared: Option<&[Cleared]>) -> Value {
    let Some(cleared) = cleared else {
        return json!("not looked at");
    };
    let lines: Vec<Value> = cleared
        .iter()
        .map(|backup| match backup.reached {
            Reached::Cleared(_) => json!({ "made": backup.made.rfc3339(), "keys": "cleared" }),
            Reached::BeingWritten => {
                json!({ "made": backup.made.rfc3339(), "keys": "cleared when the backup that is being written is complete" })
            }
            Reached::OutOfReach { delete_by } => {
                json!({ "made": backup.made.rfc3339(), "keys": "not reachable", "expires_on": delete_by.rfc3339() })
            }
        })
        .collect();
    Value::Array(lines)
}

/// Checks a certificate with the public keys of the log alone: both signatures, and that the tombstone
/// it names is in the signed log of the same workspace. Gives what it says.
pub fn verify_certificate(certificate: &str, keys: &[VerifierKey]) -> Result<Value> {
    const PROOF: Error = Error::Certificate("the tombstone is not proved to be in the log");
    let statement = statement(note::open(certificate, keys)?)?;
    let proof = statement["proof"].as_str().ok_or(PROOF)?;
    let bundle = Bundle::read(proof).ok_or(PROOF)?;
    let head = open_note(bundle.note, keys).map_err(|_| PROOF)?.head;
    let leaf = Leaf::read(&bundle.body).ok_or(PROOF)?;
    let hash = leaf_hash(&bundle.body);
    let is_in = verify_inclusion(&hash, bundle.index, head.size, &bundle.path, &head.root);
    let says = |name: &str, field: &str| statement[name][field].clone();
    let agrees = leaf.action == Action::Erase
        && leaf.seq == bundle.index
        && says("tombstone", "leaf") == json!(bundle.index)
        && says("tombstone", "hash") == json!(base::hex(&hash))
        && says("tree", "size") == json!(head.size)
        && says("tree", "root") == json!(base::hex(&head.root))
        && statement["workspace"] == json!(leaf.workspace.to_string());
    if is_in && agrees {
        Ok(statement)
    } else {
        Err(PROOF)
    }
}

/// A C2SP `tlog-proof`.
pub(crate) struct Bundle<'a> {
    pub(crate) body: Vec<u8>,
    pub(crate) index: u64,
    path: Vec<Hash>,
    note: &'a str,
}

impl<'a> Bundle<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (proof, note) = text.split_once("\n\n")?;
        let mut lines = proof.lines();
        if lines.next()? != "c2sp.org/tlog-proof@v1" {
            return None;
        }
        let body = STANDARD
            .decode(lines.next()?.strip_prefix("extra ")?)
            .ok()?;
        let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
        let path = lines
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect::<Option<Vec<Hash>>>()?;
        Some(Self {
            body,
            index,
            path,
            note,
        })
    }

    /// Size and root of the signed head, without looking at who signed it.
    pub(crate) fn head(&self) -> Option<(u64, Hash)> {
        let mut lines = self.note.lines().skip(1);
        let size = lines.next()?.parse().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        Some((size, root))
    }
}
