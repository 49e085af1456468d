//! Matrix products and convolutions.

use super::{Operator, Reference, Value};
use crate::OnnxError;
use spec::{BinaryFunction, GraphOperation, GraphWindow};

/// α·A·B + β·C, with either matrix transposed.
pub(super) fn gemm(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let mut matrix = |at: usize, attribute: &str| -> Result<Reference, OnnxError> {
        let swap = op.int(attribute, 0) != 0;
        if let (true, Some(Value::Known(host))) = (swap, op.given(at))
            && host.dims.len() == 2
        {
            let value = Value::Known(host.transpose(&[1, 0]));
            return op.reference(&value);
        }
        let x = op.computed(at)?;
        match swap {
            true => op.transpose(x, vec![1, 0]),
            false => Ok(x),
        }
    };
    let (a, b) = (matrix(0, "transA")?, matrix(1, "transB")?);
    let (alpha, beta) = (op.float("alpha", 1.0), op.float("beta", 1.0));
    let mut product = op.push(GraphOperation::MatMul, &[a, b])?;
    if alpha != 1.0 {
        product = op.with(BinaryFunction::Mul, product, alpha)?;
    }
    if op.given(2).is_none() || beta == 0.0 {
        return Ok(product);
    }
    let mut bias = op.computed(2)?;
    if beta != 1.0 {
        bias = op.with(BinaryFunction::Mul, bias, beta)?;
    }
    op.binary(BinaryFunction::Add, product, bias)
}

/// NumPy's matmul: vectors get an axis, which is removed afterwards.
pub(super) fn matmul(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let (mut a, mut b) = (op.computed(0)?, op.computed(1)?);
    let is_vector = [op.shape(a).rank() == 1, op.shape(b).rank() == 1];
    if is_vector[0] {
        let full = [&[1], &op.shape(a).full()[..]].concat();
        if op.shape(a).is_batched {
            return Err(op.mixes());
        }
        a = op.reshape(a, full)?;
    }
    if is_vector[1] {
        let full = [&op.shape(b).full()[..], &[1]].concat();
        if op.shape(b).is_batched {
            return Err(op.mixes());
        }
        b = op.reshape(b, full)?;
    }
    // A batch of matrices beside fixed ones with fewer axes.
    let (of_a, of_b) = (op.shape(a), op.shape(b));
    if of_b.is_batched && !of_a.is_batched && of_a.rank() == 2 && of_b.rank() == 2 {
        return Err(op.mixes());
    }
    let mut product = op.push(GraphOperation::MatMul, &[a, b])?;
    let rank = op.shape(product).rank();
    let dropped = [rank - 2, rank - 1]
        .into_iter()
        .zip(is_vector)
        .filter_map(|(axis, is_vector)| is_vector.then_some(axis))
        .collect::<Vec<_>>();
    if !dropped.is_empty() {
        let full = op.shape(product).full().into_iter().enumerate();
        let full = full.filter(|(axis, _)| !dropped.contains(axis));
        let full = full.map(|(_, size)| size).collect();
        product = op.reshape_full(product, full)?;
    }
    Ok(product)
}

/// A window with its padding at the end, and what it slides over.
pub(super) struct Windows {
    pub(super) window: GraphWindow,
    pub(super) end: [usize; 2],
}

