//! Shapes, and operators that move elements.

use super::{Operator, Reference, Value};
use crate::{
    OnnxError,
    host::{Host, Kind, MAX_HOST_ELEMENTS, Number},
    read,
};
use spec::GraphOperation;

type Outcome = Result<Vec<Value>, OnnxError>;

pub(super) fn run(op: &mut Operator<'_, '_>) -> Outcome {
    match op.node.op_type.as_str() {
        "Shape" | "Size" => shape(op),
        "ConstantOfShape" => constant_of_shape(op),
        "Range" => range(op),
        "Reshape" => reshape(op),
        "Flatten" => flatten(op),
        "Squeeze" | "Unsqueeze" => squeeze(op),
        "Transpose" => transpose(op),
        "Concat" => concat(op),
        "Split" => split(op),
        "Slice" => slice(op),
        "Gather" => gather(op),
        "Expand" | "Tile" => expand(op),
        "Pad" => pad(op),
        "DepthToSpace" => depth_to_space(op),
        "SpaceToDepth" => space_to_depth(op),
        "OneHot" => one_hot(op),
        _ => Err(op.unsupported("")),
    }
}

fn computed(reference: Reference) -> Outcome {
    Ok(vec![Value::Computed(reference)])
}

/// The axes of the first input as numbers.
fn axes(op: &Operator<'_, '_>) -> Result<Vec<Number>, OnnxError> {
    let fixed = |sizes: &[usize]| sizes.iter().map(|&size| Number::new(size as f64)).collect();
    match op.given(0) {
        Some(Value::Known(host)) => Ok(fixed(&host.dims)),
        Some(Value::Computed(reference)) => {
            let shape = op.shape(*reference);
            let mut sizes: Vec<Number> = fixed(&shape.axes);
            if shape.is_batched {
                sizes.insert(0, Number::SAMPLES);
            }
            Ok(sizes)
        }
        Some(Value::Label) if op.scope.per_sample => Ok(vec![Number::new(1.0)]),
        Some(Value::Label) => Ok(vec![Number::SAMPLES]),
        None => Err(op.error("it has no input")),
    }
}

fn shape(op: &mut Operator<'_, '_>) -> Outcome {
    let axes = axes(op)?;
    if op.node.op_type == "Size" {
        let samples = axes.iter().filter(|axis| axis.samples != 0.0).count();
        let product: f64 = axes
            .iter()
            .map(|axis| axis.constant + axis.samples)
            .product();
        let size = match samples {
            0 => Number::new(product),
            _ => Number {
                constant: 0.0,
                samples: product,
            },
        };
        return Ok(op.result(Host::of_numbers(Kind::Int, Vec::new(), vec![size])));
    }
    let rank = axes.len() as i64;
    let bound = |value: i64| (if value < 0 { value + rank } else { value }).clamp(0, rank) as usize;
    let (start, end) = (bound(op.int("start", 0)), bound(op.int("end", rank)));
    let part = axes[start..end.max(start)].to_vec();
    Ok(op.result(Host::of_numbers(Kind::Int, vec![part.len()], part)))
}

/// Numbers of an input that is a shape.
fn numbers(op: &Operator<'_, '_>, at: usize) -> Result<Vec<Number>, OnnxError> {
    let host = op.known(at)?;
    let host = host.ok_or_else(|| op.error("its shape is missing"))?;
    host.numbers()
        .ok_or_else(|| op.error("its shape is too long"))
}

fn sizes(op: &Operator<'_, '_>, numbers: &[Number]) -> Result<Vec<usize>, OnnxError> {
    let size = |number: &Number| match number.fixed() {
        None => Err(op.mixes()),
        Some(size) if (0.0..=1e9).contains(&size) => Ok(size as usize),
        Some(size) => Err(op.error(format!("a size is {size}"))),
    };
    numbers.iter().map(size).collect()
}

