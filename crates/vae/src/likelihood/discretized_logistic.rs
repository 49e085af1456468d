//! The discretized logistic likelihood (Kingma et al. 2016; Salimans et al. 2017).

use super::bernoulli::stable_log_sigmoid;
use crate::KernelPath;
use burn::tensor::{Tensor, TensorData, activation::sigmoid};
use spec::ChannelScales;

/// The highest of the 256 levels of an image value.
const TOP: f64 = 255.0;

/// Lower bound of a scale: below it, all of a level's probability lies within its own interval.
const MIN_SCALE: f64 = 0.125 / TOP;

/// The Fisher information of a logistic distribution about the logarithm of its scale, (π² + 3)/9.
const FISHER_INFORMATION: f64 = (std::f64::consts::PI * std::f64::consts::PI + 3.0) / 9.0;

/// The ends of the interval of each value's level, and where they lie.
struct Interval {
    /// The distance of the upper end from the location in units of the scale.
    upper: Tensor<2>,
    /// As `upper`, of the lower end.
    lower: Tensor<2>,
    /// 1 where the level is not the highest, 0 where it is.
    has_upper: Tensor<2>,
    /// 1 where the level is not the lowest, 0 where it is.
    has_lower: Tensor<2>,
}

impl Interval {
    /// # Shapes
    /// - `location`, `x`: `[n, input]`
    /// - all: `[n · pixels, channels]`
    fn new(location: Tensor<2>, x: Tensor<2>, scales: ChannelScales) -> Self {
        let [n, values] = x.dims();
        let rows = [n * values / scales.len(), scales.len()];
        // x need not be exactly on a level, for example after a shift by part of a pixel.
        let level = x.reshape(rows).mul_scalar(TOP).add_scalar(0.5).floor();
        let distance = level.clone().div_scalar(TOP) - location.reshape(rows);
        let per_scale = per_channel(scales, &distance, f64::recip);
        let half = 0.5 / TOP;
        Self {
            upper: distance.clone().add_scalar(half) * per_scale.clone(),
            lower: distance.sub_scalar(half) * per_scale,
            has_upper: level.clone().lower_scalar(TOP).float(),
            has_lower: level.greater_scalar(0.0).float(),
        }
    }
}

/// log p(x|z) for each value, in nats: the logarithm of σ(a) − σ(b) = σ(a) σ(−b) (1 − e^(b − a)), where a and b are the
/// distances of the ends of the level's interval from the location in units of the scale, and σ is the logistic function.
/// The lowest level has only σ(a), the highest only σ(−b) (Salimans et al. 2017, Equation 2; Kingma et al. 2016, section
/// 5.2). In this form nothing cancels, and automatic differentiation is stable. b − a is the same for all values of a
/// channel.
///
/// # Shapes
/// - `location`, `x`, result: `[n, input]`
pub(super) fn log_prob(
    location: Tensor<2>,
    x: Tensor<2>,
    scales: ChannelScales,
    path: KernelPath,
) -> Tensor<2> {
    let shape = x.dims();
    let Interval {
        upper,
        lower,
        has_upper,
        has_lower,
    } = Interval::new(location, x, scales);
    let log_width = per_channel(scales, &upper, |scale| (-(-width(scale)).exp_m1()).ln());
    let inner = has_upper.clone() * has_lower.clone();
    let log_prob = stable_log_sigmoid(upper, path) * has_upper
        + stable_log_sigmoid(lower.neg(), path) * has_lower
        + inner * log_width;
    log_prob.reshape(shape)
}

/// d log p(x|z) / d log s of each channel, the mean over images and pixels, in nats: `[channels]`.
///
/// # Shapes
/// - `location`, `x`: `[n, input]`
pub(super) fn d_log_scale(location: Tensor<2>, x: Tensor<2>, scales: ChannelScales) -> Tensor<1> {
    let Interval {
        upper,
        lower,
        has_upper,
        has_lower,
    } = Interval::new(location, x, scales);
    let d_log_width = per_channel(scales, &upper, |scale| {
        -width(scale) / width(scale).exp_m1()
    });
    let inner = has_upper.clone() * has_lower.clone();
    // d a / d log s = −a, and d log σ(a) / d a = σ(−a).
    let terms = lower.clone() * sigmoid(lower) * has_lower
        - upper.clone() * sigmoid(upper.neg()) * has_upper
        + inner * d_log_width;
    terms.mean_dim(0).squeeze_dim(0)
}

