//! How likely an image is under a model, and how far the ELBO stays below it: exactly for two latent
//! dimensions, by sampling for any number.
//!
//! All of it rests on log p(x) = log ∫ p(x|z) p(z) dz (notes, section 4) and on
//! log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)). Sums over many z are taken in f64 and in logarithms, since
//! p(x|z) of an image is about e^−100.

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
pub use joint::{LogJoint, Slope, log_likelihood};
pub use plane::{Cell, LatentGrid, MAX_GRID_SIDE};
pub use quadrature::GridPass;
pub use refine::PlanePosterior;
pub use sampled::{LogWeights, MAX_WEIGHTS};
pub use spec::McmcKernel;

use thiserror::Error;

/// Why there is no estimate.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// Quadrature is for two dimensions: the number of cells grows with the power of their number.
    #[error(
        "the exact value needs a model of 2 latent dimensions, and this one has {0}; sampling works for any \
         number"
    )]
    NotTwoDimensional(usize),
    /// There are pixels that are no numbers, or outside 0 to 1.
    #[error("pixel {index} is {value}; pixels must be from 0 (ground) to 1 (ink)")]
    BadPixel {
        /// Which pixel, from the upper left.
        index: usize,
        /// What it is.
        value: f32,
    },
    /// The image is of another size than the model's.
    #[error("the image has {found} pixels; this model needs {expected}")]
    WrongSize {
        /// Pixels of the image.
        found: usize,
        /// Pixels that the model takes.
        expected: usize,
    },
    /// A number of samples or cells is out of bounds.
    #[error("{what} is {found}; it must be from {least} to {most}")]
    OutOfBounds {
        /// What was asked for.
        what: &'static str,
        /// How much of it.
        found: usize,
        /// The least that makes sense.
        least: usize,
        /// The most.
        most: usize,
    },
    /// A list of numbers is of another length than the model's.
    #[error("{what} has {found} numbers; this model needs {expected}")]
    WrongLength {
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that the model needs.
        expected: usize,
    },
    /// A chain would not move, or go nowhere.
    #[error("the step is {0}; it must be a finite number above 0")]
    BadStep(f64),
    /// A chain can't be where there is no place.
    #[error("the chain's place has a coordinate that is {0}; all must be finite numbers")]
    BadPlace(f32),
    /// The grid's pass is not done yet.
    #[error("the decoder has been over {done} of {of} points of the grid; finish the pass first")]
    Unfinished {
        /// Points that are done.
        done: usize,
        /// All points.
        of: usize,
    },
    /// The device could not compute or hand over the numbers.
    #[error(transparent)]
    Device(#[from] burn::tensor::ExecutionError),
}

/// Refuses images that no likelihood is defined for.
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
        Some((index, &value)) => Err(EvidenceError::BadPixel { index, value }),
        None => Ok(()),
    }
}

/// Refuses a number that is out of bounds.
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

/// Refuses a list that is longer or shorter than the model's.
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

/// Refuses rows of which the last is too short.
fn check_rows(what: &'static str, rows: &[f32], width: usize) -> Result<(), EvidenceError> {
    match rows.len() % width {
        0 => Ok(()),
        rest => check_length(what, rest, width),
    }
}

#[cfg(test)]
mod linear_gaussian;
