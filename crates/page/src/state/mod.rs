//! State that several features share: signals that they read, and the actions that they call.
//!
//! The state of a single feature is in that feature's folder.

pub(crate) mod actions;
pub(crate) mod catalog;
pub(crate) mod engine_view;
pub(crate) mod label;
pub(crate) mod latent_vector;
pub(crate) mod loss_history;
pub(crate) mod model_card;
pub(crate) mod notices;
pub(crate) mod run_end;
pub(crate) mod save_status;
pub(crate) mod signals;
pub(crate) mod training;
