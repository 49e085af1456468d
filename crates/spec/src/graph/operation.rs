//! The operations of graphs, and the shapes of their results.

use super::{GraphError, ValueShape};
use serde::{Deserialize, Serialize};

/// What a node computes. Axes count that of the samples, if the value is batched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum GraphOperation {
    /// A function of each element.
    Unary(UnaryFunction),
    /// A function of each pair of elements, with NumPy's broadcasting.
    Binary(BinaryFunction),
    /// The second input where the first is not 0, else the third, with broadcasting.
    Where,
    /// A matrix product over the last two axes, with broadcasting over the others.
    MatMul,
    /// A convolution of `[n, channels, height, width]` with a weight `[outputs, channels / groups, height, width]`.
    Convolution {
        /// What each position reads.
        window: GraphWindow,
        /// Groups of channels that are convolved separately.
        groups: usize,
    },
    /// A transposed convolution of `[n, channels, height, width]` with a weight
    /// `[channels, outputs / groups, height, width]`.
    TransposedConvolution {
        /// What each input position writes to.
        window: GraphWindow,
        /// Groups of channels that are convolved separately.
        groups: usize,
    },
    /// The maximum of each window.
    MaxPool(GraphWindow),
    /// The sum of each window.
    SumPool(GraphWindow),
    /// The same elements with other axes, without that of the samples.
    Reshape(Vec<usize>),
    /// The axes in another order.
    Transpose(Vec<usize>),
    /// All inputs one after another along an axis.
    Concatenate {
        /// The axis.
        axis: usize,
    },
    /// A range along an axis.
    Slice {
        /// The axis.
        axis: usize,
        /// The first index.
        start: usize,
        /// The index after the last.
        end: usize,
    },
    /// The elements at these indices of an axis.
    Select {
        /// The axis.
        axis: usize,
        /// The indices.
        indices: Vec<u32>,
    },
    /// A constant before and after the elements of an axis.
    Pad {
        /// The axis.
        axis: usize,
        /// Elements before.
        before: usize,
        /// Elements after.
        after: usize,
        /// The constant.
        value: f32,
    },
    /// Repeats axes of size 1, to these axes without that of the samples.
    Expand(Vec<usize>),
    /// A value whose first axis has the size 1 becomes batched.
    ToBatch,
    /// The sum, mean or extreme along an axis, which keeps the size 1.
    Reduce {
        /// Which of them.
        reduction: Reduction,
        /// The axis.
        axis: usize,
    },
}

/// A function of each element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the functions say all")]
pub enum UnaryFunction {
    Neg,
    Abs,
    Exp,
    Log,
    Sqrt,
    Reciprocal,
    Floor,
    Ceil,
    Round,
    Erf,
    Sin,
    Cos,
    Tanh,
    Sigmoid,
    Relu,
    Softplus,
    Sign,
    /// 1 where the element is 0, else 0.
    Not,
    LeakyRelu {
        slope: f32,
    },
    Elu {
        alpha: f32,
    },
    Clip {
        min: Option<f32>,
        max: Option<f32>,
    },
    Power {
        exponent: f32,
    },
}

/// A function of two elements. Comparisons give 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the functions say all")]
pub enum BinaryFunction {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Greater,
    Less,
    Equal,
}

/// What an axis is reduced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say all")]
pub enum Reduction {
    Sum,
    Mean,
    Max,
    Min,
}

/// A window that slides over rows and columns. Positions outside of the input are 0, or −∞ for a maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphWindow {
    /// Rows and columns of the window.
    pub kernel: [usize; 2],
    /// Its step.
    pub stride: [usize; 2],
    /// The distance of its taps.
    pub dilation: [usize; 2],
    /// Rows and columns before the input.
    pub padding: [usize; 2],
    /// Rows and columns of the result.
    pub output: [usize; 2],
}

