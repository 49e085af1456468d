//! The browser, for the crate `client`: starts workers, fetches models and probes WebGPU.

pub(crate) mod browser;
pub(crate) mod build_id;
pub(crate) mod engine_worker;
pub(crate) mod first_digit;
pub(crate) mod model_fetch;
pub(crate) mod webgpu_probe;