/// Reads strides, dilations and paddings. A result of `None` for the output leaves it to the caller.
pub(super) fn windows(
    op: &Operator<'_, '_>,
    kernel: [usize; 2],
    input: [usize; 2],
    transposed: bool,
) -> Result<Windows, OnnxError> {
    let pair = |name: &str, default: usize| -> Result<[usize; 2], OnnxError> {
        let Some(values) = op.ints(name) else {
            return Ok([default; 2]);
        };
        let sizes: Option<Vec<usize>> = values.iter().map(|&v| usize::try_from(v).ok()).collect();
        match sizes.as_deref() {
            Some(&[height, width]) => Ok([height, width]),
            // One axis: rows.
            Some(&[size]) => Ok([size, default]),
            _ => Err(op.error(format!("{name} is {values:?}"))),
        }
    };
    const MAX: usize = 1 << 12;
    let (stride, dilation) = (pair("strides", 1)?, pair("dilations", 1)?);
    let sizes = kernel.iter().chain(&stride).chain(&dilation);
    if sizes.clone().any(|&size| size == 0 || size > MAX) || input.contains(&0) {
        return Err(op.error("a kernel, stride or dilation is 0 or too large"));
    }
    let extent = |axis: usize| dilation[axis] * (kernel[axis] - 1) + 1;
    let (mut start, mut end) = ([0; 2], [0; 2]);
    match op.text("auto_pad", "NOTSET").as_str() {
        "SAME_UPPER" | "SAME_LOWER" if !transposed => {
            let lower = op.text("auto_pad", "") == "SAME_LOWER";
            for axis in 0..2 {
                let output = input[axis].div_ceil(stride[axis]);
                let total =
                    ((output - 1) * stride[axis] + extent(axis)).saturating_sub(input[axis]);
                start[axis] = if lower { total.div_ceil(2) } else { total / 2 };
                end[axis] = total - start[axis];
            }
        }
        "NOTSET" | "" => {
            let pads = op.ints("pads").unwrap_or_else(|| vec![0; 4]);
            let sizes: Option<Vec<usize>> = pads.iter().map(|&v| usize::try_from(v).ok()).collect();
            match sizes.as_deref() {
                Some(&[top, left, bottom, right]) => (start, end) = ([top, left], [bottom, right]),
                Some(&[top, bottom]) => (start, end) = ([top, 0], [bottom, 0]),
                _ => return Err(op.error(format!("pads are {pads:?}"))),
            }
            if start.iter().chain(&end).any(|&pad| pad > MAX) {
                return Err(op.error(format!("pads are {pads:?}")));
            }
        }
        "VALID" => {}
        other => return Err(op.unsupported(&format!("auto_pad is {other}"))),
    }
    let mut output = [0; 2];
    if !transposed {
        for axis in 0..2 {
            let room = (input[axis] + start[axis] + end[axis]).checked_sub(extent(axis));
            let room = room.ok_or_else(|| op.error("the kernel is larger than its input"))?;
            output[axis] = room / stride[axis] + 1;
        }
    }
    Ok(Windows {
        window: GraphWindow {
            kernel,
            stride,
            dilation,
            padding: start,
            output,
        },
        end,
    })
}

/// Input and weight with two spatial axes; those of one get a second one of size 1.
fn planes(op: &mut Operator<'_, '_>) -> Result<(Reference, Reference, bool), OnnxError> {
    let (x, weight) = (op.computed(0)?, op.computed(1)?);
    let rank = op.shape(x).rank();
    if op.shape(weight).is_batched {
        return Err(op.unsupported("its weight depends on z or the image"));
    }
    match rank {
        4 => Ok((x, weight, false)),
        3 => {
            let mut full = op.shape(x).full();
            full.push(1);
            let x = op.reshape_full(x, full)?;
            let mut full = op.shape(weight).full();
            full.push(1);
            Ok((x, op.reshape(weight, full)?, true))
        }
        _ => Err(op.unsupported(&format!("its input has {rank} axes; 3 and 4 are supported"))),
    }
}

fn sizes(
    op: &Operator<'_, '_>,
    x: Reference,
    weight: Reference,
) -> Result<[[usize; 2]; 2], OnnxError> {
    let (x, weight) = (op.shape(x).full(), op.shape(weight).full());
    match (&x[..], &weight[..]) {
        (&[_, _, height, width], &[_, _, rows, columns]) => Ok([[height, width], [rows, columns]]),
        _ => Err(op.error("input and weight have different numbers of axes")),
    }
}

