//! The timeline of a person or company: notes, each sealed for those it is about.

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("timeline", include_str!("schema.toml"));

pub mod pages;
