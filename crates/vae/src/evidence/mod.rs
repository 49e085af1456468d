//! The evidence log p(x) of an image and its gap to the ELBO: by quadrature for two latent dimensions, by sampling for
//! any number.
//!
//! The definitions are log p(x) = log ∫ p(x|z) p(z) dz (notes, section 4) and
//! log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)) (notes, Equation 21). Sums over z are computed in f64 from logarithms, because
//! p(x|z) of an image is about e^−100. All quantities are in nats.

mod chain;
mod exact;
mod gradient;
mod joint;
mod plane;
mod quadrature;
mod refine;
mod sampled;

pub use chain::{ChainPath, MAX_LEAPFROG_STEPS, MAX_TRANSITIONS};
pub use estimate::{Bound, LogSum};
pub use exact::Exact;
pub use gradient::{
    Derivative, EncoderGradient, GradientEstimates, GradientSamples, MAX_GRADIENT_SAMPLES,
};
pub use joint::{LogJoint, ValueAndGradient, log_likelihood};
pub use plane::{Cell, LatentGrid, MAX_GRID_SIDE};
pub use quadrature::GridPass;
pub use refine::PlanePosterior;
pub use sampled::{LogWeights, MAX_WEIGHTS};
pub use spec::McmcKernel;

use spec::Likelihood;
use thiserror::Error;

/// An estimate that can't be computed.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// Quadrature is limited to two dimensions, because the number of cells is exponential in the dimension.
    #[error(
        "quadrature needs a model with 2 latent dimensions, but this one has {0}; sampling works for any number"
    )]
    NotTwoDimensional(usize),
    /// Quadrature evaluates log p(x|z) on a grid by a matrix product, which needs an
    /// [`ExponentialFamily`](crate::ExponentialFamily).
    #[error("quadrature is not implemented for the likelihood {0}; sampling works for any")]
    NotExponentialFamily(Likelihood),
    /// A pixel is NaN, or not from 0 to 1.
    #[error("pixel {index} is {value}; pixels must be from 0 (black) to 1 (white)")]
    InvalidPixel {
        /// The pixel's index, row-major from the upper left.
        index: usize,
        /// Its value.
        value: f32,
    },
    /// The image has another size than the model's.
    #[error("the image has {found} pixels; this model needs {expected}")]
    WrongSize {
        /// Number of pixels of the image.
        found: usize,
        /// Number of pixels of the model.
        expected: usize,
    },
    /// A number of samples or cells is out of bounds.
    #[error("{what} is {found}; it must be from {least} to {most}")]
    OutOfBounds {
        /// The quantity.
        what: &'static str,
        /// Its value.
        found: usize,
        /// The smallest valid value.
        least: usize,
        /// The largest valid value.
        most: usize,
    },
    /// An array has another length than the model needs.
    #[error("{what} has {found} values; this model needs {expected}")]
    WrongLength {
        /// The array.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length needed.
        expected: usize,
    },
    /// The step size of a chain is not positive and finite.
    #[error("the step size is {0}; it must be finite and above 0")]
    InvalidStepSize(f64),
    /// The start of a chain is not finite.
    #[error("the chain's start has a coordinate of {0}; all must be finite")]
    InvalidStart(f32),
    /// The grid is not completely decoded yet.
    #[error("{done} of {total} grid points are decoded; decode the others first")]
    IncompleteGrid {
        /// Decoded points.
        done: usize,
        /// All points.
        total: usize,
    },
    /// An imported model may have a decoder alone.
    #[error("the model has no encoder, so that q(z|x) does not exist")]
    NoEncoder,
    /// The device failed to compute or to return the values.
    #[error(transparent)]
    Device(#[from] burn::tensor::ExecutionError),
}

/// Validates an image: its size, and its values in `[0, 1]`.
fn check_image(image: &[f32], pixels: usize) -> Result<(), EvidenceError> {
    if image.len() != pixels {
        return Err(EvidenceError::WrongSize {
            found: image.len(),
            expected: pixels,
        });
    }
    match image
        .iter()
        .enumerate()
        .find(|(_, value)| !(0.0..=1.0).contains(*value))
    {
        Some((index, &value)) => Err(EvidenceError::InvalidPixel { index, value }),
        None => Ok(()),
    }
}

/// Validates that the model has q(z|x).
fn check_encoder(model: &crate::Vae) -> Result<(), EvidenceError> {
    match model.has_encoder() {
        true => Ok(()),
        false => Err(EvidenceError::NoEncoder),
    }
}

/// Validates that a number is within its bounds.
fn check_number(
    what: &'static str,
    found: usize,
    [least, most]: [usize; 2],
) -> Result<(), EvidenceError> {
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(EvidenceError::OutOfBounds {
            what,
            found,
            least,
            most,
        })
    }
}

/// Validates the length of an array.
fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), EvidenceError> {
    if found == expected {
        Ok(())
    } else {
        Err(EvidenceError::WrongLength {
            what,
            found,
            expected,
        })
    }
}

/// Validates that an array consists of complete rows.
fn check_rows(what: &'static str, rows: &[f32], width: usize) -> Result<(), EvidenceError> {
    match rows.len() % width {
        0 => Ok(()),
        rest => check_length(what, rest, width),
    }
}

#[cfg(test)]
pub(crate) mod linear_gaussian;