/// The bias for each channel, and without the second spatial axis again.
fn finished(
    op: &mut Operator<'_, '_>,
    mut y: Reference,
    one_axis: bool,
) -> Result<Reference, OnnxError> {
    if op.given(2).is_some() {
        let bias = op.computed(2)?;
        let channels = op.shape(bias).elements();
        let bias = op.reshape(bias, vec![1, channels, 1, 1])?;
        y = op.binary(BinaryFunction::Add, y, bias)?;
    }
    if one_axis {
        let mut full = op.shape(y).full();
        full.pop();
        y = op.reshape_full(y, full)?;
    }
    Ok(y)
}

fn groups(op: &Operator<'_, '_>) -> Result<usize, OnnxError> {
    let groups = usize::try_from(op.int("group", 1)).ok();
    groups
        .filter(|&groups| groups > 0)
        .ok_or_else(|| op.error("the number of groups is not positive"))
}

pub(super) fn convolution(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let (x, weight, one_axis) = planes(op)?;
    let [input, kernel] = sizes(op, x, weight)?;
    let Windows { window, .. } = windows(op, kernel, input, false)?;
    let groups = groups(op)?;
    let y = op.push(GraphOperation::Convolution { window, groups }, &[x, weight])?;
    finished(op, y, one_axis)
}

pub(super) fn transposed(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let (x, weight, one_axis) = planes(op)?;
    let [input, kernel] = sizes(op, x, weight)?;
    let whole = |name: &str| -> Result<Option<[usize; 2]>, OnnxError> {
        let Some(values) = op.ints(name) else {
            return Ok(None);
        };
        let sizes: Option<Vec<usize>> = values.iter().map(|&v| usize::try_from(v).ok()).collect();
        match sizes.as_deref() {
            Some(&[.., height, width]) if !one_axis => Ok(Some([height, width])),
            Some(&[.., size]) if one_axis => Ok(Some([size, usize::from(name == "output_shape")])),
            _ => Err(op.error(format!("{name} is {values:?}"))),
        }
    };
    let extra = whole("output_padding")?.unwrap_or([0; 2]);
    let wanted = whole("output_shape")?;
    let auto = op.text("auto_pad", "NOTSET");
    let Windows { mut window, end } =
        windows(op, kernel, input, true).or_else(|error| match auto.as_str() {
            "SAME_UPPER" | "SAME_LOWER" => windows_without_padding(op, kernel, input),
            _ => Err(error),
        })?;
    for axis in 0..2 {
        let extent = window.dilation[axis] * (kernel[axis] - 1) + 1;
        let full = window.stride[axis] * (input[axis] - 1) + extent + extra[axis];
        let same = auto
            .starts_with("SAME")
            .then(|| input[axis] * window.stride[axis]);
        let output = match wanted.map(|wanted| wanted[axis]).or(same) {
            // The padding follows from the shape.
            Some(wanted) => {
                let total = full.saturating_sub(wanted);
                window.padding[axis] = match auto.as_str() {
                    "SAME_UPPER" => total / 2,
                    _ => total.div_ceil(2),
                };
                Some(wanted)
            }
            None => full.checked_sub(window.padding[axis] + end[axis]),
        };
        window.output[axis] = output
            .filter(|&output| output > 0)
            .ok_or_else(|| op.error("the paddings are larger than the result"))?;
    }
    let groups = groups(op)?;
    let operation = GraphOperation::TransposedConvolution { window, groups };
    let y = op.push(operation, &[x, weight])?;
    finished(op, y, one_axis)
}

/// Windows whose padding follows from the shape of the result.
fn windows_without_padding(
    op: &Operator<'_, '_>,
    kernel: [usize; 2],
    input: [usize; 2],
) -> Result<Windows, OnnxError> {
    let pair = |name: &str| match op.ints(name).as_deref() {
        Some(&[height, width]) if (1..4096).contains(&height) && (1..4096).contains(&width) => {
            Ok([height as usize, width as usize])
        }
        None => Ok([1; 2]),
        _ => Err(op.error(format!("{name} are not two sizes"))),
    };
    let _ = input;
    Ok(Windows {
        window: GraphWindow {
            kernel,
            stride: pair("strides")?,
            dilation: pair("dilations")?,
            padding: [0; 2],
            output: [0; 2],
        },
        end: [0; 2],
    })
}
