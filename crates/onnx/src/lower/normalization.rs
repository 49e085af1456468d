//! Normalizations and softmax.

use super::{Operator, Reference, Value};
use crate::{OnnxError, host::Host};
use spec::{BinaryFunction, GraphOperation, Reduction, UnaryFunction};

use BinaryFunction::{Add, Div, Mul, Sub};

/// Axes `[1, channels, 1, …]` of a value for each channel of `x`.
fn channel_axes(op: &Operator<'_, '_>, x: Reference, channels: usize) -> Vec<usize> {
    let mut axes = vec![1; op.shape(x).rank()];
    if let Some(axis) = axes.get_mut(1) {
        *axis = channels;
    }
    axes
}

/// (x − mean) / √(variance + ε) · scale + shift, with fixed statistics.
pub(super) fn batch(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    if op.int("training_mode", 0) != 0 || (op.version < 14 && op.node.output.len() > 1) {
        return Err(op.unsupported("it is in training mode; call model.eval() before the export"));
    }
    let x = op.computed(0)?;
    let epsilon = op.float("epsilon", 1e-5);
    let all: Vec<Option<Host>> = (1..5)
        .map(|at| match op.given(at) {
            Some(Value::Known(host)) => Some(host.clone()),
            _ => None,
        })
        .collect();
    let all: Option<Vec<Vec<f32>>> = all.into_iter().map(|host| host?.floats()).collect();
    let all = all.ok_or_else(|| op.unsupported("its statistics are not fixed"))?;
    let [scale, shift, mean, variance] = &all[..] else {
        return Err(op.error("it needs four inputs besides x"));
    };
    let channels = scale.len();
    if [shift, mean, variance]
        .iter()
        .any(|values| values.len() != channels)
    {
        return Err(op.error("its inputs have different sizes"));
    }
    let factor: Vec<f32> = (0..channels)
        .map(|at| scale[at] / (variance[at] + epsilon).sqrt())
        .collect();
    let shift: Vec<f32> = (0..channels)
        .map(|at| shift[at] - mean[at] * factor[at])
        .collect();
    let axes = channel_axes(op, x, channels);
    let factor = op.weight(axes.clone(), factor)?;
    let shift = op.weight(axes, shift)?;
    let scaled = op.binary(Mul, x, factor)?;
    op.binary(Add, scaled, shift)
}

/// (x − mean) / √(variance + ε) over these axes.
fn normalized(
    op: &mut Operator<'_, '_>,
    x: Reference,
    axes: &[usize],
    epsilon: f32,
) -> Result<Reference, OnnxError> {
    let mean = |op: &mut Operator<'_, '_>, mut x: Reference| {
        for &axis in axes {
            let reduction = Reduction::Mean;
            x = op.push(GraphOperation::Reduce { reduction, axis }, &[x])?;
        }
        Ok::<_, OnnxError>(x)
    };
    let center = mean(op, x)?;
    let centered = op.binary(Sub, x, center)?;
    let square = op.binary(Mul, centered, centered)?;
    let variance = mean(op, square)?;
    let variance = op.with(Add, variance, epsilon)?;
    let deviation = op.unary(UnaryFunction::Sqrt, variance)?;
    op.binary(Div, centered, deviation)
}

/// Multiplied by input 1 and shifted by input 2, which have these axes.
fn scaled(
    op: &mut Operator<'_, '_>,
    x: Reference,
    axes: Option<Vec<usize>>,
) -> Result<Reference, OnnxError> {
    let mut x = x;
    for (at, function) in [(1, Mul), (2, Add)] {
        if op.given(at).is_none() {
            continue;
        }
        let mut value = op.computed(at)?;
        if let Some(axes) = &axes {
            value = op.reshape(value, axes.clone())?;
        }
        x = op.binary(function, x, value)?;
    }
    Ok(x)
}

