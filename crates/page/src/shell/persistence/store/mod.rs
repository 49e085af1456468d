//! The browser's storage (IndexedDB): bytes by name, which outlive the tab and never leave the
//! machine.

use worker::Bytes;

#[cfg(target_arch = "wasm32")]
pub(crate) mod indexed_db;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod unavailable;

#[cfg(target_arch = "wasm32")]
pub(crate) use indexed_db::Store;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use unavailable::Store;

/// A name and the bytes to store under it; `None` deletes what is stored there.
pub(crate) type Entry = (String, Option<Stored>);

/// Bytes to store, in parts that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored(Vec<Bytes>);

impl Stored {
    /// The parts.
    #[cfg_attr(
        not(any(target_arch = "wasm32", test)),
        expect(dead_code, reason = "only a browser's storage reads them")
    )]
    pub(crate) fn parts(&self) -> &[Bytes] {
        &self.0
    }

    /// Their size in bytes.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(
            dead_code,
            reason = "only a browser's storage has to limit transactions"
        )
    )]
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }
}

impl From<Vec<u8>> for Stored {
    fn from(bytes: Vec<u8>) -> Self {
        Self(vec![Bytes::from(bytes)])
    }
}

impl From<Bytes> for Stored {
    fn from(bytes: Bytes) -> Self {
        Self(vec![bytes])
    }
}

impl From<Vec<Bytes>> for Stored {
    fn from(parts: Vec<Bytes>) -> Self {
        Self(parts)
    }
}

/// Why something could not be stored or read. The page continues in memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser's storage fills up or fails")
)]
pub(crate) enum StoreError {
    /// The browser offers no storage, as in a private window or by a setting.
    #[error(
        "this browser offers this page no storage ({0}). You can continue, but your work is lost when the tab closes; download what you want to keep."
    )]
    Denied(String),
    /// The disk or the page's share of it is full.
    #[error(
        "the browser’s storage for this page is full. You can continue, but changes from now on are lost when the tab closes; delete images or models, or download what you want to keep."
    )]
    Full,
    /// Any other failure.
    #[error(
        "the browser’s storage failed ({0}). You can continue, but your work may be lost when the tab closes."
    )]
    Failed(String),
}

impl StoreError {
    /// A short reason.
    pub(crate) fn summary(&self) -> &'static str {
        match self {
            Self::Denied(_) => "no storage in this browser",
            Self::Full => "the browser’s storage is full",
            Self::Failed(_) => "the browser’s storage failed",
        }
    }
}