fn checked_count(op: &Operator<'_, '_>, dims: &[usize]) -> Result<usize, OnnxError> {
    let count = dims
        .iter()
        .fold(1, |product: usize, &dim| product.saturating_mul(dim));
    match count <= MAX_HOST_ELEMENTS {
        true => Ok(count),
        false => Err(op.error(format!("the shape {dims:?} is too large"))),
    }
}

/// The sizes of a shape, with 1 for the number of samples: a constant is the same for all.
fn constant_of_shape(op: &mut Operator<'_, '_>) -> Outcome {
    let mut numbers = numbers(op, 0)?;
    if let Some(first) = numbers.first_mut()
        && *first == Number::SAMPLES
    {
        *first = Number::new(1.0);
    }
    let dims = sizes(op, &numbers)?;
    let count = checked_count(op, &dims)?;
    let (kind, value) = match op.tensor_attribute("value") {
        Some(tensor) => {
            let host = read::tensor(tensor)?;
            let value = host
                .scalar()
                .ok_or_else(|| op.error("its value is not one number"))?;
            (host.kind, value)
        }
        None => (Kind::Float, 0.0),
    };
    let values = vec![Number::new(value); count];
    Ok(op.result(Host::of_numbers(kind, dims, values)))
}

fn range(op: &mut Operator<'_, '_>) -> Outcome {
    let kind = op.kind(0);
    let limits = [op.scalar(0)?, op.scalar(1)?, op.scalar(2)?];
    let [Some(start), Some(end), Some(step)] = limits else {
        return Err(op.error("an input is missing"));
    };
    let count = ((end - start) / step).ceil().max(0.0);
    if count.is_nan() || count > MAX_HOST_ELEMENTS as f64 {
        return Err(op.error("it has too many elements"));
    }
    let values: Vec<_> = (0..count as usize)
        .map(|at| Number::new(start + step * at as f64))
        .collect();
    Ok(op.result(Host::of_numbers(kind, vec![values.len()], values)))
}

fn reshape(op: &mut Operator<'_, '_>) -> Outcome {
    let mut wanted = match op.given(1) {
        Some(_) => numbers(op, 1)?,
        None => {
            let ints = op.ints("shape").unwrap_or_default();
            ints.into_iter().map(|v| Number::new(v as f64)).collect()
        }
    };
    let own = axes(op)?;
    if let Some(Value::Label) = op.given(0) {
        return Ok(vec![Value::Label]);
    }
    if op.int("allowzero", 0) == 0 {
        for (at, size) in wanted.iter_mut().enumerate() {
            if *size == Number::new(0.0) {
                *size = own.get(at).copied().unwrap_or(*size);
            }
        }
    }
    let is_batched = own.first().is_some_and(|first| first.samples != 0.0);
    let per_sample: f64 = own[usize::from(is_batched)..]
        .iter()
        .map(|size| size.constant)
        .product();
    if is_batched {
        let Some((first, rest)) = wanted.split_first_mut() else {
            return Err(op.mixes());
        };
        if rest.iter().any(|size| size.samples != 0.0) {
            return Err(op.mixes());
        }
        let fixed = op.scope.samples.map(|samples| samples as f64);
        let is_samples = *first == Number::SAMPLES
            || *first == Number::new(-1.0)
            || first.fixed().is_some_and(|first| Some(first) == fixed);
        if !is_samples {
            return Err(op.mixes());
        }
        // −1 may stand for the samples, or for what remains beside them.
        let open = rest
            .iter()
            .filter(|size| **size == Number::new(-1.0))
            .count();
        let known: f64 = rest
            .iter()
            .filter(|size| **size != Number::new(-1.0))
            .map(|size| size.constant)
            .product();
        let fits = match open {
            0 => known == per_sample,
            1 => known > 0.0 && per_sample % known == 0.0,
            _ => false,
        };
        if !fits {
            return Err(op.mixes());
        }
        for size in rest.iter_mut() {
            if *size == Number::new(-1.0) {
                *size = Number::new(per_sample / known);
            }
        }
        let axes = sizes(op, &wanted[1..])?;
        let x = op.computed(0)?;
        return computed(op.reshape(x, axes)?);
    }
    // A number of samples in the shape of something that is the same for all.
    let known: f64 = wanted
        .iter()
        .filter(|size| **size != Number::new(-1.0))
        .map(|size| size.constant + size.samples)
        .product();
    for size in &mut wanted {
        if *size == Number::new(-1.0) && known > 0.0 {
            *size = Number::new((per_sample / known).floor());
        }
    }
    let dims = sizes(op, &wanted)?;
    if let Some(Value::Known(host)) = op.given(0) {
        if dims.iter().fold(1, |p: usize, &d| p.saturating_mul(d)) != host.len() {
            return Err(op.error(format!("{:?} can't become {dims:?}", host.dims)));
        }
        return Ok(op.result(host.with_dims(dims)));
    }
    let x = op.computed(0)?;
    computed(op.reshape(x, dims)?)
}

