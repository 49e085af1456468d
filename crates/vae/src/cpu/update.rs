//! Parameter updates of tensors that are [`is_cpu_f32`](super::is_cpu_f32).

use super::{as_mut_slice, as_slice};
use burn::tensor::{Tensor, TensorData};
use kernels::adam::{AdamConstants, adam_step, ema_step};

/// The parameter and its two moments after a step along `gradient`. None of them records gradients.
pub(crate) fn adam<const D: usize>(
    constants: &AdamConstants,
    [parameter, first, second]: [Tensor<D>; 3],
    gradient: Tensor<D>,
) -> [Tensor<D>; 3] {
    let device = parameter.device();
    let mut all = [parameter, first, second].map(Tensor::into_data);
    adam_in_place(constants, &mut all, as_slice(&gradient.into_data()));
    all.map(|data| Tensor::from_data(data, &device))
}

/// As [`adam`], in place: of a parameter, its first and its second moment.
pub(crate) fn adam_in_place(
    constants: &AdamConstants,
    all: &mut [TensorData; 3],
    gradient: &[f32],
) {
    let [parameter, first, second] = all.each_mut().map(as_mut_slice);
    adam_step(constants, parameter, first, second, gradient);
}

/// decay·old + (1 − decay)·new.
pub(crate) fn average<const D: usize>(old: Tensor<D>, new: Tensor<D>, decay: f32) -> Tensor<D> {
    let device = old.device();
    let (mut old, new) = (old.into_data(), new.into_data());
    average_in_place(&mut old, &new, decay);
    Tensor::from_data(old, &device)
}

/// As [`average`], in place.
pub(crate) fn average_in_place(old: &mut TensorData, new: &TensorData, decay: f32) {
    ema_step(as_mut_slice(old), as_slice(new), decay);
}
