//! Elementwise functions whose derivative is computed in the same pass.

use super::as_mut_slice;
use burn::tensor::{Tensor, TensorData};
use kernels::math::ValueAndDerivative;

/// Applies `function` to each element of `x`, which [`is_cpu_f32`](super::is_cpu_f32); the shape stays.
///
/// Automatic differentiation records x·f′ + (f − x·f′) with f′ and the bracket as constants: a line through the point,
/// with the same value and first derivative. The second derivative of this expression is 0 instead of f″.
pub(crate) fn pointwise<const D: usize>(
    x: Tensor<D>,
    function: impl Fn(f32) -> ValueAndDerivative,
) -> Tensor<D> {
    let device = x.device();
    if !device.is_autodiff() {
        let mut data = x.into_data();
        for x in as_mut_slice(&mut data) {
            *x = function(*x).value;
        }
        return Tensor::from_data(data, &device);
    }
    let mut data = x.clone().inner().into_data();
    let intercepts = as_mut_slice(&mut data);
    let mut derivatives = vec![0.0; intercepts.len()];
    for (x, derivative) in intercepts.iter_mut().zip(&mut derivatives) {
        let point = function(*x);
        *derivative = point.derivative;
        *x = point.value - *x * point.derivative;
    }
    let derivatives = TensorData::new(derivatives, x.dims());
    x * Tensor::from_data(derivatives, &device) + Tensor::from_data(data, &device)
}
