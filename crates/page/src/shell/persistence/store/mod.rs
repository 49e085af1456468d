//! The browser's own storage (IndexedDB): named bytes that outlive the tab. Nothing leaves the
//! machine.

#[cfg(target_arch = "wasm32")]
pub(crate) mod indexed_db;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod unavailable;

#[cfg(target_arch = "wasm32")]
pub(crate) use indexed_db::Store;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use unavailable::Store;

/// Why something could not be kept or found again. The page goes on in memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser's storage fills up or fails")
)]
pub(crate) enum StoreError {
    /// The browser gives no storage: a private window, a setting, or none at all.
    #[error(
        "this browser keeps nothing for this page ({0}). Your work goes on, but is lost when the tab closes; download what you want to keep."
    )]
    Denied(String),
    /// The disk or the page's share of it is full.
    #[error(
        "the browser’s storage for this page is full. Your work goes on, but what comes now is lost when the tab closes; remove digits or models, or download what you want to keep."
    )]
    Full,
    /// It failed in another way.
    #[error("the browser’s storage failed ({0}). Your work goes on in memory.")]
    Failed(String),
}
