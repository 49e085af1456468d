//! Activation functions over slices, and their backward pass.

use crate::{
    denormal::flush_gradient,
    math::{self, ValueAndDerivative},
};
use spec::Activation;

/// Replaces each value x by f(x).
pub fn activate(activation: Activation, values: &mut [f32]) {
    fn map(values: &mut [f32], function: impl Fn(f32) -> ValueAndDerivative) {
        for value in values {
            *value = function(*value).value;
        }
    }
    match activation {
        Activation::Relu => map(values, math::relu),
        Activation::Gelu => map(values, math::gelu),
        Activation::Silu => map(values, math::silu),
        Activation::Tanh => map(values, math::tanh),
    }
}

/// Replaces each value x by f(x) and writes f′(x) to `derivatives`.
///
/// # Shapes
/// - `derivatives`: as `values`; overwritten
pub fn activate_with_derivative(
    activation: Activation,
    values: &mut [f32],
    derivatives: &mut [f32],
) {
    fn map(
        values: &mut [f32],
        derivatives: &mut [f32],
        function: impl Fn(f32) -> ValueAndDerivative,
    ) {
        for (value, derivative) in values.iter_mut().zip(derivatives) {
            let point = function(*value);
            (*value, *derivative) = (point.value, point.derivative);
        }
    }
    match activation {
        Activation::Relu => map(values, derivatives, math::relu),
        Activation::Gelu => map(values, derivatives, math::gelu),
        Activation::Silu => map(values, derivatives, math::silu),
        Activation::Tanh => map(values, derivatives, math::tanh),
    }
}

/// Backward pass: turns the gradient for f(x) into the gradient for x, in place.
///
/// # Shapes
/// - `delta`: the gradient
/// - `derivatives`: f′(x), as `delta`
pub fn activation_backward(delta: &mut [f32], derivatives: &[f32]) {
    for (delta, derivative) in delta.iter_mut().zip(derivatives) {
        *delta = flush_gradient(*delta * derivative);
    }
}