fn flatten(op: &mut Operator<'_, '_>) -> Outcome {
    let x = op.computed(0)?;
    let shape = op.shape(x);
    let full = shape.full();
    let axis = op.int("axis", 1);
    let axis = match axis == full.len() as i64 {
        true => full.len(),
        false => op.axis(axis, full.len())?,
    };
    if shape.is_batched && axis != 1 {
        return Err(op.mixes());
    }
    let (outer, inner) = full.split_at(axis);
    let full = vec![outer.iter().product(), inner.iter().product()];
    computed(op.reshape_full(x, full)?)
}

fn squeeze(op: &mut Operator<'_, '_>) -> Outcome {
    if let Some(Value::Label) = op.given(0) {
        return Ok(vec![Value::Label]);
    }
    let given = op.whole(1, "axes")?;
    let (mut full, is_batched) = match op.given(0) {
        Some(Value::Known(host)) => (host.dims.clone(), false),
        _ => {
            let x = op.computed(0)?;
            (op.shape(x).full(), op.shape(x).is_batched)
        }
    };
    if op.node.op_type == "Squeeze" {
        let axes = match given {
            Some(axes) => axes
                .into_iter()
                .map(|axis| op.axis(axis, full.len()))
                .collect::<Result<Vec<_>, _>>()?,
            None if is_batched => return Err(op.mixes()),
            None => (0..full.len()).filter(|&axis| full[axis] == 1).collect(),
        };
        if is_batched && axes.contains(&0) {
            return Err(op.mixes());
        }
        if axes.iter().any(|&axis| full[axis] != 1) {
            return Err(op.error("it removes an axis that is not 1"));
        }
        let kept = full.iter().enumerate().filter(|(at, _)| !axes.contains(at));
        full = kept.map(|(_, &size)| size).collect();
    } else {
        let given = given.unwrap_or_default();
        let rank = full.len() + given.len();
        let mut axes = given
            .into_iter()
            .map(|axis| op.axis(axis, rank))
            .collect::<Result<Vec<_>, _>>()?;
        axes.sort_unstable();
        if is_batched && axes.contains(&0) {
            return Err(op.mixes());
        }
        for axis in axes {
            if axis > full.len() {
                return Err(op.error("it adds an axis twice"));
            }
            full.insert(axis, 1);
        }
    }
    if let Some(Value::Known(host)) = op.given(0) {
        return Ok(op.result(host.with_dims(full)));
    }
    let x = op.computed(0)?;
    computed(op.reshape_full(x, full)?)
}

fn transpose(op: &mut Operator<'_, '_>) -> Outcome {
    let rank = axes(op)?.len();
    let order = match op.ints("perm") {
        Some(order) => order
            .into_iter()
            .map(|axis| op.axis(axis, rank))
            .collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..rank) {
        return Err(op.error("its axes are not an order of all axes"));
    }
    if let Some(Value::Known(host)) = op.given(0) {
        return Ok(op.result(host.transpose(&order)));
    }
    let x = op.computed(0)?;
    computed(op.transpose(x, order)?)
}

