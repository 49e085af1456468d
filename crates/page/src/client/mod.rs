//! Talks to the workers: the stage's engine, its models and jobs.
pub(crate) mod catalog;
pub(crate) mod engine;
pub(crate) mod engine_worker;
pub(crate) mod model_files;
pub(crate) mod webgpu_probe;
pub(crate) mod worker;

pub(crate) use ::client::{
    backend_choice, backend_selector, batch_sizer, coalescing_slot, run_supervisor, watchdog,
};
