//! Connects the crate `client` to the browser.
pub(crate) mod browser;
pub(crate) mod build_id;
pub(crate) mod catalog;
pub(crate) mod engine_worker;
pub(crate) mod model_files;
pub(crate) mod webgpu_probe;

pub(crate) use ::client::{backend_choice, backend_selector, batch_sizer, run_supervisor};
