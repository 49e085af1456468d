//! Checks that all contenders compute the same results.

use super::row::Size;
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// A contender's results for the common inputs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answers {
    /// Means of four images.
    decoded: Vec<f64>,
    /// μ and log σ² of one image.
    encoded: Vec<f64>,
    /// −ELBO before each of some steps; empty if it does not train.
    losses: Vec<f64>,
}

/// Largest differences between two contenders.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Difference {
    pub(crate) contender: String,
    pub(crate) size: Size,
    pub(crate) decoded: f64,
    pub(crate) encoded: f64,
    /// Relative to the loss; the maximum over steps.
    pub(crate) losses: Option<f64>,
}

/// Compares with the reference's results.
///
/// # Errors
///
/// If they differ by more than single precision explains: 1e-4, on a GPU 1e-2.
pub(crate) fn compare(
    contender: &str,
    size: Size,
    gpu: bool,
    found: &Answers,
    reference: &Answers,
) -> Result<Difference> {
    let difference = Difference {
        contender: contender.to_owned(),
        size,
        decoded: largest_difference(&found.decoded, &reference.decoded, |_| 1.0),
        encoded: largest_difference(&found.encoded, &reference.encoded, |_| 1.0),
        losses: (!found.losses.is_empty() && !reference.losses.is_empty()).then(|| {
            let steps = found.losses.len().min(reference.losses.len());
            largest_difference(&found.losses[..steps], &reference.losses[..steps], f64::abs)
        }),
    };
    let bound = if gpu { 1e-2 } else { 1e-4 };
    let worst = difference
        .decoded
        .max(difference.encoded)
        .max(difference.losses.unwrap_or_default());
    ensure!(
        worst <= bound,
        "the results of {contender} differ from the reference: {difference:?}"
    );
    Ok(difference)
}

/// The largest difference relative to each value's scale; infinite if there is nothing to compare.
fn largest_difference(found: &[f64], reference: &[f64], scale: fn(f64) -> f64) -> f64 {
    if found.len() != reference.len() || found.is_empty() {
        return f64::INFINITY;
    }
    found
        .iter()
        .zip(reference)
        .map(|(a, b)| (a - b).abs() / scale(*b))
        // `max` ignores NaN.
        .fold(0.0, |worst: f64, d| {
            if d.is_nan() {
                f64::INFINITY
            } else {
                worst.max(d)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(decoded: f64, loss: f64) -> Answers {
        Answers {
            decoded: vec![0.5, decoded],
            encoded: vec![1.0],
            losses: vec![loss],
        }
    }

    #[test]
    fn compare_rejects_different_results() {
        let reference = answers(0.25, 500.0);
        let with = |found| compare("x", Size::S, false, &found, &reference);
        assert!(with(answers(0.25, 500.01)).is_ok());
        assert!(with(answers(0.2502, 500.0)).is_err());
        assert!(with(answers(0.25, 501.0)).is_err());
        assert!(with(answers(f64::NAN, 500.0)).is_err());
        let no_training = Answers {
            losses: vec![],
            ..answers(0.25, 0.0)
        };
        assert!(with(no_training).expect("the same").losses.is_none());
    }
}
