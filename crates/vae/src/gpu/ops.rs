//! The kernels as operations of burn's backends.

use super::{
    columns::column_sums,
    pointwise::{self, Function},
    product::{Layout, Way, product},
    update,
};
use crate::cpu::is_fast;
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

/// How products are computed on this thread; see [`set_fast`](crate::set_fast).
fn way() -> Way {
    if is_fast() { Way::Tiled } else { Way::OneByOne }
}

/// What the kernels do, for burn to find by a tensor's device.
#[backend_extension(Cube, Autodiff)]
pub(crate) trait LayerOps: Backend {
    /// `x·W + b`.
    ///
    /// # Shapes
    /// - `x`: `[n, inputs]`, `weight`: `[inputs, outputs]`, `bias`: `[outputs]`
    /// - result: `[n, outputs]`
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The function of each number; the shape stays.
    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self>;
}

/// The way back through [`LayerOps`].
pub(crate) trait LayerGradients: LayerOps {
    /// The gradient for a function's argument, by that for its value.
    fn by_argument(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        function: Function,
    ) -> FloatTensor<Self>;

    /// The gradient for a layer's input, `delta·Wᵀ`: `[n, inputs]`.
    fn by_input(delta: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The gradient for its weight, `xᵀ·delta`: `[inputs, outputs]`.
    fn by_weight(x: FloatTensor<Self>, delta: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The gradient for its bias, the sum of delta's rows: `[outputs]`.
    fn by_bias(delta: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// A product by itself. It records no gradients.
#[backend_extension(Cube)]
pub(crate) trait ProductOps: Backend {
    /// `a·b`: `[m, k]` and `[k, n]` to `[m, n]`.
    fn matrix_product(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl ProductOps for CubeBackend {
    fn matrix_product(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        product(Layout::Plain, a, b, None, way())
    }
}

/// What changes weights. Nothing of it records gradients.
#[backend_extension(Cube)]
pub(crate) trait UpdateOps: Backend {
    /// A parameter, the first and the second moment of its gradients, after a step of Adam along `gradient`; all of
    /// one shape.
    fn adam(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        constants: AdamConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// keep·old + (1 − keep)·new.
    fn average(old: FloatTensor<Self>, new: FloatTensor<Self>, keep: f32) -> FloatTensor<Self>;
}

impl LayerOps for CubeBackend {
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        product(Layout::Plain, x, weight, Some(bias), way())
    }

    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self> {
        pointwise::pointwise(x, function)
    }
}

impl LayerGradients for CubeBackend {
    fn by_argument(
        x: FloatTensor<Self>,
        delta: FloatTensor<Self>,
        function: Function,
    ) -> FloatTensor<Self> {
        pointwise::by_argument(x, delta, function)
    }

    fn by_input(delta: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        product(Layout::RightTransposed, delta, weight, None, way())
    }

    fn by_weight(x: FloatTensor<Self>, delta: FloatTensor<Self>) -> FloatTensor<Self> {
        product(Layout::LeftTransposed, x, delta, None, way())
    }

    fn by_bias(delta: FloatTensor<Self>) -> FloatTensor<Self> {
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

    fn average(old: FloatTensor<Self>, new: FloatTensor<Self>, keep: f32) -> FloatTensor<Self> {
        update::average(old, new, keep)
    }
}

impl<B: LayerGradients, C: CheckpointStrategy> LayerOps for Autodiff<B, C> {
    fn layer(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let found = LayerStep.prepare::<C>(nodes).compute_bound().stateful();
        match found {
            OpsKind::Tracked(step) => {
                let (x, weight) = (x.into_primitive(), weight.into_primitive());
                let out = B::layer(x.clone(), weight.clone(), bias.into_primitive());
                step.finish((x, weight), out)
            }
            OpsKind::UnTracked(step) => step.finish(B::layer(
                x.into_primitive(),
                weight.into_primitive(),
                bias.into_primitive(),
            )),
        }
    }

    fn pointwise(x: FloatTensor<Self>, function: Function) -> FloatTensor<Self> {
        let found = PointwiseStep(function)
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful();
        match found {
            OpsKind::Tracked(step) => {
                let x = x.into_primitive();
                step.finish(x.clone(), B::pointwise(x, function))
            }
            OpsKind::UnTracked(step) => step.finish(B::pointwise(x.into_primitive(), function)),
        }
    }
}

/// The way back through [`LayerOps::layer`], as a step of burn's graph.
#[derive(Debug)]
struct LayerStep;

impl<B: LayerGradients> Backward<B, 3> for LayerStep {
    /// The layer's input and its weight.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let delta = gradients.consume::<B>(&ops.node);
        let (x, weight) = ops.state;
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::by_input(delta.clone(), weight));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::by_weight(x, delta.clone()));
        }
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::by_bias(delta));
        }
    }
}

/// The way back through [`LayerOps::pointwise`].
#[derive(Debug)]
struct PointwiseStep(Function);

impl<B: LayerGradients> Backward<B, 1> for PointwiseStep {
    /// The function's argument.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let delta = gradients.consume::<B>(&ops.node);
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::by_argument(ops.state, delta, self.0));
        }
    }
}