/// The scales after a step of Fisher scoring towards their maximum-likelihood estimate, log s ← log s + share · g / I with
/// the gradient g for log s, `[channels]`, and the Fisher information I of the logistic distribution: near the estimate,
/// a running mean of the batches' estimates. Scales without a finite gradient stay, because the batch has diverged.
pub(super) fn towards_ml_scales(
    scales: ChannelScales,
    d_log_scale: &[f64],
    share: f64,
) -> ChannelScales {
    scales.map(|channel, scale| {
        let gradient = d_log_scale.get(channel).copied().unwrap_or_default();
        if !gradient.is_finite() {
            return scale;
        }
        // Far from the estimate the gradient is not proportional to the distance.
        let step = (gradient / FISHER_INFORMATION).clamp(-2.0, 2.0);
        (scale.ln() + share * step).exp().max(MIN_SCALE)
    })
}

/// The width of a level's interval in units of the scale.
fn width(scale: f64) -> f64 {
    1.0 / (TOP * scale)
}

/// A function of each scale: `[1, channels]`, on the device of `like`.
fn per_channel(scales: ChannelScales, like: &Tensor<2>, function: fn(f64) -> f64) -> Tensor<2> {
    let values: Vec<f32> = scales
        .as_slice()
        .iter()
        .map(|&scale| function(scale) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, [1, scales.len()]), &like.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use kernels::likelihood::log_prob_with_gradient;
    use spec::Likelihood;

    fn tensor(values: &[f32], device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [2, 6]), device)
    }

    /// Two images of two pixels in colour: both extreme levels, values between levels, and locations out of range.
    const X: [f32; 12] = [
        0.0, 1.0, 0.5, 0.2, 0.801, 0.0, 1.0, 0.3, 0.6, 0.0, 0.999, 0.1,
    ];
    const LOCATION: [f32; 12] = [
        0.1, 0.9, 0.4, -0.3, 0.8, 0.6, 1.4, 0.31, 0.0, -0.2, 0.2, 0.1,
    ];

    #[test]
    fn discretized_logistic_agrees_with_the_kernel() {
        let scales = ChannelScales::new(&[0.05, 0.004, 0.3]).expect("three");
        let mut gradients = LOCATION;
        let likelihood = Likelihood::DiscretizedLogistic { scales };
        let expected = log_prob_with_gradient(likelihood, &mut gradients, &X, 6, 2, 2);

        for path in [KernelPath::Fused, KernelPath::Reference] {
            let device = Device::flex().autodiff();
            let location = tensor(&LOCATION, &device).require_grad();
            let found = log_prob(location.clone(), tensor(&X, &device), scales, path).sum_dim(1);
            let loss = found.clone().mean().neg();
            let found_gradients = location.grad(&loss.backward()).expect("tracked");
            let location = tensor(&LOCATION, &Device::flex());
            let d_log_scale = d_log_scale(location, tensor(&X, &Device::flex()), scales);
            for (found, expected) in [
                (found.into_data(), &expected.per_image[..]),
                (found_gradients.into_data(), &gradients),
                (d_log_scale.into_data(), &expected.d_log_scale),
            ] {
                let found: Vec<f32> = found.iter().collect();
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    let off = (found - expected).abs();
                    assert!(
                        off < 1e-4 * expected.abs().max(1.0),
                        "{found}, not {expected}"
                    );
                }
            }
        }
    }

    /// The estimate of a large sample of a logistic distribution, x = location + s · logit(u), rounded to levels.
    #[test]
    fn towards_ml_scales_converges_to_the_scale_of_the_data() {
        let device = Device::flex();
        let truth = 0.04_f32;
        let count = 20_000;
        let x: Vec<f32> = (0..count)
            .map(|i| {
                let u = (i as f32 + 0.5) / count as f32;
                (0.5 + truth * (u / (1.0 - u)).ln()).clamp(0.0, 1.0)
            })
            .collect();
        let x = Tensor::<2>::from_data(TensorData::new(x, [1, count]), &device);
        let location = Tensor::full([1, count], 0.5, &device);
        for start in [0.5, 0.001] {
            let mut scales = ChannelScales::equal(start, 1);
            for _ in 0..300 {
                let gradient = d_log_scale(location.clone(), x.clone(), scales);
                let gradient: Vec<f64> = gradient.into_data().iter().collect();
                scales = towards_ml_scales(scales, &gradient, 0.05);
            }
            let found = scales.as_slice()[0];
            assert!((found / f64::from(truth) - 1.0).abs() < 0.01, "{found}");
        }
        let scales = ChannelScales::equal(0.1, 1);
        assert_eq!(towards_ml_scales(scales, &[f64::NAN], 0.05), scales);
        let least = towards_ml_scales(ChannelScales::equal(MIN_SCALE, 1), &[-9.0], 0.05);
        assert_eq!(least, ChannelScales::equal(MIN_SCALE, 1));
    }
}
