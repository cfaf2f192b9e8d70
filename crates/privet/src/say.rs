//! What the program says: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// A line of the result.
pub fn line(text: impl std::fmt::Display) {
    // A closed pipe (`privet find … | head`) is no reason to fail.
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// JSON of the result.
pub fn json(value: &impl serde::Serialize) {
    line(serde_json::to_string_pretty(value).unwrap_or_default());
}

/// What is happening meanwhile.
pub fn note(text: impl std::fmt::Display) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// What went wrong, with its causes.
pub fn error(error: &anyhow::Error) {
    let mut said = vec![error.to_string()];
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.iter().any(|known| known.contains(&cause)) {
            said.push(cause);
        }
    }
    note(format!("privet: {}", said.join(": ")));
}

/// A bar on a terminal, nothing elsewhere.
pub fn bar(total: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar:.green} {human_pos}/{human_len} · {per_sec} · {eta} left",
    );
    let bar = ProgressBar::new(total).with_message(what);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
