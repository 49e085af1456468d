//! The page's features, one folder each: view, state and logic.
pub(crate) mod compare;
pub(crate) mod dataset;
pub(crate) mod decoder;
pub(crate) mod encode;
pub(crate) mod evidence;
pub(crate) mod explore;
pub(crate) mod latent_map;
pub(crate) mod learn;
pub(crate) mod train;
pub(crate) mod user_model;
