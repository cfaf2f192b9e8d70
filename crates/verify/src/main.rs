//! `privet-verify`: checks an exported log or the proof of one leaf, and says so in one line.
//!
//! Exit code 0: whole. 1: something is wrong, and the line says where. 2: it could not be checked.

use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

use privet_verify::{Problem, VerifierKey, hex, verify_export, verify_inclusion};

const USAGE: &str = "\
privet-verify [--key KEY]... FILE              check an exported log
privet-verify --key KEY... --inclusion PROOF   check the proof of one leaf

KEY is a verifier key of the log (name+id+base64), learned from somewhere else than
the file. Give all kinds of key the log signs with. Without one, the keys in the file
are taken: that shows that the file is whole, but not whose log it is.
";

enum Outcome {
    Whole(String),
    Wrong(String),
    Unchecked(String),
}

fn main() -> ExitCode {
    let outcome = run(std::env::args().skip(1).collect());
    let (text, code) = match outcome {
        Outcome::Whole(text) => (text, 0),
        Outcome::Wrong(text) => (format!("WRONG {text}\n"), 1),
        Outcome::Unchecked(text) => (text, 2),
    };
    // When nobody listens, the exit code still speaks.
    drop(std::io::stdout().lock().write_all(text.as_bytes()));
    ExitCode::from(code)
}

fn run(arguments: Vec<String>) -> Outcome {
    let mut keys = Vec::new();
    let mut file = None;
    let mut inclusion = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--key" => match arguments.next().map(|key| key.parse::<VerifierKey>()) {
                Some(Ok(key)) => keys.push(key),
                Some(Err(what)) => return Outcome::Unchecked(format!("--key: {what}\n")),
                None => return Outcome::Unchecked(USAGE.to_owned()),
            },
            "--inclusion" => inclusion = true,
            _ if argument.starts_with('-') || file.is_some() => {
                return Outcome::Unchecked(USAGE.to_owned());
            }
            _ => file = Some(argument),
        }
    }
    match file {
        Some(file) if inclusion && !keys.is_empty() => check_inclusion(&file, &keys),
        Some(file) if !inclusion => check_export(&file, &keys),
        _ => Outcome::Unchecked(USAGE.to_owned()),
    }
}

fn failed(problem: &Problem) -> Outcome {
    match problem {
        Problem::Read(_) => Outcome::Unchecked(format!("{problem}\n")),
        Problem::Wrong { .. } => Outcome::Wrong(problem.to_string()),
    }
}

fn check_export(path: &str, keys: &[VerifierKey]) -> Outcome {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return failed(&Problem::Read(error)),
    };
    match verify_export(file, keys) {
        Err(problem) => failed(&problem),
        Ok(report) => {
            let mut text = format!(
                "whole: {}\nsize {}\nroot {}\ncheckpoints {}\n",
                report.origin,
                report.size,
                hex(&report.root),
                report.checkpoints
            );
            if keys.is_empty() {
                text.push_str("keys taken from the file; compare them with those the log's owner published:\n");
                for key in &report.keys {
                    text.push_str(&format!("key {key}\n"));
                }
            }
            Outcome::Whole(text)
        }
    }
}

fn check_inclusion(path: &str, keys: &[VerifierKey]) -> Outcome {
    let proof = match std::fs::read_to_string(path) {
        Ok(proof) => proof,
        Err(error) => return failed(&Problem::Read(error)),
    };
    match verify_inclusion(&proof, keys) {
        Err(problem) => failed(&problem),
        Ok(included) => Outcome::Whole(format!(
            "included: leaf {} of {}\nsize {}\nroot {}\n",
            included.index,
            included.origin,
            included.size,
            hex(&included.root)
        )),
    }
}