fn concat(op: &mut Operator<'_, '_>) -> Outcome {
    if let Some(hosts) = op.all_known() {
        let rank = hosts.first().map_or(0, |host| host.dims.len());
        let axis = op.axis(op.int("axis", 0), rank)?;
        let all = Host::concatenate(&hosts, axis);
        let host = all.ok_or_else(|| op.error("the shapes do not fit"))?;
        return Ok(op.result(host));
    }
    let mut values = Vec::new();
    for at in 0..op.inputs.len() {
        values.push(op.computed(at)?);
    }
    let rank = values
        .iter()
        .map(|&x| op.shape(x).rank())
        .max()
        .unwrap_or(0);
    let axis = op.axis(op.int("axis", 1), rank)?;
    if values.iter().any(|&x| op.shape(x).is_batched) {
        for value in &mut values {
            if !op.shape(*value).is_batched {
                *value = op.push(GraphOperation::ToBatch, &[*value])?;
            }
        }
    }
    computed(op.push(GraphOperation::Concatenate { axis }, &values)?)
}

fn split(op: &mut Operator<'_, '_>) -> Outcome {
    let x = op.computed(0)?;
    let full = op.shape(x).full();
    let axis = op.axis(op.int("axis", 0), full.len())?;
    let parts = op.node.output.len().max(1);
    let sizes = match op.whole(1, "split")? {
        Some(sizes) => sizes
            .into_iter()
            .map(|size| usize::try_from(size).unwrap_or(0))
            .collect(),
        None => {
            let size = full[axis].div_ceil(parts);
            let rest =
                full[axis] - size.min(full[axis]) * (parts - 1).min(full[axis] / size.max(1));
            let mut sizes = vec![size; parts - 1];
            sizes.push(rest);
            sizes
        }
    };
    let mut start = 0_usize;
    let mut results = Vec::new();
    for size in sizes {
        let end = start.saturating_add(size);
        let part = op.push(GraphOperation::Slice { axis, start, end }, &[x])?;
        results.push(Value::Computed(part));
        start = end;
    }
    Ok(results)
}

/// The indices of a slice with a step, of an axis of this size.
fn slice_indices(size: usize, start: i64, end: i64, step: i64) -> Vec<usize> {
    let size = size as i64;
    let from_end = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let mut at = from_end(start).clamp(low.max(0), high.max(0));
    let end = match (step < 0, end) {
        // The smallest number stands for "to the first element".
        (true, end) if end < -size => -1,
        (_, end) => from_end(end).clamp(low, high),
    };
    let mut indices = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        indices.push(at as usize);
        at = at.saturating_add(step);
    }
    indices
}

fn slice(op: &mut Operator<'_, '_>) -> Outcome {
    let rank = axes(op)?.len();
    let starts = op.whole(1, "starts")?.unwrap_or_default();
    // A large end that depends on the number of samples is not a fixed number.
    let ends = op.whole(2, "ends")?.unwrap_or_default();
    let on = op
        .whole(3, "axes")?
        .unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = op
        .whole(4, "steps")?
        .unwrap_or_else(|| vec![1; starts.len()]);
    if ends.len() != starts.len() || on.len() != starts.len() || steps.len() != starts.len() {
        return Err(op.error("starts, ends, axes and steps have different lengths"));
    }
    if steps.contains(&0) {
        return Err(op.error("a step is 0"));
    }
    let known = match op.given(0) {
        Some(Value::Known(host)) => Some(host.clone()),
        _ => None,
    };
    let mut value = match known {
        Some(host) => Value::Known(host),
        None => Value::Computed(op.computed(0)?),
    };
    for at in 0..starts.len() {
        let axis = op.axis(on[at], rank)?;
        value = match value {
            Value::Known(host) => {
                let indices = slice_indices(host.dims[axis], starts[at], ends[at], steps[at]);
                Value::Known(host.select(axis, &indices))
            }
            Value::Computed(x) => {
                let shape = op.shape(x);
                if shape.is_batched && axis == 0 {
                    let all = starts[at] == 0 && ends[at] >= i64::from(i32::MAX) && steps[at] == 1;
                    match all {
                        true => continue,
                        false => return Err(op.mixes()),
                    }
                }
                let size = shape.full()[axis];
                let indices = slice_indices(size, starts[at], ends[at], steps[at]);
                Value::Computed(select(op, x, axis, &indices)?)
            }
            Value::Label => return Err(op.unsupported("it slices the label")),
        };
    }
    Ok(vec![value])
}

