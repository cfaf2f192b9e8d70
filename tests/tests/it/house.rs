//! The rooms of the house: who may know whom, what things are called, how long a file may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use journeys::{files_under, project_root};
use serde_json::Value;

/// The floors, from the ground up. A crate knows only crates of lower floors.
const FLOORS: [&[&str]; 9] = [
    &["base"],
    &["store"],
    &["vault", "ledger"],
    &["access"],
    &["act"],
    &["records"],
    &["identity", "web", "backup"],
    &["desk"],
    &["people", "consent"],
];
/// Every crate in these folders is a capability, one floor above `people` and `consent`.
const CAPABILITIES: [&str; 3] = ["crates/crm/", "crates/privacy/", "crates/security/"];
/// These stand outside: they must share nothing with the product they judge.
const OUTSIDE: [&str; 2] = ["privet-verify", "journeys"];

#[test]
fn dependencies_run_one_way() {
    let packages = workspace();
    let floors: BTreeMap<&str, usize> = packages
        .iter()
        .map(|package| (name(package), floor(package)))
        .collect();
    for package in &packages {
        let own = name(package);
        for dependency in package["dependencies"].as_array().expect("a list") {
            // What only tests use may look upwards: it is not in the program.
            if dependency["kind"] == "dev" {
                continue;
            }
            let other = dependency["name"].as_str().expect("a name");
            let Some(below) = floors.get(other) else {
                continue;
            };
            assert!(
                !OUTSIDE.contains(&own),
                "{own} judges the product, it must not link {other}"
            );
            assert!(
                *below < floors[own],
                "{own} must not know {other}: dependencies run base <- store <- {{vault, ledger}} <- access \
                 <- act <- records <- {{identity, web}} <- capabilities <- privet"
            );
        }
    }
}

#[test]
fn only_the_program_knows_a_capability() {
    for package in workspace() {
        let own = name(&package).to_owned();
        for dependency in package["dependencies"].as_array().expect("a list") {
            let other = dependency["name"].as_str().unwrap_or_default();
            let path = dependency["path"].as_str().unwrap_or_default();
            let capability = CAPABILITIES.iter().any(|folder| path.contains(folder));
            let shared = ["people", "consent"].contains(&other);
            assert!(
                !capability || shared || own == "privet" || dependency["kind"] == "dev",
                "{own} knows the capability {other}: it goes through Holder, an event, or a link the program wires"
            );
        }
    }
}

fn floor(package: &Value) -> usize {
    let own = name(package);
    if let Some(floor) = FLOORS.iter().position(|names| names.contains(&own)) {
        return floor;
    }
    let place = package["manifest_path"].as_str().expect("a path");
    if CAPABILITIES.iter().any(|folder| place.contains(folder)) {
        return FLOORS.len();
    }
    assert!(
        own == "privet" || OUTSIDE.contains(&own),
        "{own} has no floor: give it one in FLOORS"
    );
    FLOORS.len() + 1
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a name")
}

fn workspace() -> Vec<Value> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--locked", "--no-deps"])
        .current_dir(project_root())
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn sources() -> Vec<PathBuf> {
    let roots = ["crates", "tests"].map(|folder| project_root().join(folder));
    let files = roots.iter().flat_map(|root| files_under(root));
    files
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

#[test]
fn files_hold_one_subject() {
    // Tests and sample data are lists; what runs has seams.
    let runs = |path: &PathBuf| {
        let text = path.to_string_lossy();
        !text.contains("/tests/") && !text.ends_with("samples.rs")
    };
    for path in sources().into_iter().filter(runs) {
        let lines = fs::read_to_string(&path)
            .expect("a source file")
            .lines()
            .count();
        assert!(
            lines <= 500,
            "{} has {lines} lines: look for the seam",
            path.display()
        );
    }
}

#[test]
fn names_are_the_fields_own_words() {
    let empty = [
        "util", "utils", "helper", "helpers", "common", "misc", "manager", "service",
    ];
    for path in sources() {
        let words = path
            .strip_prefix(project_root())
            .expect("inside the project")
            .to_string_lossy()
            .into_owned();
        for word in words.trim_end_matches(".rs").split(['/', '_', '-']) {
            assert!(!empty.contains(&word), "{words}: {word:?} says nothing");
        }
    }
}

#[test]
fn each_file_says_what_it_is_for() {
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "{} does not begin with what it is for",
            path.display()
        );
    }
}
