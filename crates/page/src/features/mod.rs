//! What the page does, one folder per feature: its view, its state and its logic side by side.
pub(crate) mod dataset;
pub(crate) mod decoder;
pub(crate) mod encode;
pub(crate) mod evidence;
pub(crate) mod explore;
pub(crate) mod latent_map;
pub(crate) mod train;