/// The elements at these indices: a range, if they are one.
fn select(
    op: &mut Operator<'_, '_>,
    x: Reference,
    axis: usize,
    indices: &[usize],
) -> Result<Reference, OnnxError> {
    let (Some(&start), Some(&last)) = (indices.first(), indices.last()) else {
        return Err(op.error("it selects nothing"));
    };
    let is_range = indices.windows(2).all(|pair| pair[1] == pair[0] + 1);
    if is_range && start == 0 && last + 1 == op.shape(x).full()[axis] {
        return Ok(x);
    }
    let operation = match is_range {
        true => GraphOperation::Slice {
            axis,
            start,
            end: last + 1,
        },
        false => GraphOperation::Select {
            axis,
            indices: indices.iter().map(|&index| index as u32).collect(),
        },
    };
    op.push(operation, &[x])
}

fn gather(op: &mut Operator<'_, '_>) -> Outcome {
    if let Some(Value::Label) = op.given(1) {
        return embedding(op);
    }
    let indices = op.known(1)?.ok_or_else(|| op.error("it has no indices"))?;
    let rank = axes(op)?.len();
    let axis = op.axis(op.int("axis", 0), rank)?;
    let size = match op.given(0) {
        Some(Value::Known(host)) => host.dims[axis],
        _ => {
            let x = op.computed(0)?;
            op.shape(x).full()[axis]
        }
    };
    let chosen = indices.whole().ok_or_else(|| op.mixes())?;
    let chosen: Option<Vec<usize>> = chosen
        .into_iter()
        .map(|index| {
            let index = if index < 0 {
                index + size as i64
            } else {
                index
            };
            usize::try_from(index).ok().filter(|&index| index < size)
        })
        .collect();
    let chosen = chosen.ok_or_else(|| op.error("an index is outside of the tensor"))?;
    let with_axes = |full: &[usize]| -> Vec<usize> {
        let (before, after) = (&full[..axis], &full[axis + 1..]);
        [before, &indices.dims, after].concat()
    };
    if let Some(Value::Known(host)) = op.given(0) {
        let dims = with_axes(&host.dims);
        if dims.iter().fold(1, |p: usize, &d| p.saturating_mul(d)) > spec::Graph::MAX_ELEMENTS {
            return Err(op.error("its result is too large"));
        }
        return Ok(op.result(host.select(axis, &chosen).with_dims(dims)));
    }
    let x = op.computed(0)?;
    if op.shape(x).is_batched && axis == 0 {
        return Err(op.mixes());
    }
    let selected = select(op, x, axis, &chosen)?;
    let full = with_axes(&op.shape(x).full());
    computed(op.reshape_full(selected, full)?)
}

/// A row of a table for the label: the class weights times the table.
fn embedding(op: &mut Operator<'_, '_>) -> Outcome {
    let table = op.computed(0)?;
    let shape = op.shape(table);
    let classes = op.scope.draft.classes;
    if shape.is_batched || shape.axes.len() != 2 || op.int("axis", 0) != 0 {
        return Err(op.unsupported("the label is not an index of the rows of a table"));
    }
    if shape.axes[0] < classes {
        return Err(op.error("the table has fewer rows than there are classes"));
    }
    let end = classes;
    let table = match shape.axes[0] == classes {
        true => table,
        false => op.push(
            GraphOperation::Slice {
                axis: 0,
                start: 0,
                end,
            },
            &[table],
        )?,
    };
    computed(op.push(GraphOperation::MatMul, &[Reference::Classes, table])?)
}

