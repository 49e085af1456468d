//! log p(x|z) of a batch and its gradient, in one pass.

mod discretized_logistic;

use crate::{
    denormal::flush_gradient,
    math::{self, ValueAndDerivative},
};
use spec::Likelihood;
use std::f64::consts::PI;

/// Independent partial sums of an image, so that the loop over pixels vectorizes.
const ACCUMULATORS: usize = 8;

/// log p(x|z) of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogProb {
    /// In nats for each image, `[n]`.
    pub per_image: Vec<f32>,
    /// The derivative for the logarithm of the likelihood's scale, for each channel: the mean over the pixels of
    /// `loss_images` images, in nats. Empty for a likelihood without scales.
    pub d_log_scale: Vec<f32>,
}

/// log p(x|z) of each image. The decoder's output is replaced by the loss's gradient for it, where the loss has the term
/// −1/`loss_images` · Σ log p(x|z).
///
/// # Shapes
/// - `output`: of the decoder, `[n, input]`
/// - `x`: the images, rows of `row_width` values of which the first `input` are the image's
/// - `n`: images; at least 1
/// - `loss_images`: the number of images over which the loss is averaged
pub fn log_prob_with_gradient(
    likelihood: Likelihood,
    output: &mut [f32],
    x: &[f32],
    row_width: usize,
    n: usize,
    loss_images: usize,
) -> LogProb {
    let images = [n, loss_images];
    let per_image = match likelihood {
        Likelihood::Bernoulli => sum_pixels(output, x, row_width, images, bernoulli),
        Likelihood::ContinuousBernoulli => sum_pixels(output, x, row_width, images, |logit, x| {
            let bernoulli = bernoulli(logit, x);
            let normalizer = math::log_continuous_bernoulli_normalizer(logit);
            ValueAndDerivative {
                value: bernoulli.value + normalizer.value,
                derivative: bernoulli.derivative + normalizer.derivative,
            }
        }),
        Likelihood::Gaussian { sigma } => {
            let normalizer = (sigma.ln() + 0.5 * (2.0 * PI).ln()) as f32;
            let precision = (1.0 / (sigma * sigma)) as f32;
            sum_pixels(output, x, row_width, images, move |mean, x| {
                let residual = x - mean;
                ValueAndDerivative {
                    value: residual * residual * (-0.5 * precision) - normalizer,
                    derivative: residual * precision,
                }
            })
        }
        Likelihood::DiscretizedLogistic { scales } => {
            return discretized_logistic::log_prob_with_gradient(
                scales, output, x, row_width, images,
            );
        }
    };
    LogProb {
        per_image,
        d_log_scale: Vec::new(),
    }
}

/// The mean of p(x|z) of each pixel, in place: sigmoid of the logits for the Bernoulli kinds (of the continuous one this
/// is λ, not the mean), the output itself for the Gaussian, and the location for the discretized logistic, clamped to the
/// range of the levels.
pub fn mean_in_place(likelihood: Likelihood, output: &mut [f32]) {
    match likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => {
            for value in output {
                *value = math::sigmoid(*value);
            }
        }
        Likelihood::Gaussian { .. } => {}
        Likelihood::DiscretizedLogistic { .. } => {
            for value in output {
                *value = value.clamp(0.0, 1.0);
            }
        }
    }
}

/// log Bernoulli(x; sigmoid(l)) = l·x + log sigmoid(−l), with its derivative for l.
#[inline(always)]
fn bernoulli(logit: f32, x: f32) -> ValueAndDerivative {
    let log_complement = math::log_sigmoid(-logit);
    ValueAndDerivative {
        value: logit * x + log_complement.value,
        derivative: x - log_complement.derivative,
    }
}

/// Sums `log_prob(output, x)` over the pixels of each image, and replaces the outputs by the loss's gradients.
#[inline(always)]
fn sum_pixels(
    output: &mut [f32],
    x: &[f32],
    row_width: usize,
    [n, loss_images]: [usize; 2],
    log_prob: impl Fn(f32, f32) -> ValueAndDerivative,
) -> Vec<f32> {
    let pixels = output.len() / n;
    let weight = -1.0 / loss_images as f32;
    let images = output
        .chunks_exact_mut(pixels)
        .zip(x.chunks_exact(row_width));
    let image_log_prob = |(output, x): (&mut [f32], &[f32])| {
        let mut sums = [0.0; ACCUMULATORS];
        let (chunks, tail) = output.as_chunks_mut::<ACCUMULATORS>();
        let (x_chunks, x_tail) = x[..pixels].as_chunks::<ACCUMULATORS>();
        for (output, x) in chunks.iter_mut().zip(x_chunks) {
            for i in 0..ACCUMULATORS {
                let ValueAndDerivative { value, derivative } = log_prob(output[i], x[i]);
                sums[i] += value;
                output[i] = flush_gradient(weight * derivative);
            }
        }
        for ((sum, output), &x) in sums.iter_mut().zip(tail).zip(x_tail) {
            let ValueAndDerivative { value, derivative } = log_prob(*output, x);
            *sum += value;
            *output = flush_gradient(weight * derivative);
        }
        sums.iter().sum()
    };
    images.map(image_log_prob).collect()
}
