//! The kernels as backend extensions of burn.

use super::{
    columns::column_sums,
    matmul::{Layout, matmul},
    pointwise::{self, Function},
    update,
};
use crate::KernelPath;
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
use kernels::adam::AdamConstants;

/// Operations that burn dispatches by a tensor's device.
#[backend_extension(Cube, Autodiff)]
pub(crate) trait LayerOps: Backend {
    /// x·W + b.
    ///
    /// # Shapes
    /// - `x`: `[n, inputs]`, `weight`: `[inputs, outputs]`, `bias`: `[outputs]`
    /// - result: `[n, outputs]`
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self>;

    /// Applies the function to each element; the shape stays.
    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self>;
}

/// The backward passes of [`LayerOps`].
pub(crate) trait LayerGradients: LayerOps {
    /// The gradient for a function's argument, from that for its value.
    fn pointwise_backward(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        function: Function,
    ) -> FloatTensor<Self>;

    /// The gradient for a layer's input, δ·Wᵀ: `[n, inputs]`.
    fn grad_input(
        delta: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self>;

    /// The gradient for its weight, xᵀ·δ: `[inputs, outputs]`.
    fn grad_weight(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self>;

    /// The gradient for its bias, the sum of δ's rows: `[outputs]`.
    fn grad_bias(delta: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// A matrix product that records no gradients.
#[backend_extension(Cube)]
pub(crate) trait MatmulOps: Backend {
    /// a·b: `[m, k]` and `[k, n]` to `[m, n]`.
    fn matmul_kernel(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self>;
}

impl MatmulOps for CubeBackend {
    fn matmul_kernel(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self> {
        matmul(Layout::Nn, a, b, None, path)
    }
}

/// Parameter updates. They record no gradients.
#[backend_extension(Cube)]
pub(crate) trait UpdateOps: Backend {
    /// A parameter and its first and second moment after a step of Adam along `gradient`; all of one shape.
    fn adam(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        constants: AdamConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// decay·old + (1 − decay)·new.
    fn average(old: FloatTensor<Self>, new: FloatTensor<Self>, decay: f32) -> FloatTensor<Self>;
}

impl LayerOps for CubeBackend {
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self> {
        matmul(Layout::Nn, x, weight, Some(bias), path)
    }

    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self> {
        pointwise::pointwise(x, function)
    }
}

impl LayerGradients for CubeBackend {
    fn pointwise_backward(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        function: Function,
    ) -> FloatTensor<Self> {
        pointwise::pointwise_backward(x, delta, function)
    }

    fn grad_input(
        delta: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self> {
        matmul(Layout::Nt, delta, weight, None, path)
    }

    fn grad_weight(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self> {
        matmul(Layout::Tn, x, delta, None, path)
    }

    fn grad_bias(delta: FloatTensor<Self>) -> FloatTensor<Self> {
        column_sums(delta)
    }
}

impl UpdateOps for CubeBackend {
    fn adam(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        constants: AdamConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        update::adam(&constants, [parameter, first, second], gradient).into()
    }

    fn average(old: FloatTensor<Self>, new: FloatTensor<Self>, decay: f32) -> FloatTensor<Self> {
        update::average(old, new, decay)
    }
}

impl<B: LayerGradients, C: CheckpointStrategy> LayerOps for Autodiff<B, C> {
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        path: KernelPath,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let prepared = LayerStep(path)
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful();
        match prepared {
            OpsKind::Tracked(step) => {
                let (x, weight) = (x.into_primitive(), weight.into_primitive());
                let out = B::layer(x.clone(), weight.clone(), bias.into_primitive(), path);
                step.finish((x, weight), out)
            }
            OpsKind::UnTracked(step) => step.finish(B::layer(
                x.into_primitive(),
                weight.into_primitive(),
                bias.into_primitive(),
                path,
            )),
        }
    }

    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self> {
        let prepared = PointwiseStep(function)
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful();
        match prepared {
            OpsKind::Tracked(step) => {
                let x = x.into_primitive();
                step.finish(x.clone(), B::pointwise(x, function))
            }
            OpsKind::UnTracked(step) => step.finish(B::pointwise(x.into_primitive(), function)),
        }
    }
}

/// The backward pass of [`LayerOps::layer`] in burn's autodiff graph.
#[derive(Debug)]
struct LayerStep(KernelPath);

impl<B: LayerGradients> Backward<B, 3> for LayerStep {
    /// The layer's input and its weight.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let delta = gradients.consume::<B>(&ops.node);
        let (x, weight) = ops.state;
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::grad_input(delta.clone(), weight, self.0));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::grad_weight(x, delta.clone(), self.0));
        }
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::grad_bias(delta));
        }
    }
}

/// The backward pass of [`LayerOps::pointwise`].
#[derive(Debug)]
struct PointwiseStep(Function);

impl<B: LayerGradients> Backward<B, 1> for PointwiseStep {
    /// The function's argument.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let delta = gradients.consume::<B>(&ops.node);
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::pointwise_backward(ops.state, delta, self.0));
        }
    }
}
