//! Identifies this build.

/// Ties a worker's address to this build, so that a browser's cache does not pair a new page with
/// an old worker.
pub(crate) const BUILD_ID: &str = match option_env!("ELBO_ROOM_BUILD_ID") {
    Some(id) => id,
    None => env!("CARGO_PKG_VERSION"),
};
