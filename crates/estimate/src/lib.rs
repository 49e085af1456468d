//! What samples say of a number, and how far it may be off.
//!
//! Nothing here knows of models: the page sums up with it what the worker draws, and `vae` what it draws
//! itself.

mod bound;
mod log_sum;

pub use bound::{Bound, importance_bound, mean_and_error};
pub use log_sum::LogSum;
