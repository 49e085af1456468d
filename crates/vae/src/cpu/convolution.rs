//! Convolutions by the [`kernels`] crate.

use super::{as_slice, to_vec};
use burn::{
    nn::Linear,
    tensor::{Tensor, TensorData},
};
use kernels::{
    conv::{Convolution, PackedConvolutions, Workspace},
    gemm::PackedRhs,
};
use spec::Activation;

/// The output of a convolution for tensors that [`uses_forward_kernels`](super::uses_forward_kernels): `[n, output]`.
pub(crate) fn forward(convolution: Convolution, layer: &Linear, x: Tensor<2>) -> Tensor<2> {
    let device = x.device();
    let n = x.dims()[0];
    let x = x.into_data();
    let (weight, bias) = parameters(layer);
    let mut packed = PackedRhs::default();
    convolution.pack(as_slice(&weight), &mut packed);
    let mut out = vec![0.0; n * convolution.output_size()];
    let mut workspace = Workspace::default();
    convolution.forward(&packed, &bias, as_slice(&x), &mut out, &mut workspace);
    Tensor::from_data(
        TensorData::new(out, [n, convolution.output_size()]),
        &device,
    )
}

/// Packs layers whose weights are [`is_cpu_f32`](super::is_cpu_f32).
pub(crate) fn packed<'a>(
    layers: impl Iterator<Item = (Convolution, &'a Linear)>,
    activation: Activation,
) -> PackedConvolutions {
    let mut all = PackedConvolutions::new(activation);
    for (convolution, layer) in layers {
        let (weight, bias) = parameters(layer);
        all.push(convolution, as_slice(&weight), bias);
    }
    all
}

fn parameters(layer: &Linear) -> (TensorData, Vec<f32>) {
    let [_, outputs] = layer.weight.dims();
    let bias = layer.bias.as_ref();
    (
        layer.weight.val().inner().into_data(),
        bias.map_or_else(|| vec![0.0; outputs], |bias| to_vec(bias.val())),
    )
}
