//! Activations over slices.

use super::{Point, math};
use crate::Activation;

/// Replaces each number by the activation of it.
pub(super) fn activate(activation: Activation, values: &mut [f32]) {
    fn each(values: &mut [f32], function: impl Fn(f32) -> Point) {
        for value in values {
            *value = function(*value).value;
        }
    }
    match activation {
        Activation::Relu => each(values, math::relu),
        Activation::Gelu => each(values, math::gelu),
        Activation::Silu => each(values, math::silu),
        Activation::Tanh => each(values, math::tanh),
    }
}

/// The same, with the derivative at each number.
///
/// # Shapes
/// - `slopes`: as `values`; its old values do not count
pub(super) fn activate_with_slopes(activation: Activation, values: &mut [f32], slopes: &mut [f32]) {
    fn each(values: &mut [f32], slopes: &mut [f32], function: impl Fn(f32) -> Point) {
        for (value, slope) in values.iter_mut().zip(slopes) {
            let point = function(*value);
            (*value, *slope) = (point.value, point.slope);
        }
    }
    match activation {
        Activation::Relu => each(values, slopes, math::relu),
        Activation::Gelu => each(values, slopes, math::gelu),
        Activation::Silu => each(values, slopes, math::silu),
        Activation::Tanh => each(values, slopes, math::tanh),
    }
}
