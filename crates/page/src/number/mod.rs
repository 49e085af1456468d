//! Numbers as people type and read them.

pub(crate) mod format;
pub(crate) mod parse;
