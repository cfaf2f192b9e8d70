//! Companies, and who works there.

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("companies", include_str!("schema.toml"));

pub mod pages;
