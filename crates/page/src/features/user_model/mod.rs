//! The menu of models: the included ones with their data sets, and user models, those that were trained or imported
//! here: importing, renaming, downloading and deleting them.

pub(crate) mod card_facts;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod import;
pub(crate) mod menu;
pub(crate) mod model_actions;
pub(crate) mod model_groups;
pub(crate) mod name;
pub(crate) mod onnx;
pub(crate) mod rename;
