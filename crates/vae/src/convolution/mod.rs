//! The convolutions of encoder and decoder, on tensors.
//!
//! A convolution is stored as the linear layer that maps a 3×3 patch of its input to one position of its output: the
//! weight is `[9·in, out]`, its rows ordered by row, column and channel of the patch. So optimizer, weight average and
//! checkpoints treat all layers alike. Feature maps are rows of `[height, width, channels]`.

mod as_product;
mod operation;

use crate::{KernelPath, activation::activate, cpu};
use burn::{nn::Linear, tensor::Tensor};
use kernels::conv::Convolution;
use spec::{Activation, Sides};

/// A 3×3 convolution with stride 2 and a border of one zero, and the activation that follows it, if there is one.
///
/// # Shapes
/// - `x`: `[n, outer]`
/// - result: `[n, inner]`
pub(crate) fn strided(
    layer: &Linear,
    x: Tensor<2>,
    sides: Sides,
    activation: Option<Activation>,
    path: KernelPath,
) -> Tensor<2> {
    run(Convolution::Strided(sides), layer, x, activation, path)
}

/// Nearest-neighbour upsampling to twice the sides, a 3×3 convolution with a border of one zero, and cropping to the
/// outer map; then the activation, if there is one.
///
/// # Shapes
/// - `x`: `[n, inner]`
/// - result: `[n, outer]`
pub(crate) fn upsampled(
    layer: &Linear,
    x: Tensor<2>,
    sides: Sides,
    activation: Option<Activation>,
    path: KernelPath,
) -> Tensor<2> {
    run(Convolution::Upsampled(sides), layer, x, activation, path)
}

fn run(
    convolution: Convolution,
    layer: &Linear,
    x: Tensor<2>,
    activation: Option<Activation>,
    path: KernelPath,
) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(bias) = &layer.bias
        && crate::gpu::uses_kernels(&x, path)
    {
        let activation = activation.map(Into::into);
        let gpu_layer = crate::gpu::Layer {
            convolution,
            activation,
        };
        return crate::gpu::convolution(gpu_layer, &layer.weight.val(), bias.val(), x);
    }
    let y = if cpu::uses_forward_kernels(&x, path) {
        cpu::convolution::forward(convolution, layer, x)
    } else {
        match (convolution, uses_burn(&x, path)) {
            (Convolution::Strided(sides), true) => operation::strided(layer, x, sides),
            (Convolution::Strided(sides), false) => as_product::strided(layer, x, sides, path),
            (Convolution::Upsampled(sides), true) => operation::upsampled(layer, x, sides),
            (Convolution::Upsampled(sides), false) => as_product::upsampled(layer, x, sides, path),
        }
    };
    match activation {
        Some(activation) => activate(activation, y, path),
        None => y,
    }
}

/// Whether burn's `conv2d` and `interpolate` compute a convolution: they are the reference of native tests. In wasm, on a
/// GPU by [`KernelPath::Reference`], and in a graph that records gradients beside our CPU kernels, it is a matrix product
/// like the other layers: bundles then do not contain burn's convolutions.
fn uses_burn(x: &Tensor<2>, path: KernelPath) -> bool {
    !cfg!(target_family = "wasm") && path == KernelPath::Reference && cpu::is_cpu(&x.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Noise, linear::Init};
    use burn::tensor::Device;
    use spec::FeatureMap;

    fn map(height: usize, width: usize, channels: usize) -> FeatureMap {
        FeatureMap {
            height,
            width,
            channels,
        }
    }

    /// The output and the gradients for input, weight and bias of a weighted sum of it.
    fn results(
        convolution: Convolution,
        [input, output]: [FeatureMap; 2],
        path: KernelPath,
    ) -> Vec<Vec<f32>> {
        let device = Device::flex().autodiff();
        let layer = Init::seeded(3).linear(9 * input.channels, output.channels, &device);
        let x = Noise::seeded(4, 0).normal([2, input.values()], &device);
        let x = x.require_grad();
        let weights = Noise::seeded(5, 0).normal([2, output.values()], &device);
        let y = run(convolution, &layer, x.clone(), Some(Activation::Tanh), path);
        let gradients = (y.clone() * weights).sum().backward();
        let bias = layer.bias.as_ref().expect("has one").val();
        let values = |data: burn::tensor::TensorData| data.iter::<f32>().collect();
        vec![
            values(y.into_data()),
            values(x.grad(&gradients).expect("tracked").into_data()),
            values(
                layer
                    .weight
                    .val()
                    .grad(&gradients)
                    .expect("tracked")
                    .into_data(),
            ),
            values(bias.grad(&gradients).expect("tracked").into_data()),
        ]
    }

    #[test]
    fn convolutions_as_products_agree_with_burns_operations() {
        for (outer, inner) in [
            (map(8, 8, 3), map(4, 4, 5)),
            (map(7, 10, 1), map(4, 5, 2)),
            (map(9, 8, 4), map(5, 4, 3)),
        ] {
            let sides = Sides { outer, inner };
            for (convolution, maps) in [
                (Convolution::Strided(sides), [outer, inner]),
                (Convolution::Upsampled(sides), [inner, outer]),
            ] {
                let [found, expected] = [KernelPath::Fused, KernelPath::Reference]
                    .map(|path| results(convolution, maps, path));
                for (found, expected) in found.iter().zip(&expected) {
                    assert_eq!(found.len(), expected.len());
                    for (found, expected) in found.iter().zip(expected) {
                        let off = (found - expected).abs();
                        assert!(
                            off < 2e-5 * expected.abs().max(1.0),
                            "{found}, not {expected}"
                        );
                    }
                }
            }
        }
    }
}
