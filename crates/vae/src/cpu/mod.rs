//! Adapter between burn's tensors and the [`kernels`] crate, for CPU backends, whose tensors are in this program's
//! memory.
//!
//! On the CPU, each burn operation is a pass over memory into a new buffer, and its `exp` is a function call per value;
//! the kernels fuse these passes. The rest of the crate checks [`is_cpu_f32`] or [`uses_kernels`] and otherwise uses
//! burn's operations, which are the reference.

pub(crate) mod convolution;
#[cfg(test)]
mod gradient_tests;
mod pointwise;
pub(crate) mod update;

pub(crate) use pointwise::pointwise;

use crate::KernelPath;
use burn::{
    nn::Linear,
    tensor::{DType, Device, Tensor, TensorData},
};
use kernels::mlp::{PackedLinear, PackedMlp};
use spec::Activation;

/// Whether this tensor's values are `f32` in this program's memory.
pub(crate) fn is_cpu_f32<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && is_cpu(&tensor.device())
}

/// Whether whole passes over this tensor are computed by [`kernels`].
pub(crate) fn uses_kernels<const D: usize>(tensor: &Tensor<D>, path: KernelPath) -> bool {
    path == KernelPath::Fused && is_cpu_f32(tensor)
}

/// Whether forward passes over this tensor are computed by [`kernels`]: as [`uses_kernels`], and it records no
/// gradients.
pub(crate) fn uses_forward_kernels<const D: usize>(tensor: &Tensor<D>, path: KernelPath) -> bool {
    uses_kernels(tensor, path) && !tensor.device().is_autodiff()
}

/// The smallest batch for which packing the weights pays off in a single forward pass.
const MIN_ROWS_TO_PACK: usize = 32;

/// The output of each head for `input`, `[n, outputs]`, computed by [`kernels`]. `None` if burn has to compute it:
/// because gradients are recorded, or because the batch is too small to be faster.
pub(crate) fn forward(
    hidden: &[Linear],
    heads: &[&Linear],
    activation: Activation,
    input: &Tensor<2>,
    path: KernelPath,
) -> Option<Vec<Tensor<2>>> {
    let device = input.device();
    let n = input.dims()[0];
    if n < MIN_ROWS_TO_PACK || !uses_forward_kernels(input, path) {
        return None;
    }
    let mlp = packed_mlp(hidden, heads, activation);
    let outputs = mlp.forward(to_vec(input.clone()), n).into_iter();
    let tensor = |values: Vec<f32>| {
        let width = values.len() / n;
        Tensor::from_data(TensorData::new(values, [n, width]), &device)
    };
    Some(outputs.map(tensor).collect())
}

/// Packs layers whose weights are [`is_cpu_f32`].
pub(crate) fn packed_mlp(
    hidden: &[Linear],
    heads: &[&Linear],
    activation: Activation,
) -> PackedMlp {
    PackedMlp::new(
        hidden.iter().map(packed_linear).collect(),
        heads.iter().copied().map(packed_linear).collect(),
        activation,
    )
}

fn packed_linear(layer: &Linear) -> PackedLinear {
    let [_, outputs] = layer.weight.dims();
    let weight = layer.weight.val().inner().into_data();
    let bias = layer.bias.as_ref();
    PackedLinear::new(
        as_slice(&weight),
        bias.map_or_else(|| vec![0.0; outputs], |bias| to_vec(bias.val())),
    )
}

/// Whether this device's tensors lie in this program's memory.
pub(crate) fn is_cpu(device: &Device) -> bool {
    // Devices compare equal whether or not they record gradients.
    #[cfg(any(feature = "flex", test))]
    if *device == Device::flex() {
        return true;
    }
    #[cfg(feature = "ndarray")]
    {
        #[expect(
            deprecated,
            reason = "deprecated in favour of flex; still offered as a backend"
        )]
        let ndarray = Device::ndarray();
        if *device == ndarray {
            return true;
        }
    }
    let _ = device;
    false
}

/// The values of a tensor that [`is_cpu_f32`], in row-major order.
pub(crate) fn to_vec<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    as_slice(&tensor.inner().into_data()).to_vec()
}

/// The values of `data`.
///
/// # Panics
/// If they are not `f32`; see [`is_cpu_f32`].
pub(crate) fn as_slice(data: &TensorData) -> &[f32] {
    data.as_slice().expect("f32 values")
}

/// As [`as_slice`], mutable.
///
/// # Panics
/// If they are not `f32`; see [`is_cpu_f32`].
pub(crate) fn as_mut_slice(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("f32 values")
}
