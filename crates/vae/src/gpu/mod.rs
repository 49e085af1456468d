//! Arithmetic for GPUs, in kernels of our own: a linear layer and its gradients ([`product`], [`columns`]), functions
//! of each number ([`pointwise`](mod@pointwise)), and what changes weights ([`update`]).
//!
//! Nearly all of a training step's arithmetic is in its products of matrices. burn's kernel stages tiles of them in
//! memory that a workgroup shares, with barriers between; ours are small, and a GPU that is emulated takes barriers
//! very slowly. What is a formula of each number is a pass over memory for each of burn's operations, a dozen for an
//! update of the weights, and one here. The rest of the crate asks [`holds`] and falls back to burn's operations, which
//! stay the reference.

mod columns;
mod kernel;
mod ops;
mod pass;
mod pointwise;
mod product;
mod update;

use crate::cpu;
use burn::{
    backend::Dispatch,
    nn::Linear,
    tensor::{DType, Tensor},
};
use kernels::adam::AdamConstants;
use ops::{LayerOps, ProductOps, UpdateOps};
pub(crate) use pointwise::Function;

/// Whether the kernels read this tensor's numbers, those of a GPU, if there are any, and passes of our own are to be
/// taken.
pub(crate) fn holds<const D: usize>(tensor: &Tensor<D>) -> bool {
    cpu::is_fast()
        && tensor.dtype() == DType::F32
        && !cpu::is_cpu(&tensor.device())
        && !tensor.dims().contains(&0)
}

/// `x·W + b`, with gradients where they are recorded; none of what is no GPU's. Products are never burn's, so that
/// the bundle does without those, which are a third of its code.
///
/// # Shapes
/// - `x`: `[n, inputs]`, `n` at least 1
/// - result: `[n, outputs]`
pub(crate) fn linear(layer: &Linear, x: &Tensor<2>) -> Option<Tensor<2>> {
    if cpu::is_cpu(&x.device()) {
        return None;
    }
    let bias = layer.bias.as_ref()?.val().into_dispatch();
    let [x, weight] = [x.clone(), layer.weight.val()].map(Tensor::into_dispatch);
    Some(Tensor::from_dispatch(Dispatch::layer(x, weight, bias)))
}

/// `a·b`, of matrices that record no gradients; none of what is no GPU's.
pub(crate) fn product(a: &Tensor<2>, b: &Tensor<2>) -> Option<Tensor<2>> {
    if cpu::is_cpu(&a.device()) {
        return None;
    }
    let [a, b] = [a, b].map(|matrix| matrix.clone().into_dispatch());
    Some(Tensor::from_dispatch(Dispatch::matrix_product(a, b)))
}

/// The function of each number of `x`, with gradients where they are recorded; the shape stays.
pub(crate) fn pointwise<const D: usize>(x: Tensor<D>, function: Function) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::pointwise(x.into_dispatch(), function))
}

/// The parameter and its two moments after a step along `gradient`. None of them records gradients.
pub(crate) fn adam<const D: usize>(
    constants: &AdamConstants,
    before: [Tensor<D>; 3],
    gradient: Tensor<D>,
) -> [Tensor<D>; 3] {
    let [w, m, v] = before.map(Tensor::into_dispatch);
    let (w, m, v) = Dispatch::adam(w, m, v, gradient.into_dispatch(), *constants);
    [w, m, v].map(Tensor::from_dispatch)
}

/// keep·old + (1 − keep)·new. Neither records gradients.
pub(crate) fn average<const D: usize>(old: Tensor<D>, new: Tensor<D>, keep: f32) -> Tensor<D> {
    let [old, new] = [old, new].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::average(old, new, keep))
}