/// For each sample and channel over rows and columns.
pub(super) fn instance(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let shape = op.shape(x);
    let axes: Vec<usize> = (2..shape.rank()).collect();
    let epsilon = op.float("epsilon", 1e-5);
    let channels = shape.full().get(1).copied().unwrap_or(1);
    let y = normalized(op, x, &axes, epsilon)?;
    let axes = channel_axes(op, x, channels);
    scaled(op, y, Some(axes))
}

/// Over the last axes.
pub(super) fn layer(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let rank = op.shape(x).rank();
    let first = op.axis(op.int("axis", -1), rank)?;
    let axes: Vec<usize> = (first..rank).collect();
    let epsilon = op.float("epsilon", 1e-5);
    let y = normalized(op, x, &axes, epsilon)?;
    scaled(op, y, None)
}

/// For each sample over groups of channels.
pub(super) fn group(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let full = op.shape(x).full();
    let groups = usize::try_from(op.int("num_groups", 1)).unwrap_or(0);
    let channels = full.get(1).copied().unwrap_or(0);
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(op.error(format!("{channels} channels can't be {groups} groups")));
    }
    let inner: usize = full[1..].iter().product();
    let grouped = op.reshape_full(x, vec![full[0], groups, inner / groups])?;
    let epsilon = op.float("epsilon", 1e-5);
    let y = normalized(op, grouped, &[2], epsilon)?;
    // Version 18 has a scale for each group, version 21 one for each channel.
    let of_group = match op.given(1) {
        Some(Value::Known(host)) => host.len() == groups && groups != channels,
        _ => false,
    };
    if of_group {
        let y = scaled(op, y, Some(vec![1, groups, 1]))?;
        return op.reshape_full(y, full);
    }
    let y = op.reshape_full(y, full)?;
    let axes = channel_axes(op, x, channels);
    scaled(op, y, Some(axes))
}

/// exp(x − max) / Σ, or its logarithm.
pub(super) fn softmax(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let full = op.shape(x).full();
    let rank = full.len();
    // Before version 13 all axes from this one on are one.
    let old = op.version < 13;
    let axis = op.axis(op.int("axis", if old { 1 } else { -1 }), rank)?;
    let flat = old && axis + 1 < rank;
    let (x, axis) = match flat {
        true if axis > 0 => {
            let (outer, inner) = full.split_at(axis);
            let joined = [outer, &[inner.iter().product()]].concat();
            (op.reshape_full(x, joined)?, axis)
        }
        true => return Err(op.mixes()),
        false => (x, axis),
    };
    let reduce = |op: &mut Operator<'_, '_>, x: Reference, reduction: Reduction| {
        op.push(GraphOperation::Reduce { reduction, axis }, &[x])
    };
    let largest = reduce(op, x, Reduction::Max)?;
    let shifted = op.binary(Sub, x, largest)?;
    let exponential = op.unary(UnaryFunction::Exp, shifted)?;
    let sum = reduce(op, exponential, Reduction::Sum)?;
    let y = match op.node.op_type.as_str() {
        "LogSoftmax" => {
            let log = op.unary(UnaryFunction::Log, sum)?;
            op.binary(Sub, shifted, log)?
        }
        _ => op.binary(Div, exponential, sum)?,
    };
    match flat {
        true => op.reshape_full(y, full),
        false => Ok(y),
    }
}

/// x / ‖x‖ along an axis.
pub(super) fn lp(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let x = op.computed(0)?;
    let axis = op.axis(op.int("axis", -1), op.shape(x).rank())?;
    let reduction = Reduction::Sum;
    let sum = |op: &mut Operator<'_, '_>, x: Reference| {
        op.push(GraphOperation::Reduce { reduction, axis }, &[x])
    };
    let norm = match op.int("p", 2) {
        1 => {
            let size = op.unary(UnaryFunction::Abs, x)?;
            sum(op, size)?
        }
        _ => {
            let square = op.binary(Mul, x, x)?;
            let sum = sum(op, square)?;
            op.unary(UnaryFunction::Sqrt, sum)?
        }
    };
    // A vector of zeros stays one.
    let norm = super::arithmetic::clip(op, norm, Some(f32::MIN_POSITIVE), None)?;
    op.binary(Div, x, norm)
}
