//! The frame of pages without a session: signing in, errors, what the public sees.

/// The frame that `plain.html` draws: a brand, a title, one column.
#[derive(Debug, Clone)]
pub struct Plain {
    /// Title of the page, without the program's name.
    pub title: String,
    /// Name of the workspace or organisation; empty shows the program's.
    pub organisation: String,
}

impl Plain {
    /// A frame under a title.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            organisation: String::new(),
        }
    }
}
