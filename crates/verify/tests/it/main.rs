//! The command as an auditor meets it: files in, one answer and an exit code out.
//!
//! The files in `tests/data` were written by the ledger (its test `write_the_verifiers_test_data`).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use privet_verify::{Tree, leaf_hash, root_of_path};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn keys() -> Vec<String> {
    let text = std::fs::read_to_string(data("keys")).unwrap();
    text.lines()
        .flat_map(|key| ["--key".to_owned(), key.to_owned()])
        .collect()
}

fn run(keys: &[String], arguments: &[&Path]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_privet-verify"))
        .args(keys)
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

/// A file that is gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[test]
fn a_whole_log_gives_its_size_and_root_and_exit_code_0() {
    let head = std::fs::read_to_string(data("head")).unwrap();
    let (size, root) = head.trim().split_once(' ').unwrap();
    for keys in [keys(), Vec::new()] {
        let (code, text) = run(&keys, &[&data("log.export")]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains(&format!("\nsize {size}\n")));
        assert!(text.contains(&format!("\nroot {root}\n")));
        assert_eq!(text.contains("keys taken from the file"), keys.is_empty());
    }
}

#[test]
fn an_altered_log_gives_the_place_and_exit_code_1() {
    let whole = std::fs::read(data("log.export")).unwrap();
    let leaves = whole.windows(2).position(|two| two == b"\n\n").unwrap() + 2;
    let mut altered = whole.clone();
    altered[leaves + 217 * 3 + 2 + 8] ^= 1;
    let file = Scratch::new("altered", &altered);
    let (code, text) = run(&keys(), &[&file.0]);
    assert_eq!(
        (code, text.as_str()),
        (1, "WRONG leaf 3: it has another number\n")
    );
    let file = Scratch::new("cut", &whole[..whole.len() - 1]);
    let (code, text) = run(&keys(), &[&file.0]);
    assert_eq!(code, 1);
    assert!(text.contains("cut short"), "{text}");
}

#[test]
fn the_keys_of_another_log_do_not_open_this_one() {
    let (ours, theirs) = ("crm.example.org/one", "crm.example.org/two");
    // The id belongs to name and key, so a key given another name is no key at all.
    let renamed: Vec<String> = keys().iter().map(|k| k.replace(ours, theirs)).collect();
    assert_eq!(run(&renamed, &[&data("log.export")]).0, 2);
    // Only the Ed25519 key trusted: its signatures are enough for whoever trusts only it.
    assert_eq!(run(&keys()[..2], &[&data("log.export")]).0, 0);
}

#[test]
fn a_proof_needs_keys_and_proves_one_leaf() {
    let inclusion = Path::new("--inclusion");
    let (code, text) = run(&keys(), &[inclusion, &data("leaf.tlog-proof")]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("included: leaf 11 of crm.example.org/one\n"));
    let (code, _) = run(&[], &[inclusion, &data("leaf.tlog-proof")]);
    assert_eq!(code, 2);
    let proof = std::fs::read_to_string(data("leaf.tlog-proof")).unwrap();
    let other = Scratch::new("proof", proof.replace("index 11", "index 12").as_bytes());
    let (code, text) = run(&keys(), &[inclusion, &other.0]);
    assert_eq!(
        (code, text.as_str()),
        (1, "WRONG the leaf: it has another number\n")
    );
}

#[test]
fn what_cannot_be_checked_is_not_called_wrong_or_whole() {
    assert_eq!(run(&[], &[]).0, 2);
    assert_eq!(run(&[], &[&data("there is no such file")]).0, 2);
    assert_eq!(
        run(
            &["--key".to_owned(), "no".to_owned()],
            &[&data("log.export")]
        )
        .0,
        2
    );
    assert_eq!(run(&["--other".to_owned()], &[&data("log.export")]).0, 2);
}

#[test]
fn a_path_leads_to_the_root_from_its_own_leaf_only() {
    // The tree of three: root(node(a, b), c).
    let [a, b, c] = [b"a", b"b", b"c"].map(|entry| leaf_hash(entry));
    let mut tree = Tree::default();
    tree.push(a);
    tree.push(b);
    let left = tree.root();
    tree.push(c);
    assert_eq!(root_of_path(a, 0, 3, &[b, c]), Some(tree.root()));
    assert_eq!(root_of_path(c, 2, 3, &[left]), Some(tree.root()));
    assert_ne!(root_of_path(a, 1, 3, &[b, c]), Some(tree.root()));
    assert_eq!(root_of_path(c, 2, 3, &[left, left]), None);
    assert_eq!(root_of_path(c, 3, 3, &[left]), None);
}
