//! The diagonal Gaussian q(z|x) in two dimensions: its ELBO by Gauss–Hermite quadrature, and the search for the best
//! one.

pub(crate) mod best;
pub(crate) mod expectation;
pub(crate) mod gaussian;
pub(crate) mod search;
