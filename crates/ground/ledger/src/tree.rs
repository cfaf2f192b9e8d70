//! The Merkle tree of RFC 9162, section 2.1, with SHA-256: hashes, and the frontier that grows
//! leaf by leaf.
//!
//! Pure: knows nothing of what a leaf means or where it is kept.

use aws_lc_rs::digest;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The root of a tree without leaves: the hash of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Entries up to this length are hashed from one buffer on the stack.
const SHORT: usize = 255;

fn sha256(bytes: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// `SHA-256(0x00 | entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    if entry.len() <= SHORT {
        let mut buffer = [0; SHORT + 1];
        buffer[1..=entry.len()].copy_from_slice(entry);
        sha256(&buffer[..=entry.len()])
    } else {
        sha256(&[&[0], entry].concat())
    }
}

/// `SHA-256(0x01 | left | right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut buffer = [1; 65];
    buffer[1..33].copy_from_slice(left);
    buffer[33..].copy_from_slice(right);
    sha256(&buffer)
}

/// The roots of the complete subtrees that a tree of some size falls into, largest first:
/// all that is needed to append and to know the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree without leaves.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// Reads what [`Frontier::to_bytes`] wrote; `None` when the number of hashes does not
    /// belong to this size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let expected = usize::try_from(size.count_ones()).ok()?;
        (rest.is_empty() && hashes.len() == expected).then(|| Self {
            size,
            peaks: hashes.to_vec(),
        })
    }

    /// The hashes, largest subtree first, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf and tells of every subtree this completes: its level (a
    /// subtree of level L has 2^L leaves), its index among those of its level, its root.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(u8, u64, &Hash)) {
        let mut hash = leaf;
        let mut level = 0;
        while self.size >> level & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            complete(level, self.size >> level, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(&last) = peaks.next() else {
            return EMPTY_ROOT;
        };
        peaks.fold(last, |right, left| node_hash(left, &right))
    }
}
