//! The discretized logistic likelihood.

use super::LogProb;
use crate::{denormal::flush_gradient, math};
use spec::ChannelScales;

/// Values that are computed together: a multiple of a SIMD register and of the channels of a grey or colour pixel.
const CHUNK: usize = 24;

/// Levels of an image value.
const LEVELS: f64 = 256.0;

/// The constants of each value of a chunk.
struct Constants {
    /// 1/s.
    inverse_scale: [f32; CHUNK],
    /// ln(1 − e^−δ), with δ = 1/(255 s) the width of a level's interval in units of s.
    log_width: [f32; CHUNK],
    /// d ln(1 − e^−δ) / d ln s = −δ / (e^δ − 1).
    d_log_width: [f32; CHUNK],
}

impl Constants {
    fn new(scales: ChannelScales) -> Self {
        let scales = scales.as_slice();
        let constant = |function: fn(f64) -> f64| {
            std::array::from_fn(|i| function(scales[i % scales.len()]) as f32)
        };
        fn width(scale: f64) -> f64 {
            1.0 / ((LEVELS - 1.0) * scale)
        }
        Self {
            inverse_scale: constant(f64::recip),
            log_width: constant(|scale| (-(-width(scale)).exp_m1()).ln()),
            d_log_width: constant(|scale| -width(scale) / width(scale).exp_m1()),
        }
    }
}

/// log p(x|z) of one value, and its derivatives.
struct Terms {
    log_prob: f32,
    d_mean: f32,
    d_log_scale: f32,
}

impl Constants {
    /// The probability of the level k of x, (k ± ½)/255 being the ends of its interval and a and b their distances from
    /// the location in units of s:
    ///
    /// σ(a) − σ(b) = σ(a) σ(−b) (1 − e^(b − a)),
    ///
    /// of which the lowest level has only σ(a), the highest only σ(−b). In this form nothing cancels (Salimans et al. 2017
    /// instead approximate the interval by the density where it is narrow).
    #[inline(always)]
    fn terms(&self, i: usize, mean: f32, x: f32) -> Terms {
        const TOP: f32 = LEVELS as f32 - 1.0;
        const HALF: f32 = 0.5 / TOP;
        let level = (x * TOP + 0.5).floor();
        let (above, below) = (level < TOP, level > 0.0);
        let distance = level / TOP - mean;
        let a = (distance + HALF) * self.inverse_scale[i];
        let b = (distance - HALF) * self.inverse_scale[i];
        let (upper, lower) = (math::log_sigmoid(a), math::log_sigmoid(-b));
        let mut terms = Terms {
            log_prob: 0.0,
            d_mean: 0.0,
            d_log_scale: 0.0,
        };
        terms.log_prob += if above { upper.value } else { 0.0 };
        terms.log_prob += if below { lower.value } else { 0.0 };
        terms.d_mean -= if above { upper.derivative } else { 0.0 };
        terms.d_mean += if below { lower.derivative } else { 0.0 };
        terms.d_mean *= self.inverse_scale[i];
        terms.d_log_scale -= if above { a * upper.derivative } else { 0.0 };
        terms.d_log_scale += if below { b * lower.derivative } else { 0.0 };
        if above & below {
            terms.log_prob += self.log_width[i];
            terms.d_log_scale += self.d_log_width[i];
        }
        terms
    }
}

