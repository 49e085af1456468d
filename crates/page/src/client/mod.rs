//! Talks to the workers: backend selection, the model in use, jobs, training runs and files.
pub(crate) mod catalog;
pub(crate) mod engine;
pub(crate) mod engine_worker;
pub(crate) mod files;
pub(crate) mod model_files;
pub(crate) mod training;
pub(crate) mod webgpu_probe;
pub(crate) mod worker;

pub(crate) use ::client::{
    backend_choice, backend_selector, batch_sizer, coalescing_slot, run_supervisor, watchdog,
};
