//! Functions of each number of a tensor, with the derivative that comes of the same pass.

use super::floats_mut;
use burn::tensor::{Tensor, TensorData};

/// A function at one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    /// What it is there.
    pub(crate) value: f32,
    /// Its derivative there.
    pub(crate) slope: f32,
}

/// `function` of each element of `x`, which [`holds`](super::holds); the shape stays.
///
/// Automatic differentiation sees x·slope + (value − x·slope) with slope and bracket as constants:
/// a line through the point, of the same value and first derivative. A second derivative it does not
/// have.
pub(crate) fn pointwise<const D: usize>(
    x: Tensor<D>,
    function: impl Fn(f32) -> Point,
) -> Tensor<D> {
    let device = x.device();
    if !device.is_autodiff() {
        let mut data = x.into_data();
        for x in floats_mut(&mut data) {
            *x = function(*x).value;
        }
        return Tensor::from_data(data, &device);
    }
    let mut data = x.clone().inner().into_data();
    let offsets = floats_mut(&mut data);
    let mut slopes = vec![0.0; offsets.len()];
    for (x, slope) in offsets.iter_mut().zip(&mut slopes) {
        let point = function(*x);
        *slope = point.slope;
        *x = point.value - *x * point.slope;
    }
    let slopes = TensorData::new(slopes, x.dims());
    x * Tensor::from_data(slopes, &device) + Tensor::from_data(data, &device)
}
