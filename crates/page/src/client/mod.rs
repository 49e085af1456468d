//! Talks to the workers: backend selection, the model in use, jobs, training runs and files.
pub(crate) mod backend_choice;
pub(crate) mod backend_selector;
pub(crate) mod batch_sizer;
pub(crate) mod catalog;
pub(crate) mod coalescing_slot;
pub(crate) mod engine;
pub(crate) mod engine_worker;
pub(crate) mod files;
pub(crate) mod model_files;
pub(crate) mod training;
pub(crate) mod watchdog;
pub(crate) mod webgpu_probe;
pub(crate) mod worker;
