//! The core against the definition in the RFC, written as plainly as the RFC writes it.

use super::*;
use crate::tree::{Frontier, leaf_hash};

fn split_naive(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH of RFC 9162, section 2.1.1.
fn root(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => EMPTY_ROOT,
        [one] => leaf_hash(one),
        _ => {
            let (left, right) = entries.split_at(split_naive(entries.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH of RFC 9162, section 2.1.3.1.
fn path(m: usize, entries: &[Vec<u8>]) -> Vec<Hash> {
    if entries.len() == 1 {
        return Vec::new();
    }
    let k = split_naive(entries.len());
    let (left, right) = entries.split_at(k);
    let (mut path, sibling) = if m < k {
        (path(m, left), root(right))
    } else {
        (path(m - k, right), root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of RFC 9162, section 2.1.4.1.
fn subproof(m: usize, entries: &[Vec<u8>], known: bool) -> Vec<Hash> {
    if m == entries.len() {
        return if known {
            Vec::new()
        } else {
            vec![root(entries)]
        };
    }
    let k = split_naive(entries.len());
    let (left, right) = entries.split_at(k);
    let (mut proof, sibling) = if m <= k {
        (subproof(m, left, known), root(right))
    } else {
        (subproof(m - k, right, false), root(left))
    };
    proof.push(sibling);
    proof
}

fn entries(n: usize) -> Vec<Vec<u8>> {
    (0..n).map(|i| i.to_be_bytes().to_vec()).collect()
}

/// Subtrees straight from the entries.
fn source(entries: &[Vec<u8>]) -> impl FnMut(u8, u64) -> Result<Hash, std::convert::Infallible> {
    move |level, index| {
        let from = usize::try_from(index).unwrap() << level;
        Ok(root(&entries[from..from + (1 << level)]))
    }
}

const N: usize = 130;

#[test]
fn the_frontier_has_the_root_and_completes_the_subtrees_of_the_definition() {
    let all = entries(N);
    let mut frontier = Frontier::empty();
    assert_eq!(frontier.root(), EMPTY_ROOT);
    for n in 1..=N {
        frontier.push(leaf_hash(&all[n - 1]), |level, index, hash| {
            assert_eq!(Ok(*hash), source(&all)(level, index));
        });
        assert_eq!(frontier.root(), root(&all[..n]));
        let bytes = frontier.to_bytes();
        let size = frontier.size();
        assert_eq!(Frontier::from_bytes(size, &bytes).as_ref(), Some(&frontier));
        assert_eq!(Frontier::from_bytes(size, &bytes[1..]), None);
    }
}

#[test]
fn every_inclusion_proof_is_that_of_the_definition_and_proves_only_its_leaf() {
    let all = entries(N);
    for n in 1..=N {
        let size = n as u64;
        let top = root(&all[..n]);
        for i in 0..n {
            let Ok(proof) = inclusion(i as u64, size, source(&all[..n]));
            assert_eq!(proof, path(i, &all[..n]));
            let leaf = leaf_hash(&all[i]);
            assert!(verify_inclusion(&leaf, i as u64, size, &proof, &top));
            for other in 0..=n {
                let passes = verify_inclusion(&leaf, other as u64, size, &proof, &top);
                assert_eq!(passes, other == i);
            }
            assert!(!verify_inclusion(&[0; 32], i as u64, size, &proof, &top));
            if !proof.is_empty() {
                let short = &proof[1..];
                assert!(!verify_inclusion(&leaf, i as u64, size, short, &top));
            }
            let long = [proof.as_slice(), &[top]].concat();
            assert!(!verify_inclusion(&leaf, i as u64, size, &long, &top));
        }
    }
}

#[test]
fn every_consistency_proof_is_that_of_the_definition_and_proves_only_its_trees() {
    let all = entries(N);
    let roots: Vec<Hash> = (0..=N).map(|n| root(&all[..n])).collect();
    for n in 0..=N {
        for m in 0..=n {
            let Ok(proof) = consistency(m as u64, n as u64, source(&all[..n]));
            if m > 0 && m < n {
                assert_eq!(proof, subproof(m, &all[..n], true));
            }
            let (old, new) = ((m as u64, &roots[m]), (n as u64, &roots[n]));
            assert!(verify_consistency(old, new, &proof), "{m} {n}");
            assert!(!verify_consistency((old.0, &[1; 32]), new, &proof));
            if m > 0 {
                assert!(!verify_consistency(old, (new.0, &[1; 32]), &proof));
            }
            if m > 0 && m < n {
                assert!(!verify_consistency(old, new, &proof[1..]));
                let long = [proof.as_slice(), &[roots[n]]].concat();
                assert!(!verify_consistency(old, new, &long));
                let mut bent = proof.clone();
                bent[0][0] ^= 1;
                assert!(!verify_consistency(old, new, &bent));
            }
        }
        assert!(!verify_consistency(
            (N as u64 + 1, &roots[N]),
            (n as u64, &roots[n]),
            &[]
        ));
    }
}

/// The eight entries of the Certificate Transparency reference tests.
fn reference() -> Vec<Vec<u8>> {
    [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    .iter()
    .map(|text| base::unhex(text).unwrap())
    .collect()
}

fn hash(text: &str) -> Hash {
    base::unhex(text).unwrap().try_into().unwrap()
}

#[test]
fn the_reference_tests_of_certificate_transparency_pass() {
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let all = reference();
    let mut frontier = Frontier::empty();
    assert_eq!(frontier.root(), hash(roots[0]));
    for (entry, expected) in all.iter().zip(&roots[1..]) {
        frontier.push(leaf_hash(entry), |_, _, _| {});
        assert_eq!(frontier.root(), hash(expected));
    }
    let shared = [
        hash("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
        hash("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ];
    let fifth = hash("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    let Ok(proof) = inclusion(5, 8, source(&all));
    assert_eq!(proof, [fifth, shared[0], shared[1]]);
    let sixth = hash("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
    let Ok(proof) = consistency(6, 8, source(&all));
    assert_eq!(proof, [sixth, shared[0], shared[1]]);
    let second = hash("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
    let Ok(proof) = consistency(2, 5, source(&all[..5]));
    assert_eq!(proof, [second, fifth]);
}
