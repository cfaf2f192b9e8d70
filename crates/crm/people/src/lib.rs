//! People: contacts with several mails, phones and addresses, each value with its class and origin.

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("people", include_str!("schema.toml"));

pub mod pages;