fn one_hot(op: &mut Operator<'_, '_>) -> Outcome {
    let Some(Value::Label) = op.given(0) else {
        return Err(op.unsupported("only a label can be made one-hot"));
    };
    let depth = op.scalar(1)?.unwrap_or(0.0) as usize;
    let values = op.known(2)?.and_then(|host| host.floats());
    if depth != op.scope.draft.classes || values.as_deref() != Some(&[0.0, 1.0]) {
        return Err(op.unsupported("its values are not 0 and 1 for each class"));
    }
    computed(Reference::Classes)
}

fn expand(op: &mut Operator<'_, '_>) -> Outcome {
    let own = axes(op)?;
    let mut wanted = numbers(op, 1)?;
    if op.node.op_type == "Tile" {
        // Repeating an axis of size 1 is an expansion; other repetitions are concatenations.
        let repeats = sizes(op, &wanted)?;
        return tile(op, &repeats);
    }
    let is_batched = own.first().is_some_and(|first| first.samples != 0.0);
    let rank = wanted.len().max(own.len());
    while wanted.len() < rank {
        wanted.insert(0, Number::new(1.0));
    }
    let to_batch = wanted.first().is_some_and(|first| first.samples != 0.0);
    if is_batched && own.len() != rank {
        return Err(op.mixes());
    }
    let shift = rank - own.len();
    let mut dims = Vec::new();
    let first = usize::from(is_batched || to_batch);
    for (at, wanted) in wanted.iter().enumerate().skip(first) {
        let size = wanted.fixed().ok_or_else(|| op.mixes())?;
        let own = at.checked_sub(shift).map_or(1.0, |at| own[at].constant);
        let size = if size == 1.0 { own } else { size };
        if !(1.0..=1e9).contains(&size) {
            return Err(op.error(format!("a size is {size}")));
        }
        dims.push(size as usize);
    }
    if let (Some(Value::Known(host)), false) = (op.given(0), to_batch)
        && host.len() <= MAX_HOST_ELEMENTS
    {
        checked_count(op, &dims)?;
        if crate::host::broadcast_dims(&host.dims, &dims).as_ref() != Some(&dims) {
            return Err(op.error("the shapes do not fit"));
        }
        return Ok(op.result(host.broadcast(&dims)));
    }
    let mut x = op.computed(0)?;
    if !is_batched {
        // Axes in front.
        let mut full = op.shape(x).full();
        while full.len() < rank {
            full.insert(0, 1);
        }
        x = op.reshape(x, full)?;
        if to_batch {
            x = op.push(GraphOperation::ToBatch, &[x])?;
        }
    }
    match op.shape(x).axes == dims {
        true => computed(x),
        false => computed(op.push(GraphOperation::Expand(dims), &[x])?),
    }
}

fn tile(op: &mut Operator<'_, '_>, repeats: &[usize]) -> Outcome {
    let mut x = op.computed(0)?;
    if repeats.len() != op.shape(x).rank() {
        return Err(op.error("it does not repeat each axis"));
    }
    for (axis, &times) in repeats.iter().enumerate() {
        let size = op.shape(x).full()[axis];
        if times == 1 {
            continue;
        }
        if op.shape(x).is_batched && axis == 0 {
            return Err(op.mixes());
        }
        let total = size
            .checked_mul(times)
            .filter(|&total| total <= spec::Graph::MAX_ELEMENTS);
        let total = total.ok_or_else(|| op.error("it repeats too often"))?;
        let indices = (0..total).map(|at| (at % size) as u32).collect();
        x = op.push(GraphOperation::Select { axis, indices }, &[x])?;
    }
    computed(x)
}

