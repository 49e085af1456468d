//! Importing models from files, checking them on sample digits, and undoing the import.

pub(crate) mod address;
pub(crate) mod check;
pub(crate) mod importer;
mod layer_list;
pub(crate) mod options;
mod preview;
mod question;
pub(crate) mod report;
pub(crate) mod uploaded_weights;
