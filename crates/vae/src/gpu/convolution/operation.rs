//! Convolutions as a backend extension of burn.

use super::{
    Layer, bias_gradient, forward::forward, geometry::Geometry, input_gradient::input_gradient,
    weight_gradient::weight_gradient, window_weight::window_weight,
};
use crate::gpu::{ops::LayerGradients, pointwise::Function};
use burn::backend::{
    Autodiff, Backend,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind},
    },
    backend_extension,
    tensor::FloatTensor,
};
use burn_cubecl::CubeBackend;
use kernels::conv::Convolution;

/// Operations that burn dispatches by a tensor's device.
#[backend_extension(Cube, Autodiff)]
pub(crate) trait ConvolutionOps: Backend {
    /// A convolution, with its bias and activation.
    ///
    /// # Shapes
    /// - `x`: `[n, input]`, `weight`: `[9 · in, out]`, `bias`: `[out]`
    /// - result: `[n, output]`
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
    ) -> FloatTensor<Self>;
}

/// The parts of [`ConvolutionOps`] and its backward pass.
pub(crate) trait ConvolutionGradients: LayerGradients + ConvolutionOps {
    /// The weight of patches, `[patch, outputs of a patch]`.
    fn patch_weight(weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self>;

    /// The output, and with `keeps_argument` the activation's argument.
    fn convolution_of_patches(
        x: FloatTensor<Self>,
        patch_weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
        keeps_argument: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);

    /// The gradient for the input: `[n, input]`.
    fn convolution_grad_input(
        delta: FloatTensor<Self>,
        patch_weight: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self>;

    /// The gradient for the weight: `[9 · in, out]`.
    fn convolution_grad_weight(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self>;

    /// The gradient for the bias: `[out]`.
    fn convolution_grad_bias(
        delta: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self>;
}

impl ConvolutionOps for CubeBackend {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
    ) -> FloatTensor<Self> {
        let weight = Self::patch_weight(weight, layer.convolution);
        forward(layer, x, weight, bias, false).0
    }
}

impl ConvolutionGradients for CubeBackend {
    fn patch_weight(weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self> {
        match convolution {
            Convolution::Strided(_) => weight,
            Convolution::Upsampled(_) => window_weight(weight, Geometry::of(convolution)),
        }
    }

    fn convolution_of_patches(
        x: FloatTensor<Self>,
        patch_weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
        keeps_argument: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
        forward(layer, x, patch_weight, bias, keeps_argument)
    }

    fn convolution_grad_input(
        delta: FloatTensor<Self>,
        patch_weight: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self> {
        input_gradient(delta, patch_weight, convolution)
    }

    fn convolution_grad_weight(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self> {
        weight_gradient(x, delta, convolution)
    }

    fn convolution_grad_bias(
        delta: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self> {
        bias_gradient(delta, convolution)
    }
}

impl<B: ConvolutionGradients, C: CheckpointStrategy> ConvolutionOps for Autodiff<B, C> {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layer: Layer,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let prepared = ConvolutionStep(layer)
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful();
        let bias = bias.into_primitive();
        match prepared {
            OpsKind::Tracked(step) => {
                let x = x.into_primitive();
                let weight = B::patch_weight(weight.into_primitive(), layer.convolution);
                let keeps = layer.activation.is_some_and(|f| f != Function::Relu);
                let (out, argument) =
                    B::convolution_of_patches(x.clone(), weight.clone(), bias, layer, keeps);
                let argument = argument.or_else(|| layer.activation.map(|_| out.clone()));
                step.finish(
                    Saved {
                        x,
                        weight,
                        argument,
                    },
                    out,
                )
            }
            OpsKind::UnTracked(step) => step.finish(B::convolution(
                x.into_primitive(),
                weight.into_primitive(),
                bias,
                layer,
            )),
        }
    }
}

/// What the backward pass needs.
#[derive(Debug, Clone)]
struct Saved<T> {
    x: T,
    /// The weight of patches.
    weight: T,
    /// The activation's argument; for ReLU its value, which is positive where the argument is. `None` without
    /// activation.
    argument: Option<T>,
}

/// The backward pass of [`ConvolutionOps::convolution`] in burn's autodiff graph.
#[derive(Debug)]
struct ConvolutionStep(Layer);

impl<B: ConvolutionGradients> Backward<B, 3> for ConvolutionStep {
    type State = Saved<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let delta = gradients.consume::<B>(&ops.node);
        let Saved {
            x,
            weight,
            argument,
        } = ops.state;
        let Layer {
            convolution,
            activation,
        } = self.0;
        let delta = match argument.zip(activation) {
            Some((argument, function)) => B::pointwise_backward(argument, delta, function),
            None => delta,
        };
        if let Some(node) = x_node {
            let gradient = B::convolution_grad_input(delta.clone(), weight, convolution);
            gradients.register::<B>(node.id, gradient);
        }
        if let Some(node) = weight_node {
            let gradient = B::convolution_grad_weight(x, delta.clone(), convolution);
            gradients.register::<B>(node.id, gradient);
        }
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::convolution_grad_bias(delta, convolution));
        }
    }
}
