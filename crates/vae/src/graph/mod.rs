//! Graphs of imported models, interpreted on tensors.
//!
//! Every value is a tensor of six axes, the first ones of size 1: one instance of each operation is enough, and NumPy's
//! broadcasting is that of burn. Windows select positions by tables of indices, as in [`network`](crate::network), so that
//! there is one path for all backends, and gradients follow from the selection.

mod functions;
mod windows;

use crate::{Condition, KernelPath, linear::batched_product};
use burn::{
    module::Param,
    tensor::{Device, Int, Tensor, TensorData},
};
use functions::{binary, unary};
use spec::{Graph, GraphOperation, Reduction, ValueShape};
use std::sync::OnceLock;

/// The type of [`interpret`].
pub type Interpreter =
    fn(&Graph, &[Param<Tensor<1>>], Tensor<2>, &Condition, KernelPath) -> Vec<Tensor<2>>;

static INTERPRETER: OnceLock<Interpreter> = OnceLock::new();

/// Makes models with graphs loadable. Other models do not need [`interpret`], and an engine fetches it on demand;
/// therefore nothing in this crate refers to it.
pub fn install(interpreter: Interpreter) {
    // A second one is the same.
    INTERPRETER.set(interpreter).ok();
}

/// Whether an interpreter was installed.
pub(crate) fn is_installed() -> bool {
    INTERPRETER.get().is_some()
}

/// The outputs of a graph, by the installed interpreter.
///
/// # Panics
/// Without one; a model with graphs is not built then.
pub(crate) fn forward(
    graph: &Graph,
    weights: &[Param<Tensor<1>>],
    x: Tensor<2>,
    condition: &Condition,
    path: KernelPath,
) -> Vec<Tensor<2>> {
    let interpreter = INTERPRETER.get().expect("checked when the model was built");
    interpreter(graph, weights, x, condition, path)
}

/// The axes of each tensor.
const AXES: usize = Graph::MAX_RANK;

/// The most elements of the values and patches of one operation at once: larger batches are divided.
const MAX_ELEMENTS: usize = 1 << 24;

/// Weights of these shapes, all zero.
pub(crate) fn weights(graph: &Graph, device: &Device) -> Vec<Param<Tensor<1>>> {
    let shapes = graph.weights.iter();
    shapes
        .map(|axes| Param::from_tensor(Tensor::zeros([axes.iter().product::<usize>()], device)))
        .collect()
}

/// The outputs of a graph, a row for each sample.
///
/// # Shapes
/// - `weights`: the elements of each weight
/// - `x`: `[n, input]`
/// - `condition`: `[n, classes]`; empty for an unconditional model
///
/// # Panics
/// If the graph was not validated, or an input does not fit it.
pub fn interpret(
    graph: &Graph,
    weights: &[Param<Tensor<1>>],
    x: Tensor<2>,
    condition: &Condition,
    path: KernelPath,
) -> Vec<Tensor<2>> {
    let shapes = graph.shapes().expect("validated");
    let n = x.dims()[0];
    let rows = match graph.per_sample {
        true => 1,
        false => rows_at_once(graph, &shapes),
    };
    let weights: Vec<Tensor<1>> = weights.iter().map(|weight| weight.val()).collect();
    let parts = (0..n).step_by(rows).map(|start| {
        let range = start..n.min(start + rows);
        let part = match n <= rows {
            true => x.clone(),
            false => x.clone().slice([range.clone()]),
        };
        run(
            graph,
            &shapes,
            &weights,
            part,
            &condition.rows_in(range),
            path,
        )
    });
    let parts: Vec<Vec<Tensor<2>>> = parts.collect();
    (0..graph.outputs.len())
        .map(|at| {
            let mut rows: Vec<_> = parts.iter().map(|part| part[at].clone()).collect();
            match rows.len() {
                1 => rows.remove(0),
                _ => Tensor::cat(rows, 0),
            }
        })
        .collect()
}

