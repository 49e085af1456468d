#![doc = include_str!("../README.md")]

mod autocorrelation;
mod bound;
mod chain;
mod chains;
mod gauss_hermite;
mod gaussian_fit;
mod log_sum;
mod normal;
mod r_hat;

pub use autocorrelation::{autocorrelation, autocorrelation_time};
pub use bound::{Bound, importance_bound, mean_and_error};
pub use chain::{ChainMean, geweke};
pub use chains::ChainsMean;
pub use gaussian_fit::{Fitted, GaussianFit, PlaneGaussian};
pub use log_sum::LogSum;
pub use normal::{normal_cdf, normal_quantile, quantile_grid};
pub use r_hat::{R_HAT_LIMIT, rank_normalized_split_r_hat};
