//! The correct answers of the chapters' questions, computed by the engine for the reader's image and model.

mod bayes;
mod bound;
mod chains;
mod decoder;
mod encoder;
mod evidence;
mod gradients;
pub(crate) mod joint_table;
mod likelihood;
pub(crate) mod prior;

use crate::features::learn::probe::Probe;
use course::CURVE_POINTS;

/// What the reader has committed to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Given {
    /// The index of an option.
    Choice(usize),
    /// A number.
    Number(f64),
    /// A point of the latent plane.
    Place([f64; 2]),
    /// A drawn curve, in the unit of its vertical axis.
    Curve([f64; CURVE_POINTS]),
}

/// The correct answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Correct {
    /// The index of an option.
    Choice(usize),
    /// A number.
    Number(f64),
    /// Whether the given point is right.
    Place(bool),
    /// A curve, in the unit of its vertical axis.
    Curve([f64; CURVE_POINTS]),
}

/// The correct answer, and the numbers that decide, as a sentence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// The answer.
    pub(crate) correct: Correct,
    /// The sentence.
    pub(crate) shown: String,
}

impl Measured {
    /// An option.
    fn choice(index: usize, shown: String) -> Result<Self, String> {
        Ok(Self {
            correct: Correct::Choice(index),
            shown,
        })
    }

    /// A number.
    fn number(value: f64, shown: String) -> Result<Self, String> {
        Ok(Self {
            correct: Correct::Number(value),
            shown,
        })
    }

    /// A curve.
    fn curve(values: [f64; CURVE_POINTS], shown: String) -> Result<Self, String> {
        Ok(Self {
            correct: Correct::Curve(values),
            shown,
        })
    }

    /// Whether the point is right.
    fn place(is_right: bool, shown: String) -> Result<Self, String> {
        Ok(Self {
            correct: Correct::Place(is_right),
            shown,
        })
    }
}

/// The names of all measurements.
#[cfg(test)]
pub(crate) const NAMES: [&str; 32] = [
    "place_of_class",
    "uncertain_pixels",
    "typical_length",
    "table_conditional",
    "place_of_posterior",
    "posterior_width",
    "grid_time",
    "half_of_the_sum",
    "naive_sign",
    "naive_share",
    "too_narrow",
    "encoder_or_best",
    "gap_by_width",
    "gap",
    "single_sample",
    "order_of_bounds",
    "encoder_outputs",
    "erased_image",
    "amortized",
    "gradient_inside",
    "compute_z",
    "variance_ratio",
    "kl_gradient",
    "mean_over_pixels",
    "positive_log",
    "untrained_loss",
    "ambiguous_samples",
    "border_ink",
    "shell",
    "first_steps",
    "effective",
    "price",
];

/// Takes the measurement of this name. `given` decides questions about places only.
///
/// # Errors
///
/// Why it cannot be taken, to be shown to the reader.
pub(crate) async fn measure(
    name: &str,
    given: Given,
    probe: Probe,
    seed: u64,
) -> Result<Measured, String> {
    let place = match given {
        Given::Place(place) => place,
        Given::Choice(_) | Given::Number(_) | Given::Curve(_) => [0.0; 2],
    };
    match name {
        "place_of_class" => decoder::place_of_class(probe, place),
        "uncertain_pixels" => decoder::uncertain_pixels(probe).await,
        "border_ink" => decoder::border_ink(probe).await,
        "ambiguous_samples" => decoder::ambiguous_samples(probe).await,
        "grid_time" => decoder::grid_time(probe).await,
        "typical_length" => prior::typical_length(),
        "shell" => prior::shell(),
        "table_conditional" => bayes::table_conditional(probe).await,
        "place_of_posterior" => bayes::place_of_posterior(probe, place).await,
        "posterior_width" => bayes::posterior_width(probe).await,
        "half_of_the_sum" => evidence::half_of_the_sum(probe, seed).await,
        "naive_sign" => evidence::naive_sign(probe, seed).await,
        "naive_share" => evidence::naive_share(probe, seed).await,
        "too_narrow" => bound::too_narrow(probe).await,
        "encoder_or_best" => bound::encoder_or_best(probe).await,
        "gap_by_width" => bound::gap_by_width(probe).await,
        "gap" => bound::gap(probe).await,
        "single_sample" => bound::single_sample(probe, seed).await,
        "order_of_bounds" => bound::order_of_bounds(probe, seed).await,
        "encoder_outputs" => encoder::outputs(probe),
        "erased_image" => encoder::erased_image(probe).await,
        "amortized" => encoder::amortized(probe),
        "gradient_inside" => gradients::inside(probe).await,
        "compute_z" => gradients::compute_z(probe),
        "variance_ratio" => gradients::variance_ratio(probe, seed).await,
        "kl_gradient" => gradients::kl_gradient(probe),
        "mean_over_pixels" => likelihood::mean_over_pixels(probe).await,
        "positive_log" => likelihood::positive_log(probe).await,
        "untrained_loss" => likelihood::untrained_loss(probe),
        "first_steps" => chains::first_steps(probe, seed).await,
        "effective" => chains::effective(probe, seed).await,
        "price" => chains::price(probe, seed).await,
        _ => Err(format!("This question is broken: nothing measures {name}.")),
    }
}

/// The first index whose limit is above the value, or the number of limits.
fn interval(value: f64, limits: &[f64]) -> usize {
    limits
        .iter()
        .position(|limit| value < *limit)
        .unwrap_or(limits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_counts_the_limits_below() {
        assert_eq!(interval(0.0, &[1.0, 2.0]), 0);
        assert_eq!(interval(1.0, &[1.0, 2.0]), 1);
        assert_eq!(interval(9.0, &[1.0, 2.0]), 2);
    }
}
