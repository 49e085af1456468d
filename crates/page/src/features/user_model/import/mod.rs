//! Importing models from files, checking them on sample digits, and undoing the import.

pub(crate) mod check;
pub(crate) mod importer;
pub(crate) mod options;
mod preview;
mod question;
pub(crate) mod report;
pub(crate) mod uploaded_weights;
