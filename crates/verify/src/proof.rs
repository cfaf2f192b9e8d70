//! One leaf with the proof that it is in the log: C2SP `tlog-proof`, the leaf as extra data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::{Hash, leaf_hash, root_of_path};
use crate::note::{self, VerifierKey};
use crate::{Problem, wrong};

/// A leaf that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// The name of the log.
    pub origin: String,
    /// The leaf's number.
    pub index: u64,
    /// The leaf.
    pub leaf: Vec<u8>,
    /// The size of the tree it was proved in.
    pub size: u64,
    /// The root of that tree.
    pub root: Hash,
}

/// Checks a proof under keys known from elsewhere.
pub fn verify_inclusion(proof: &str, trusted: &[VerifierKey]) -> Result<Included, Problem> {
    let Some((head, checkpoint)) = proof.split_once("\n\n") else {
        return wrong("the proof", "it has no checkpoint");
    };
    let mut lines = head.split('\n');
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return wrong("the proof", "this is no tlog-proof of version 1");
    }
    let leaf = lines
        .next()
        .and_then(|line| line.strip_prefix("extra "))
        .and_then(|text| STANDARD.decode(text).ok());
    let Some(leaf) = leaf else {
        return wrong("the proof", "the leaf is missing");
    };
    let index = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .and_then(|text| text.parse::<u64>().ok().filter(|n| n.to_string() == text));
    let Some(index) = index else {
        return wrong("the proof", "the index is missing");
    };
    let path: Option<Vec<Hash>> = lines
        .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
        .collect();
    let Some(path) = path.filter(|path| path.len() <= 63) else {
        return wrong("the proof", "a hash of the path is not one");
    };
    let checkpoint =
        note::open(checkpoint, trusted).or_else(|what| wrong("the checkpoint", &what))?;
    if leaf.get(1..9) != Some(&index.to_be_bytes()) {
        return wrong("the leaf", "it has another number");
    }
    let root = root_of_path(leaf_hash(&leaf), index, checkpoint.size, &path);
    if root != Some(checkpoint.root) {
        return wrong("the leaf", "it is not in the tree that was signed");
    }
    Ok(Included {
        origin: checkpoint.origin,
        index,
        leaf,
        size: checkpoint.size,
        root: checkpoint.root,
    })
}