fn pad(op: &mut Operator<'_, '_>) -> Outcome {
    let mut x = op.computed(0)?;
    let rank = op.shape(x).rank();
    let pads = match op.whole(1, "pads")? {
        Some(pads) => pads,
        None => op.ints("paddings").unwrap_or_default(),
    };
    let value = match op.scalar(2)? {
        Some(value) => value as f32,
        None => op.float("value", 0.0),
    };
    let on = match op.whole(3, "")? {
        Some(axes) => axes
            .into_iter()
            .map(|axis| op.axis(axis, rank))
            .collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * on.len() {
        return Err(op.error("it does not have two pads for each axis"));
    }
    let mode = op.text("mode", "constant");
    const MAX: i64 = 1 << 12;
    for (at, &axis) in on.iter().enumerate() {
        let (before, after) = (pads[at], pads[at + on.len()]);
        if before == 0 && after == 0 {
            continue;
        }
        if before.abs() > MAX || after.abs() > MAX {
            return Err(op.error("a pad is too large"));
        }
        if op.shape(x).is_batched && axis == 0 {
            return Err(op.mixes());
        }
        // Negative pads remove elements.
        let size = op.shape(x).full()[axis] as i64;
        let (start, end) = ((-before).max(0), size - (-after).max(0));
        let kept: Vec<usize> = (start..end).map(|at| at as usize).collect();
        x = select(op, x, axis, &kept)?;
        let size = kept.len() as i64;
        let (before, after) = (before.max(0), after.max(0));
        x = match mode.as_str() {
            "constant" => op.push(
                GraphOperation::Pad {
                    axis,
                    before: before as usize,
                    after: after as usize,
                    value,
                },
                &[x],
            )?,
            "edge" | "reflect" | "wrap" => {
                if mode == "reflect" && (before >= size || after >= size) {
                    return Err(op.error("it reflects more elements than there are"));
                }
                let index = |at: i64| match mode.as_str() {
                    "edge" => at.clamp(0, size - 1),
                    "wrap" => at.rem_euclid(size),
                    _ if at < 0 => -at,
                    _ if at >= size => 2 * (size - 1) - at,
                    _ => at,
                };
                let indices = (-before..size + after).map(|at| index(at) as u32).collect();
                op.push(GraphOperation::Select { axis, indices }, &[x])?
            }
            other => return Err(op.unsupported(&format!("its mode is {other}"))),
        };
    }
    computed(x)
}

fn block(op: &Operator<'_, '_>, x: Reference) -> Result<([usize; 4], usize), OnnxError> {
    let full = op.shape(x).full();
    let block = usize::try_from(op.int("blocksize", 0)).unwrap_or(0);
    match (&full[..], block) {
        (&[n, channels, height, width], 1..=4096) => Ok(([n, channels, height, width], block)),
        _ => Err(op.error("it needs four axes and a block size")),
    }
}

fn depth_to_space(op: &mut Operator<'_, '_>) -> Outcome {
    let x = op.computed(0)?;
    let ([n, channels, height, width], block) = block(op, x)?;
    let outputs = channels / (block * block);
    let (split, order) = match op.text("mode", "DCR").as_str() {
        "CRD" => (
            vec![n, outputs, block, block, height, width],
            vec![0, 1, 4, 2, 5, 3],
        ),
        _ => (
            vec![n, block, block, outputs, height, width],
            vec![0, 3, 4, 1, 5, 2],
        ),
    };
    let x = op.reshape_full(x, split)?;
    let x = op.transpose(x, order)?;
    computed(op.reshape_full(x, vec![n, outputs, height * block, width * block])?)
}

fn space_to_depth(op: &mut Operator<'_, '_>) -> Outcome {
    let x = op.computed(0)?;
    let ([n, channels, height, width], block) = block(op, x)?;
    let (rows, columns) = (height / block, width / block);
    let x = op.reshape_full(x, vec![n, channels, rows, block, columns, block])?;
    let x = op.transpose(x, vec![0, 3, 5, 1, 2, 4])?;
    computed(op.reshape_full(x, vec![n, channels * block * block, rows, columns])?)
}