impl GraphOperation {
    /// Its name in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unary(_) => "a function",
            Self::Binary(_) => "arithmetic",
            Self::Where => "Where",
            Self::MatMul => "MatMul",
            Self::Convolution { .. } => "Conv",
            Self::TransposedConvolution { .. } => "ConvTranspose",
            Self::MaxPool(_) | Self::SumPool(_) => "Pool",
            Self::Reshape(_) => "Reshape",
            Self::Transpose(_) => "Transpose",
            Self::Concatenate { .. } => "Concat",
            Self::Slice { .. } => "Slice",
            Self::Select { .. } => "Gather",
            Self::Pad { .. } => "Pad",
            Self::Expand(_) => "Expand",
            Self::ToBatch => "Expand",
            Self::Reduce { .. } => "Reduce",
        }
    }

    /// The shape of the result.
    ///
    /// # Errors
    /// [`GraphError::Shapes`] and [`GraphError::MixesSamples`]. Nothing is allocated in proportion to the sizes.
    pub fn output(&self, inputs: &[&ValueShape]) -> Result<ValueShape, GraphError> {
        let fail = || GraphError::Shapes {
            operation: self.name(),
            shapes: inputs
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" and "),
        };
        let one = || match inputs {
            [x] => Ok(*x),
            _ => Err(fail()),
        };
        // An axis of the input that is not that of the samples.
        let own_axis = |x: &ValueShape, axis: usize| match axis {
            0 if x.is_batched => Err(GraphError::MixesSamples(self.name())),
            _ if axis < x.rank() => Ok(()),
            _ => Err(fail()),
        };
        let with_axis = |x: &ValueShape, axis: usize, size: Option<usize>| {
            own_axis(x, axis)?;
            let mut full = x.full();
            full[axis] = size.ok_or_else(fail)?;
            Ok(ValueShape::of_full(x.is_batched, full))
        };
        match self {
            Self::Unary(_) => Ok(one()?.clone()),
            Self::Binary(_) if inputs.len() == 2 => self.broadcast(inputs).ok_or_else(fail),
            Self::Where if inputs.len() == 3 => self.broadcast(inputs).ok_or_else(fail),
            Self::Binary(_) | Self::Where => Err(fail()),
            Self::MatMul => self.product(inputs).ok_or_else(fail),
            Self::Convolution { window, groups }
            | Self::TransposedConvolution { window, groups } => {
                let transposed = matches!(self, Self::TransposedConvolution { .. });
                let [x, weight] = inputs else {
                    return Err(fail());
                };
                let (full, weight_axes) = (x.full(), &weight.axes);
                let ([n, channels, _, _], false, &[out, of_group, height, width]) =
                    (&full[..], weight.is_batched, &weight_axes[..])
                else {
                    return Err(fail());
                };
                let groups = *groups;
                let valid = window.is_valid()
                    && window.kernel == [height, width]
                    && groups > 0
                    && out.is_multiple_of(groups)
                    && match transposed {
                        true => out == *channels,
                        false => of_group.checked_mul(groups) == Some(*channels),
                    };
                let outputs = match transposed {
                    true => of_group.saturating_mul(groups),
                    false => out,
                };
                let [rows, columns] = window.output;
                match valid {
                    true => Ok(ValueShape::of_full(
                        x.is_batched,
                        vec![*n, outputs, rows, columns],
                    )),
                    false => Err(fail()),
                }
            }
            Self::MaxPool(window) | Self::SumPool(window) => {
                let x = one()?;
                match x.full()[..] {
                    [n, channels, _, _] if window.is_valid() => {
                        let [rows, columns] = window.output;
                        let full = vec![n, channels, rows, columns];
                        Ok(ValueShape::of_full(x.is_batched, full))
                    }
                    _ => Err(fail()),
                }
            }
            Self::Reshape(axes) => {
                let x = one()?;
                let new = ValueShape {
                    is_batched: x.is_batched,
                    axes: axes.clone(),
                };
                match new.elements() == x.elements() {
                    true => Ok(new),
                    false => Err(fail()),
                }
            }
            Self::Transpose(order) => {
                let x = one()?;
                let mut sorted = order.clone();
                sorted.sort_unstable();
                if !sorted.iter().copied().eq(0..x.rank()) {
                    return Err(fail());
                }
                if x.is_batched && order[0] != 0 {
                    return Err(GraphError::MixesSamples(self.name()));
                }
                let full = x.full();
                let full = order.iter().map(|&axis| full[axis]).collect();
                Ok(ValueShape::of_full(x.is_batched, full))
            }
            Self::Concatenate { axis } => {
                let first = inputs.first().ok_or_else(fail)?;
                own_axis(first, *axis)?;
                let mut full = first.full();
                full[*axis] = 0;
                for input in inputs {
                    let other = input.full();
                    let fits = input.is_batched == first.is_batched
                        && other.len() == full.len()
                        && (0..full.len()).all(|at| at == *axis || full[at] == other[at]);
                    if !fits {
                        return Err(fail());
                    }
                    full[*axis] = full[*axis].saturating_add(other[*axis]);
                }
                Ok(ValueShape::of_full(first.is_batched, full))
            }
            Self::Slice { axis, start, end } => {
                let x = one()?;
                own_axis(x, *axis)?;
                let fits = start < end && *end <= x.full()[*axis];
                with_axis(x, *axis, fits.then(|| end - start))
            }
            Self::Select { axis, indices } => {
                let x = one()?;
                own_axis(x, *axis)?;
                let size = x.full()[*axis];
                let fits = indices.iter().all(|&index| (index as usize) < size);
                with_axis(x, *axis, fits.then_some(indices.len()))
            }
            Self::Pad {
                axis,
                before,
                after,
                value,
            } => {
                let x = one()?;
                own_axis(x, *axis)?;
                let size = x.full()[*axis].checked_add(*before);
                let size = size.and_then(|size| size.checked_add(*after));
                with_axis(x, *axis, size.filter(|_| !value.is_nan()))
            }
            Self::Expand(axes) => {
                let x = one()?;
                let fits = x.axes.len() == axes.len()
                    && x.axes
                        .iter()
                        .zip(axes)
                        .all(|(&from, &to)| from == to || from == 1);
                match fits {
                    true => Ok(ValueShape {
                        is_batched: x.is_batched,
                        axes: axes.clone(),
                    }),
                    false => Err(fail()),
                }
            }
            Self::ToBatch => {
                let x = one()?;
                match (x.is_batched, x.axes.first()) {
                    (false, Some(1)) => Ok(ValueShape::of_full(true, x.axes.clone())),
                    _ => Err(fail()),
                }
            }
            Self::Reduce { axis, .. } => with_axis(one()?, *axis, Some(1)),
        }
    }

    /// The shape of inputs after broadcasting. The axis of the samples is the first one of the result.
    fn broadcast(&self, inputs: &[&ValueShape]) -> Option<ValueShape> {
        let is_batched = inputs.iter().any(|shape| shape.is_batched);
        let rank = inputs.iter().map(|shape| shape.rank()).max()?;
        let mut result = vec![1; rank];
        for shape in inputs {
            let full = shape.full();
            if shape.is_batched && full.len() != rank {
                return None;
            }
            for (at, &size) in full.iter().rev().enumerate() {
                let found = &mut result[rank - 1 - at];
                match (*found, size) {
                    (_, 1) => {}
                    (1, _) => *found = size,
                    (a, b) if a == b => {}
                    _ => return None,
                }
            }
        }
        if is_batched && result[0] != 1 {
            return None;
        }
        Some(ValueShape::of_full(is_batched, result))
    }

    fn product(&self, inputs: &[&ValueShape]) -> Option<ValueShape> {
        let [a, b] = inputs else { return None };
        let (full_a, full_b) = (a.full(), b.full());
        let (&[ref outer_a @ .., rows, inner], &[ref outer_b @ .., inner_b, columns]) =
            (&full_a[..], &full_b[..])
        else {
            return None;
        };
        if inner != inner_b {
            return None;
        }
        // A batch of rows times one matrix.
        if a.is_batched && outer_a.is_empty() {
            let plain = !b.is_batched && outer_b.is_empty();
            return plain.then(|| ValueShape::batched(vec![columns]));
        }
        if b.is_batched && outer_b.is_empty() {
            return None;
        }
        let outer = |shape: &ValueShape, outer: &[usize]| {
            ValueShape::of_full(shape.is_batched, outer.to_vec())
        };
        let outer = self.broadcast(&[&outer(a, outer_a), &outer(b, outer_b)])?;
        let mut full = outer.full();
        full.extend([rows, columns]);
        Some(ValueShape::of_full(outer.is_batched, full))
    }

    /// Arithmetic operations for one sample.
    pub(crate) fn arithmetic(&self, inputs: &[&ValueShape], output: &ValueShape) -> u64 {
        let terms = match self {
            Self::MatMul => inputs[0].axes.last().copied().unwrap_or(1),
            Self::Convolution { window, .. } => {
                inputs[1].axes[1].saturating_mul(window.kernel[0] * window.kernel[1])
            }
            Self::TransposedConvolution { window, groups } => {
                (inputs[1].axes[0] / groups).saturating_mul(window.kernel[0] * window.kernel[1])
            }
            Self::MaxPool(window) | Self::SumPool(window) => window.kernel[0] * window.kernel[1],
            Self::Reduce { .. } => return inputs[0].elements() as u64,
            _ => 1,
        };
        (output.elements() as u64).saturating_mul(terms as u64)
    }

    /// Elements of the patches that a convolution or a pool makes for one sample; 0 for other operations.
    pub fn patch_elements(&self, inputs: &[&ValueShape]) -> usize {
        match self {
            Self::Convolution { window, .. }
            | Self::TransposedConvolution { window, .. }
            | Self::MaxPool(window)
            | Self::SumPool(window) => {
                let channels = inputs.first().map_or(1, |x| x.full()[1]);
                let taps = window.kernel[0] * window.kernel[1];
                let positions = window.output[0].saturating_mul(window.output[1]);
                positions.saturating_mul(taps).saturating_mul(channels)
            }
            _ => 0,
        }
    }
}

impl GraphWindow {
    /// Whether all sizes are within limits that no layer exceeds.
    fn is_valid(&self) -> bool {
        const MAX: usize = 1 << 12;
        let positive = [self.kernel, self.stride, self.dilation, self.output];
        let at_least_1 = positive
            .iter()
            .flatten()
            .all(|size| (1..=MAX).contains(size));
        at_least_1
            && self.padding.iter().all(|&padding| padding <= MAX)
            // The table of positions.
            && self.output.iter().chain(&self.kernel).product::<usize>() <= super::Graph::MAX_ELEMENTS
    }
}
