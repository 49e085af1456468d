#![doc = include_str!("../README.md")]

mod autocorrelation;
mod bound;
mod chain;
mod log_sum;

pub use autocorrelation::{autocorrelation, autocorrelation_time};
pub use bound::{Bound, importance_bound, mean_and_error};
pub use chain::{ChainMean, geweke};
pub use log_sum::LogSum;
