//! The update of Adam and of the running average, each in one pass.

use super::{floats, floats_mut, flush};
use burn::tensor::{Tensor, TensorData};

/// A mean gradient below this changes no parameter.
const LEAST: f32 = 1e-30;
/// A mean square below this is nothing beside ε.
const LEAST_SQUARE: f32 = 1e-36;

/// The numbers of one step that all parameters share; see [`Adam`](crate::train::Adam).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constants {
    /// β₁ and β₂.
    pub(crate) betas: [f32; 2],
    /// The learning rate with both bias corrections.
    pub(crate) rate: f32,
    /// ε with the second moment's correction.
    pub(crate) epsilon: f32,
    /// The share of a parameter that weight decay leaves.
    pub(crate) keep: f32,
}

/// The parameter and its two moments after a step along `gradient`. None of them records gradients.
pub(crate) fn update<const D: usize>(
    constants: &Constants,
    [parameter, first, second]: [Tensor<D>; 3],
    gradient: Tensor<D>,
) -> [Tensor<D>; 3] {
    let device = parameter.device();
    let mut all = [parameter, first, second].map(Tensor::into_data);
    update_data(constants, &mut all, floats(&gradient.into_data()));
    all.map(|data| Tensor::from_data(data, &device))
}

/// The same in place.
pub(crate) fn update_data(constants: &Constants, all: &mut [TensorData; 3], gradient: &[f32]) {
    let Constants {
        betas: [beta_1, beta_2],
        rate,
        epsilon,
        keep,
    } = *constants;
    let [w, m, v] = all.each_mut().map(floats_mut);
    let moments = m.iter_mut().zip(v);
    for ((w, (m, v)), &g) in w.iter_mut().zip(moments).zip(gradient) {
        let g = flush(g);
        let mean = beta_1 * *m + (1.0 - beta_1) * g;
        // Where gradients have ceased the means would shrink into numbers that processors are slow with.
        *m = if mean.abs() < LEAST { 0.0 } else { mean };
        let square = beta_2 * *v + (1.0 - beta_2) * (g * g);
        *v = if square < LEAST_SQUARE { 0.0 } else { square };
        *w = keep * *w - rate * *m / (v.sqrt() + epsilon);
    }
}

/// keep·old + (1 − keep)·new.
pub(crate) fn average<const D: usize>(old: Tensor<D>, new: Tensor<D>, keep: f32) -> Tensor<D> {
    let device = old.device();
    let (mut old, new) = (old.into_data(), new.into_data());
    average_data(&mut old, &new, keep);
    Tensor::from_data(old, &device)
}

/// The same in place.
pub(crate) fn average_data(old: &mut TensorData, new: &TensorData, keep: f32) {
    for (old, &new) in floats_mut(old).iter_mut().zip(floats(new)) {
        *old = keep * *old + (1.0 - keep) * new;
    }
}
