//! What samples say of a number, and how far it may be off.
//!
//! Nothing here knows of models: the page sums up with it what the worker draws, and `vae` what it draws
//! itself.

mod autocorrelation;
mod bound;
mod chain;
mod log_sum;

pub use autocorrelation::{autocorrelation, autocorrelation_time};
pub use bound::{Bound, importance_bound, mean_and_error};
pub use chain::{ChainMean, geweke};
pub use log_sum::LogSum;
