//! Formatting and parsing of numbers.

pub(crate) mod format;
pub(crate) mod parse;
