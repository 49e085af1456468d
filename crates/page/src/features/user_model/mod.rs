//! User models, those that were trained or imported here: importing, renaming, downloading and deleting them.

pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod import;
pub(crate) mod menu;
pub(crate) mod model_actions;
pub(crate) mod name;
pub(crate) mod rename;
