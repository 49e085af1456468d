//! Importing models from files, checking them on sample digits, and undoing the import.

pub(crate) mod check;
pub(crate) mod importer;
pub(crate) mod options;
pub(crate) mod report;
pub(crate) mod uploaded_weights;
