//! Pools.

use super::{
    Operator, Reference,
    linear::{Windows, windows},
};
use crate::OnnxError;
use spec::{BinaryFunction, GraphOperation, GraphWindow, Reduction};

/// The window over the last two axes, with `ceil_mode`, the rows and columns of the input, and the padding at the end.
fn window(
    op: &Operator<'_, '_>,
    x: Reference,
) -> Result<(GraphWindow, [usize; 2], [usize; 2]), OnnxError> {
    let full = op.shape(x).full();
    let &[_, _, height, width] = &full[..] else {
        return Err(op.unsupported(&format!(
            "its input has {} axes; 4 are supported",
            full.len()
        )));
    };
    let kernel = op.ints("kernel_shape").unwrap_or_default();
    let &[rows, columns] = &kernel[..] else {
        return Err(op.error("its kernel does not have two sizes"));
    };
    let kernel = [rows, columns].map(|size| usize::try_from(size).unwrap_or(0));
    let input = [height, width];
    let Windows { mut window, end } = windows(op, kernel, input, false)?;
    if op.int("ceil_mode", 0) == 1 {
        for axis in 0..2 {
            let extent = window.dilation[axis] * (kernel[axis] - 1) + 1;
            let (start, stride) = (window.padding[axis], window.stride[axis]);
            let room = input[axis] + start + end[axis] - extent;
            let mut output = room.div_ceil(stride) + 1;
            // A window that begins behind the input is left out.
            if (output - 1) * stride >= input[axis] + start {
                output -= 1;
            }
            window.output[axis] = output;
        }
    }
    Ok((window, input, end))
}

pub(super) fn max(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let (window, ..) = window(op, x)?;
    op.push(GraphOperation::MaxPool(window), &[x])
}

pub(super) fn average(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let (window, input, end) = window(op, x)?;
    let with_padding = op.int("count_include_pad", 0) == 1;
    // The positions that each window counts, along an axis.
    let counts = |axis: usize| -> Vec<f32> {
        let from = if with_padding {
            0
        } else {
            window.padding[axis]
        };
        let to = window.padding[axis] + input[axis] + if with_padding { end[axis] } else { 0 };
        (0..window.output[axis])
            .map(|at| {
                let taps = (0..window.kernel[axis])
                    .map(|tap| at * window.stride[axis] + tap * window.dilation[axis]);
                taps.filter(|position| (from..to).contains(position))
                    .count() as f32
            })
            .collect()
    };
    let (rows, columns) = (counts(0), counts(1));
    let counts: Vec<f32> = rows
        .iter()
        .flat_map(|row| columns.iter().map(move |column| (row * column).max(1.0)))
        .collect();
    let sum = op.push(GraphOperation::SumPool(window), &[x])?;
    match counts.iter().all(|count| *count == counts[0]) {
        true => op.with(BinaryFunction::Div, sum, counts[0]),
        false => {
            let [height, width] = window.output;
            let counts = op.weight(vec![1, 1, height, width], counts)?;
            op.binary(BinaryFunction::Div, sum, counts)
        }
    }
}

pub(super) fn global(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let mut x = op.computed(0)?;
    let reduction = match op.node.op_type.as_str() {
        "GlobalMaxPool" => Reduction::Max,
        _ => Reduction::Mean,
    };
    for axis in 2..op.shape(x).rank() {
        x = op.push(GraphOperation::Reduce { reduction, axis }, &[x])?;
    }
    Ok(x)
}
