//! Proofs of RFC 9162, sections 2.1.3 and 2.1.4: that a leaf is in a tree, and that a tree only
//! grew.
//!
//! Pure. Whoever makes a proof hands in `subtree(level, index)`, the root of the complete subtree
//! of 2^level leaves that starts at leaf `index << level`; whoever checks one needs nothing else.

use crate::tree::{EMPTY_ROOT, Hash, node_hash};

/// The largest power of two below `n`, which is at least 2.
const fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root over leaves `from..to`, where `from` is where a subtree of that many leaves starts.
pub(crate) fn range_root<E>(
    from: u64,
    to: u64,
    subtree: &mut impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let n = to - from;
    if n == 0 {
        return Ok(EMPTY_ROOT);
    }
    if n.is_power_of_two() {
        let level = n.trailing_zeros();
        return subtree(u8::try_from(level).unwrap_or(u8::MAX), from >> level);
    }
    let middle = from + split(n);
    let left = range_root(from, middle, subtree)?;
    let right = range_root(middle, to, subtree)?;
    Ok(node_hash(&left, &right))
}

/// The path from leaf `index` to the root of the tree of `size` leaves; `index < size`.
pub(crate) fn inclusion<E>(
    index: u64,
    size: u64,
    mut subtree: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range_root(middle, to, &mut subtree)?);
            to = middle;
        } else {
            path.push(range_root(from, middle, &mut subtree)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the first `old` leaves of the tree of `new` leaves are the tree of `old`
/// leaves; `old <= new`. Empty when either is nothing or both are the same.
pub(crate) fn consistency<E>(
    old: u64,
    new: u64,
    mut subtree: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    let (mut from, mut to) = (0, new);
    // The old root itself is known to the checker as long as only left turns were taken.
    let mut known = true;
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range_root(middle, to, &mut subtree)?);
            to = middle;
        } else {
            path.push(range_root(from, middle, &mut subtree)?);
            from = middle;
            known = false;
        }
    }
    if !known {
        path.push(range_root(from, to, &mut subtree)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that the leaf with this hash is number `index` of the tree of `size`
/// leaves with this root (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut fnode, mut snode) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = node_hash(sibling, &hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && hash == *root
}

/// Whether `path` proves that the tree of `old` leaves is the beginning of the tree of `new`
/// leaves (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn verify_consistency(
    (old, old_root): (u64, &Hash),
    (new, new_root): (u64, &Hash),
    path: &[Hash],
) -> bool {
    if old == 0 {
        return path.is_empty() && *old_root == EMPTY_ROOT;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old > new {
        return false;
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, path)
    } else {
        match path.split_first() {
            Some(parts) => parts,
            None => return false,
        }
    };
    let (mut fnode, mut snode) = (old - 1, new - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
