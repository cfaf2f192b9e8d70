//! The Merkle tree of RFC 9162, section 2.1, with SHA-256: as much as a verifier needs.
//!
//! Written apart from the server's own, so that a mistake in one shows against the other.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// `SHA-256(0x00 | entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree that grows: one root for each complete subtree, with its number of leaves.
#[derive(Debug, Default)]
pub struct Tree {
    subtrees: Vec<(u64, Hash)>,
}

impl Tree {
    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut joined = (1, leaf);
        while let Some((leaves, left)) = self.subtrees.pop_if(|(leaves, _)| *leaves == joined.0) {
            joined = (leaves * 2, node_hash(&left, &joined.1));
        }
        self.subtrees.push(joined);
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some((_, smallest)) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*smallest, |right, (_, left)| node_hash(left, &right))
    }
}

/// The root that an inclusion path leads to from leaf `index` of `size`, the sibling of the leaf
/// first; `None` when the path has not the length that this place in the tree has.
#[must_use]
pub fn root_of_path(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    // Down from the root: on which side of each split the leaf lies.
    let (mut from, mut to) = (0, size);
    let mut turns = Vec::new();
    while to - from > 1 {
        let left = (to - from).next_power_of_two() / 2;
        let right_side = index >= from + left;
        if right_side {
            from += left;
        } else {
            to = from + left;
        }
        turns.push(right_side);
    }
    if turns.len() != path.len() {
        return None;
    }
    let steps = turns.iter().rev().zip(path);
    Some(steps.fold(leaf, |hash, (right_side, sibling)| {
        if *right_side {
            node_hash(sibling, &hash)
        } else {
            node_hash(&hash, sibling)
        }
    }))
}