/// Rows for which no operation needs more than [`MAX_ELEMENTS`].
fn rows_at_once(graph: &Graph, shapes: &[ValueShape]) -> usize {
    let first = graph.first_node();
    let of_node = graph.nodes.iter().zip(&shapes[first..]);
    let elements = of_node.map(|(node, output)| {
        let inputs: Vec<_> = node.inputs.iter().map(|&input| &shapes[input]).collect();
        output
            .elements()
            .max(node.operation.patch_elements(&inputs))
    });
    (MAX_ELEMENTS / elements.max().unwrap_or(1).max(1)).max(1)
}

fn run(
    graph: &Graph,
    shapes: &[ValueShape],
    weights: &[Tensor<1>],
    x: Tensor<2>,
    condition: &Condition,
    path: KernelPath,
) -> Vec<Tensor<2>> {
    let n = x.dims()[0];
    let sizes = |value: usize| sizes(&shapes[value], n);
    let mut values: Vec<Option<Tensor<AXES>>> = vec![None; shapes.len()];
    values[0] = Some(x.reshape(sizes(0)));
    if let (Some(rows), true) = (condition.rows(), graph.classes > 0) {
        values[1] = Some(rows.reshape(sizes(1)));
    }
    let first = graph.first_weight();
    for (at, weight) in weights.iter().enumerate() {
        values[first + at] = Some(weight.clone().reshape(sizes(first + at)));
    }
    let last_use = last_use(graph, shapes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let id = graph.first_node() + index;
        let inputs: Vec<_> = node
            .inputs
            .iter()
            .map(|&input| Value {
                tensor: values[input].clone().expect("computed before it is read"),
                rank: shapes[input].rank(),
            })
            .collect();
        values[id] = Some(compute(&node.operation, inputs, sizes(id), path));
        for &input in &node.inputs {
            if last_use[input] == index {
                values[input] = None;
            }
        }
    }
    graph
        .outputs
        .iter()
        .map(|&output| {
            let value = values[output].clone().expect("outputs are kept");
            value.reshape([n, shapes[output].elements()])
        })
        .collect()
}

/// The index of the last node that reads each value; beyond all nodes for outputs.
fn last_use(graph: &Graph, values: usize) -> Vec<usize> {
    let mut last = vec![usize::MAX; values];
    for (index, node) in graph.nodes.iter().enumerate() {
        node.inputs.iter().for_each(|&input| last[input] = index);
    }
    graph
        .outputs
        .iter()
        .for_each(|&output| last[output] = usize::MAX);
    last
}

/// The sizes of a value's tensor for `n` samples.
fn sizes(shape: &ValueShape, n: usize) -> [usize; AXES] {
    let mut sizes = [1; AXES];
    let first = AXES - shape.rank();
    sizes[AXES - shape.axes.len()..].copy_from_slice(&shape.axes);
    if shape.is_batched {
        sizes[first] = n;
    }
    sizes
}

/// A tensor with its number of axes.
struct Value {
    tensor: Tensor<AXES>,
    rank: usize,
}

impl Value {
    /// The axis of the tensor.
    fn axis(&self, axis: usize) -> usize {
        AXES - self.rank + axis
    }
}

