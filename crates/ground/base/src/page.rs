//! Paging by key: a page is named by the last row before it, never by a number of rows to skip.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rows a page holds: 1..=200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The largest page.
    pub const MAX: u16 = 200;

    /// The size nearest to `rows` that is allowed.
    #[must_use]
    pub fn clamped(rows: u16) -> Self {
        Self(rows.clamp(1, Self::MAX))
    }

    /// The number of rows.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

/// Where a page begins: after the row with this sort key and id. Opaque to callers
/// (base64url of `key | id`); holds no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Sort key of the last row seen.
    pub key: i64,
    /// Its id, which breaks ties.
    pub id: [u8; 16],
}

/// The text is no cursor that this program made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this page address is not complete: start again from the first page")]
pub struct CursorError;

impl Cursor {
    /// The cursor as it stands in an address.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.key.to_be_bytes());
        bytes[8..].copy_from_slice(&self.id);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let bytes: [u8; 24] = bytes.try_into().map_err(|_| CursorError)?;
        let (key, id) = bytes.split_at(8);
        Ok(Self {
            key: i64::from_be_bytes(key.try_into().map_err(|_| CursorError)?),
            id: id.try_into().map_err(|_| CursorError)?,
        })
    }
}