/// As [`log_prob_with_gradient`](super::log_prob_with_gradient).
pub(super) fn log_prob_with_gradient(
    scales: ChannelScales,
    output: &mut [f32],
    x: &[f32],
    row_width: usize,
    [n, loss_images]: [usize; 2],
) -> LogProb {
    let constants = Constants::new(scales);
    let values = output.len() / n;
    let weight = -1.0 / loss_images as f32;
    let mut per_image = Vec::with_capacity(n);
    let mut d_log_scale = vec![0.0_f64; scales.len()];
    let rows = output
        .chunks_exact_mut(values)
        .zip(x.chunks_exact(row_width));
    for (output, x) in rows {
        let (mut log_probs, mut scale_sums) = ([0.0; CHUNK], [0.0; CHUNK]);
        let mut add = |i: usize, output: &mut f32, x: f32| {
            let terms = constants.terms(i, *output, x);
            log_probs[i] += terms.log_prob;
            scale_sums[i] += terms.d_log_scale;
            *output = flush_gradient(weight * terms.d_mean);
        };
        let (chunks, tail) = output.as_chunks_mut::<CHUNK>();
        let (x_chunks, x_tail) = x[..values].as_chunks::<CHUNK>();
        for (output, x) in chunks.iter_mut().zip(x_chunks) {
            for i in 0..CHUNK {
                add(i, &mut output[i], x[i]);
            }
        }
        for (i, (output, &x)) in tail.iter_mut().zip(x_tail).enumerate() {
            add(i, output, x);
        }
        per_image.push(log_probs.iter().sum());
        for (i, sum) in scale_sums.into_iter().enumerate() {
            d_log_scale[i % scales.len()] += f64::from(sum);
        }
    }
    let pixels = (values / scales.len() * loss_images) as f64;
    LogProb {
        per_image,
        d_log_scale: d_log_scale
            .iter()
            .map(|sum| (sum / pixels) as f32)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition in double precision, σ the logistic function: σ(a) − σ(b), or the tail.
    fn exact(mean: f64, scale: f64, level: f64) -> f64 {
        let sigmoid = |t: f64| 1.0 / (1.0 + (-t).exp());
        let at = |level: f64| (level / 255.0 - mean) / scale;
        let (a, b) = (at(level + 0.5), at(level - 0.5));
        match level {
            0.0 => sigmoid(a).ln(),
            255.0 => sigmoid(-b).ln(),
            // Of the two equal differences, the one whose terms are not near 1.
            _ if b > 0.0 => (sigmoid(-b) - sigmoid(-a)).ln(),
            _ => (sigmoid(a) - sigmoid(b)).ln(),
        }
    }

    #[test]
    fn discretized_logistic_agrees_with_double_precision_and_finite_differences() {
        const H: f64 = 1e-5;
        for scale in [0.002, 0.03, 0.5] {
            let scales = ChannelScales::equal(scale, 1);
            for level in [0.0, 1.0, 100.0, 254.0, 255.0] {
                for mean in [-0.1, 0.0, 0.37, 0.4, 1.05] {
                    let exact = |mean, log_scale: f64| exact(mean, log_scale.exp(), level);
                    let expected = exact(mean, scale.ln());
                    if expected < -50.0 {
                        // Here double precision cancels.
                        continue;
                    }
                    let mut output = [mean as f32];
                    let x = [(level / 255.0) as f32];
                    let found = log_prob_with_gradient(scales, &mut output, &x, 1, [1, 1]);
                    let mean = f64::from(mean as f32);
                    let d_mean =
                        (exact(mean + H, scale.ln()) - exact(mean - H, scale.ln())) / (2.0 * H);
                    let d_log_scale =
                        (exact(mean, scale.ln() + H) - exact(mean, scale.ln() - H)) / (2.0 * H);
                    for (found, expected) in [
                        (found.per_image[0], expected),
                        (-output[0], d_mean),
                        (found.d_log_scale[0], d_log_scale),
                    ] {
                        assert!(
                            (f64::from(found) - expected).abs() < 1e-4 * expected.abs().max(1.0),
                            "s = {scale}, level {level}, mean {mean}: {found}, not {expected}"
                        );
                    }
                }
            }
        }
    }

    /// Over the 256 levels.
    #[test]
    fn discretized_logistic_probabilities_sum_to_one() {
        let x: Vec<f32> = (0..256).map(|level| level as f32 / 255.0).collect();
        for (mean, scale) in [(0.5, 0.1), (0.0, 0.02), (1.2, 0.3), (0.31, 0.001)] {
            let sum: f64 = x
                .iter()
                .map(|x| {
                    let scales = ChannelScales::equal(scale, 1);
                    let found = log_prob_with_gradient(scales, &mut [mean], &[*x], 1, [1, 1]);
                    f64::from(found.per_image[0]).exp()
                })
                .sum();
            assert!((sum - 1.0).abs() < 1e-4, "mean {mean}, s = {scale}: {sum}");
        }
    }
}
