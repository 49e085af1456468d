//! 3×3 convolutions and their gradients, without copies of patches or of upsampled maps.
//!
//! A convolution is a product of patches of its input and a weight, as on CPUs ([`kernels::conv`]); here an invocation reads
//! the patches of its register tile from the feature map itself. After upsampling, patches are 2×2 windows of the map
//! before upsampling, and each has four outputs.
//!
//! The sources combine conditions by `&`: `&&` branches, and Chromium's software adapter took 24 s to compile a kernel with
//! 24 branches in its inner loops, and 0.2 s without.
//!
//! | pass | module | rows × columns of the product | terms of a sum |
//! | --- | --- | --- | --- |
//! | forward | [`forward`] | positions of patches × outputs of a patch | values of a patch |
//! | gradient for the input | [`input_gradient`] | positions × channels of the input | outputs that read the position |
//! | gradient for the weight | [`weight_gradient`] | values of a patch × outputs of a patch | positions of patches |

mod forward;
mod geometry;
mod input_gradient;
mod operation;
mod weight_gradient;
mod window_weight;

use super::{Function, columns::column_sums_of};
use burn::{backend::Dispatch, tensor::Tensor};
use burn_cubecl::tensor::CubeTensor;
use geometry::Geometry;
use kernels::conv::Convolution;
use operation::ConvolutionOps;

/// A convolution and the function that follows it, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layer {
    pub(crate) convolution: Convolution,
    pub(crate) activation: Option<Function>,
}

/// The output of a convolution, which records gradients.
///
/// # Shapes
/// - `x`: `[n, input]`, `n` at least 1; `weight`: `[9 · in, out]`; `bias`: `[out]`
/// - result: `[n, output]`
pub(crate) fn convolution(
    layer: Layer,
    weight: &Tensor<2>,
    bias: Tensor<1>,
    x: Tensor<2>,
) -> Tensor<2> {
    let weight = weight.clone().into_dispatch();
    let (x, bias) = (x.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::convolution(x, weight, bias, layer))
}

/// The gradient for the bias, the sum of δ over images and positions: `[out]`.
///
/// # Shapes
/// - `delta`: `[n, output]`
fn bias_gradient(delta: CubeTensor, convolution: Convolution) -> CubeTensor {
    let geometry = Geometry::of(convolution);
    let outputs = geometry.outputs();
    let rows = delta.meta.num_elements() / outputs;
    column_sums_of(delta, [rows, outputs], [outputs])
}
