//! WGSL kernels for WebGPU: linear layers and their gradients ([`matmul`](mod@matmul), [`columns`]), convolutions and their
//! gradients ([`convolution`](mod@convolution)), elementwise functions ([`pointwise`](mod@pointwise)), and parameter
//! updates ([`update`]).
//!
//! Nearly all arithmetic of a training step is in its matrix products and convolutions. burn's kernel stages tiles in workgroup memory with
//! barriers in between; the matrices here are small, and an emulated GPU executes barriers very slowly. An elementwise
//! formula takes one pass over memory for each of burn's operations (a dozen for a parameter update), and a single pass
//! here. The rest of the crate checks [`uses_kernels`] and otherwise uses burn's operations, which are the reference.

mod columns;
mod convolution;
mod elementwise;
mod kernel;
mod matmul;
mod ops;
mod pointwise;
mod update;

use crate::{KernelPath, cpu};
use burn::{
    backend::Dispatch,
    tensor::{DType, Tensor},
};
pub(crate) use convolution::{Layer, convolution};
use kernels::adam::AdamConstants;
use ops::{LayerOps, MatmulOps, UpdateOps};
pub(crate) use pointwise::Function;

/// Whether operations on this tensor use these kernels: a nonempty `f32` tensor on a GPU, for [`KernelPath::Fused`].
pub(crate) fn uses_kernels<const D: usize>(tensor: &Tensor<D>, path: KernelPath) -> bool {
    path == KernelPath::Fused
        && tensor.dtype() == DType::F32
        && !cpu::is_cpu(&tensor.device())
        && !tensor.dims().contains(&0)
}

/// x·W + b, which records gradients; `None` for tensors that are not on a GPU. GPU builds never use burn's matrix
/// products, so the linker removes them, a third of the module.
///
/// # Shapes
/// - `x`: `[n, inputs]`, `n` at least 1; `weight`: `[inputs, outputs]`; `bias`: `[outputs]`
/// - result: `[n, outputs]`
pub(crate) fn linear(
    weight: &Tensor<2>,
    bias: Tensor<1>,
    x: &Tensor<2>,
    path: KernelPath,
) -> Option<Tensor<2>> {
    if cpu::is_cpu(&x.device()) {
        return None;
    }
    let [x, weight] = [x, weight].map(|matrix| matrix.clone().into_dispatch());
    let bias = bias.into_dispatch();
    Some(Tensor::from_dispatch(Dispatch::layer(
        x, weight, bias, path,
    )))
}

/// a·b of matrices that record no gradients; `None` for tensors that are not on a GPU.
pub(crate) fn matmul(a: &Tensor<2>, b: &Tensor<2>, path: KernelPath) -> Option<Tensor<2>> {
    if cpu::is_cpu(&a.device()) {
        return None;
    }
    let [a, b] = [a, b].map(|matrix| matrix.clone().into_dispatch());
    Some(Tensor::from_dispatch(Dispatch::matmul_kernel(a, b, path)))
}

/// Applies the function to each element of `x`, and records gradients; the shape stays.
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

/// decay·old + (1 − decay)·new. Neither records gradients.
pub(crate) fn average<const D: usize>(old: Tensor<D>, new: Tensor<D>, decay: f32) -> Tensor<D> {
    let [old, new] = [old, new].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::average(old, new, decay))
}
