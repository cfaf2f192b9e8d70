//! What the program is built from: licences that fit ours, nothing banned, each with its reason.
//!
//! The lists are those of `deny.toml`, so that `cargo deny` and this test cannot drift apart; this
//! test needs no extra tool and no advisory database.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use journeys::project_root;
use serde_json::Value;

#[test]
fn every_licence_is_allowed() {
    let allowed = allowed_licences();
    let mut refused = Vec::new();
    for package in packages() {
        let name = &package["name"];
        match package["license"].as_str() {
            Some(expression) if fits(expression, &allowed) => {}
            Some(expression) => refused.push(format!("{name}: {expression}")),
            None => refused.push(format!("{name}: no licence is given")),
        }
    }
    assert!(
        refused.is_empty(),
        "licences that deny.toml does not allow: {refused:#?}"
    );
}

#[test]
fn nothing_banned_is_in_the_build() {
    let text = read("deny.toml");
    let banned: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.contains("{ crate = ") && !line.contains("wrappers"))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(banned.contains("ring"), "the list of deny.toml is read");
    let found: Vec<String> = packages()
        .iter()
        .map(name)
        .filter(|name| banned.contains(name.as_str()))
        .collect();
    assert!(found.is_empty(), "deny.toml bans {found:?}");
}

#[test]
fn everything_comes_from_the_registry_or_is_ours() {
    for package in packages() {
        let source = package["source"].as_str();
        let ours = source.is_none();
        let registry = source.is_some_and(|source| source.contains("crates.io-index"));
        assert!(
            ours || registry,
            "{} comes from {source:?}",
            package["name"]
        );
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let reasons = read("docs/decisions/dependencies.md");
    let manifest = read("Cargo.toml");
    let dependencies = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .expect("the list");
    let dependencies = dependencies.split("\n[").next().expect("its end");
    for line in dependencies
        .lines()
        .filter(|line| !line.contains("path = "))
    {
        let Some((name, _)) = line.split_once(" = ") else {
            continue;
        };
        assert!(
            reasons.contains(&format!("| {name} |")),
            "{name} has no line in docs/decisions/dependencies.md: what is it for, why this one?"
        );
    }
}

fn allowed_licences() -> BTreeSet<String> {
    let text = read("deny.toml");
    let section = text
        .split("[licenses]")
        .nth(1)
        .expect("the section on licences");
    let list = section
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    let quoted = list
        .expect("the allow-list")
        .lines()
        .filter_map(|line| line.split('"').nth(1));
    quoted.map(str::to_owned).collect()
}

fn packages() -> Vec<Value> {
    let target = String::from_utf8(run("rustc", &["-vV"])).expect("text");
    let host = target
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("the host");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let metadata = run(
        &cargo,
        &[
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ],
    );
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    let used: BTreeSet<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("the graph")
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let all = metadata["packages"].as_array().expect("packages").iter();
    all.filter(|package| package["id"].as_str().is_some_and(|id| used.contains(id)))
        .cloned()
        .collect()
}

fn run(program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(args)
        .current_dir(project_root())
        .output();
    let output = output.expect("the program starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn read(path: &str) -> String {
    fs::read_to_string(project_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn name(package: &Value) -> String {
    package["name"].as_str().expect("a name").to_owned()
}

/// Whether an SPDX expression can be fulfilled with the allowed licences. AND binds tighter than OR.
fn fits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let fits = either(&words, &mut at, allowed);
    fits && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut fits = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        fits |= both(words, at, allowed);
    }
    fits
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut fits = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        fits &= one(words, at, allowed);
    }
    fits
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(&word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if word == "(" {
        let fits = either(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return fits && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(word)
}

#[test]
fn licence_expressions_are_read_right() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
        .map(str::to_owned)
        .into();
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0 OR MIT AND ISC",
        "(GPL-2.0 OR ISC) AND MIT",
        "GPL-3.0/MIT",
    ] {
        assert!(fits(good, &allowed), "{good} can be fulfilled");
    }
    assert!(fits("Apache-2.0 WITH LLVM-exception", &allowed));
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND GPL-3.0",
        "Apache-2.0",
        "MIT AND",
        "(MIT",
        "",
    ] {
        assert!(!fits(bad, &allowed), "{bad} cannot be fulfilled");
    }
}
