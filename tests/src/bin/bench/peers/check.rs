//! Whether all compute the same: a wrong answer is no peer's.

use super::row::Size;
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// What a contender makes of the numbers that all are given.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answers {
    /// Means of four images.
    decoded: Vec<f64>,
    /// μ and log σ² of one image.
    encoded: Vec<f64>,
    /// −ELBO before each of some steps; none of what does not train.
    losses: Vec<f64>,
}

/// How far two come apart.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Difference {
    pub(crate) contender: String,
    pub(crate) size: Size,
    pub(crate) decoded: f64,
    pub(crate) encoded: f64,
    /// Relative to the loss; the largest of the steps.
    pub(crate) losses: Option<f64>,
}

/// Compares with the reference's answers.
///
/// # Errors
///
/// When they differ by more than arithmetic in single precision does: 1e-4, on a GPU 1e-2.
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
        decoded: furthest(&found.decoded, &reference.decoded, |_| 1.0),
        encoded: furthest(&found.encoded, &reference.encoded, |_| 1.0),
        losses: (!found.losses.is_empty() && !reference.losses.is_empty()).then(|| {
            let steps = found.losses.len().min(reference.losses.len());
            furthest(&found.losses[..steps], &reference.losses[..steps], f64::abs)
        }),
    };
    let bound = if gpu { 1e-2 } else { 1e-4 };
    let worst = difference
        .decoded
        .max(difference.encoded)
        .max(difference.losses.unwrap_or_default());
    ensure!(
        worst <= bound,
        "{contender} does not compute what the reference does: {difference:?}"
    );
    Ok(difference)
}

/// The largest distance, by each number's scale; infinite where there is nothing to compare.
fn furthest(found: &[f64], reference: &[f64], scale: fn(f64) -> f64) -> f64 {
    if found.len() != reference.len() || found.is_empty() {
        return f64::INFINITY;
    }
    found
        .iter()
        .zip(reference)
        .map(|(a, b)| (a - b).abs() / scale(*b))
        // `max` would drop a NaN.
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
    fn what_differs_fails() {
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