fn compute(
    operation: &GraphOperation,
    inputs: Vec<Value>,
    sizes: [usize; AXES],
    path: KernelPath,
) -> Tensor<AXES> {
    let mut inputs = inputs.into_iter();
    let mut next = || inputs.next().expect("validated");
    match operation {
        GraphOperation::Unary(function) => unary(*function, next().tensor),
        GraphOperation::Binary(function) => binary(*function, next().tensor, next().tensor),
        GraphOperation::Where => {
            let [condition, yes, no] =
                [next(), next(), next()].map(|value| value.tensor.expand(sizes));
            yes.mask_where(condition.equal_elem(0), no)
        }
        GraphOperation::MatMul => product(next().tensor, next().tensor, sizes, path),
        GraphOperation::Convolution { window, groups } => {
            let (x, weight) = (next().tensor, next().tensor);
            windows::convolution(x, weight, window, *groups, path).reshape(sizes)
        }
        GraphOperation::TransposedConvolution { window, groups } => {
            let (x, weight) = (next().tensor, next().tensor);
            windows::transposed(x, weight, window, *groups, path).reshape(sizes)
        }
        GraphOperation::MaxPool(window) => {
            let pooled = windows::patches(next().tensor, window, f32::MIN);
            pooled.max_dim(3).reshape(sizes)
        }
        GraphOperation::SumPool(window) => {
            let pooled = windows::patches(next().tensor, window, 0.0);
            pooled.sum_dim(3).reshape(sizes)
        }
        GraphOperation::Reshape(_) => next().tensor.reshape(sizes),
        GraphOperation::Transpose(order) => {
            let x = next();
            let first = AXES - x.rank;
            let mut axes: [usize; AXES] = std::array::from_fn(|axis| axis);
            for (at, &axis) in order.iter().enumerate() {
                axes[first + at] = first + axis;
            }
            x.tensor.permute(axes)
        }
        GraphOperation::Concatenate { axis } => {
            let first = next();
            let axis = first.axis(*axis);
            let rest = inputs.map(|value| value.tensor);
            Tensor::cat([first.tensor].into_iter().chain(rest).collect(), axis)
        }
        GraphOperation::Slice { axis, start, end } => {
            let x = next();
            let axis = x.axis(*axis);
            x.tensor.narrow(axis, *start, end - start)
        }
        GraphOperation::Select { axis, indices } => {
            let x = next();
            let axis = x.axis(*axis);
            let indices: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
            let count = indices.len();
            let device = x.tensor.device();
            let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &device);
            x.tensor.select(axis, indices)
        }
        GraphOperation::Pad {
            axis,
            before,
            after,
            value,
        } => {
            let x = next();
            let axis = x.axis(*axis);
            let device = x.tensor.device();
            let border = |size: usize| {
                let mut sizes = x.tensor.dims();
                sizes[axis] = size;
                (size > 0).then(|| Tensor::full(sizes, *value, &device))
            };
            let parts = [border(*before), Some(x.tensor.clone()), border(*after)];
            Tensor::cat(parts.into_iter().flatten().collect(), axis)
        }
        // Values that become batched are expanded only here, because their number is not known before.
        GraphOperation::Expand(_) | GraphOperation::ToBatch => next().tensor.expand(sizes),
        GraphOperation::Reduce { reduction, axis } => {
            let x = next();
            let axis = x.axis(*axis);
            match reduction {
                Reduction::Sum => x.tensor.sum_dim(axis),
                Reduction::Mean => x.tensor.mean_dim(axis),
                Reduction::Max => x.tensor.max_dim(axis),
                Reduction::Min => x.tensor.min_dim(axis),
            }
        }
    }
}

/// A matrix product over the last two axes. One matrix on the right is multiplied by all rows at once.
fn product(
    a: Tensor<AXES>,
    b: Tensor<AXES>,
    sizes: [usize; AXES],
    path: KernelPath,
) -> Tensor<AXES> {
    let (of_a, of_b) = (a.dims(), b.dims());
    let (rows, inner, columns) = (of_a[AXES - 2], of_a[AXES - 1], of_b[AXES - 1]);
    let outer = |sizes: &[usize; AXES]| sizes[..AXES - 2].iter().product::<usize>();
    if outer(&of_b) == 1 {
        let a = a.reshape([1, outer(&of_a) * rows, inner]);
        return batched_product(a, b.reshape([1, inner, columns]), path).reshape(sizes);
    }
    let expand = |x: Tensor<AXES>, [rows, columns]: [usize; 2]| {
        let mut full = sizes;
        full[AXES - 2..].copy_from_slice(&[rows, columns]);
        let x: Tensor<AXES> = x.expand(full);
        x.reshape([outer(&sizes), rows, columns])
    };
    let a = expand(a, [rows, inner]);
    batched_product(a, expand(b, [inner, columns]), path).reshape(sizes)
}
