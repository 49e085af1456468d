//! log p(x|z) of a batch with its gradient, in one pass.

use super::{Point, flush, math};
use crate::Likelihood;
use std::f64::consts::PI;

/// Sums that are under way at once.
const LANES: usize = 8;

/// log p(x|z) of each image, `[n]`, in nats. The decoder's output is replaced by the gradient of the loss,
/// −1/`of` of each image's log p(x|z).
///
/// # Shapes
/// - `output`: `[n × input]`, of the decoder
/// - `x`: the images, in rows of `width` numbers that begin with the pixels
/// - `images`: n, and the number of images that the loss is averaged over
pub(super) fn reconstruct(
    likelihood: Likelihood,
    output: &mut [f32],
    x: &[f32],
    width: usize,
    images: [usize; 2],
) -> Vec<f32> {
    match likelihood {
        Likelihood::Bernoulli => rows(output, x, width, images, bernoulli),
        Likelihood::ContinuousBernoulli => rows(output, x, width, images, |logit, x| {
            let (bernoulli, normaliser) =
                (bernoulli(logit, x), math::log_continuous_normaliser(logit));
            Point {
                value: bernoulli.value + normaliser.value,
                slope: bernoulli.slope + normaliser.slope,
            }
        }),
        Likelihood::Gaussian { sigma } => {
            let normaliser = (sigma.ln() + 0.5 * (2.0 * PI).ln()) as f32;
            let precision = (1.0 / (sigma * sigma)) as f32;
            rows(output, x, width, images, move |mean, x| {
                let off = x - mean;
                Point {
                    value: off * off * (-0.5 * precision) - normaliser,
                    slope: off * precision,
                }
            })
        }
    }
}

/// l·x + log sigmoid(−l), with its slope by l.
#[inline(always)]
fn bernoulli(logit: f32, x: f32) -> Point {
    let opposite = math::log_sigmoid(-logit);
    Point {
        value: logit * x + opposite.value,
        slope: x - opposite.slope,
    }
}

#[inline(always)]
fn rows(
    output: &mut [f32],
    x: &[f32],
    width: usize,
    [n, of]: [usize; 2],
    pixel: impl Fn(f32, f32) -> Point,
) -> Vec<f32> {
    let input = output.len() / n;
    let share = -1.0 / of as f32;
    let images = output.chunks_exact_mut(input).zip(x.chunks_exact(width));
    let of_image = |(output, x): (&mut [f32], &[f32])| {
        let mut sums = [0.0; LANES];
        let (whole, rest) = output.as_chunks_mut::<LANES>();
        let (whole_x, rest_x) = x[..input].as_chunks::<LANES>();
        for (output, x) in whole.iter_mut().zip(whole_x) {
            for lane in 0..LANES {
                let Point { value, slope } = pixel(output[lane], x[lane]);
                sums[lane] += value;
                output[lane] = flush(share * slope);
            }
        }
        for ((sum, output), &x) in sums.iter_mut().zip(rest).zip(rest_x) {
            let Point { value, slope } = pixel(*output, x);
            *sum += value;
            *output = flush(share * slope);
        }
        sums.iter().sum()
    };
    images.map(of_image).collect()
}
