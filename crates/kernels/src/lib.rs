#![doc = include_str!("../README.md")]

pub mod activation;
pub mod adam;
pub mod conv;
mod denormal;
pub mod gemm;
pub mod latent;
pub mod likelihood;
pub mod math;
pub mod mlp;
pub mod step;
