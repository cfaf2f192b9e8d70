//! Files of a directory as a whole: listed, compared, copied.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every regular file under a directory, in a stable order.
#[must_use]
pub fn files_under(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Names and contents of all files under a directory: equal fingerprints mean that nothing was touched.
#[must_use]
pub fn fingerprint(dir: &Path) -> BTreeMap<PathBuf, u64> {
    let print = |path: PathBuf| {
        let mut hasher = DefaultHasher::new();
        fs::read(&path)
            .expect("a file of the directory")
            .hash(&mut hasher);
        (path, hasher.finish())
    };
    files_under(dir).into_iter().map(print).collect()
}

/// Copies a directory with all that is in it, modes included.
pub fn copy_tree(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "cp -a copies the directory"
    );
}
