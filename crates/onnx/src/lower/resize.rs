//! Resize: along each axis a linear function of the input, which is computed now.
//!
//! Nearest neighbours are a selection of indices, linear and cubic interpolation a product with a matrix.

use super::{Operator, Reference};
use crate::OnnxError;
use spec::GraphOperation;

/// How positions of the output correspond to those of the input.
struct Rule {
    mode: String,
    coordinates: String,
    nearest: String,
    cubic: f64,
    exclude_outside: bool,
}

pub(super) fn resize(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let mut x = op.computed(0)?;
    let full = op.shape(x).full();
    let rank = full.len();
    let is_upsample = op.node.op_type == "Upsample";
    let old = is_upsample || op.version < 11;
    let rule = Rule {
        mode: op.text("mode", "nearest"),
        // Before version 11 positions are scaled without a shift, and rounded down.
        coordinates: match old {
            true => "asymmetric".to_owned(),
            false => op.text("coordinate_transformation_mode", "half_pixel"),
        },
        nearest: match old {
            true => "floor".to_owned(),
            false => op.text("nearest_mode", "round_prefer_floor"),
        },
        cubic: op.float("cubic_coeff_a", -0.75).into(),
        exclude_outside: op.int("exclude_outside", 0) != 0,
    };
    if op.int("antialias", 0) != 0 {
        return Err(op.unsupported("antialias is set; export without it"));
    }
    if rule.coordinates == "tf_crop_and_resize" {
        return Err(op.unsupported("it crops (tf_crop_and_resize)"));
    }
    // Scales or sizes, for all axes or for those of `axes`.
    let (scales_at, sizes_at) = if old { (1, 9) } else { (2, 3) };
    let scales = match op.known(scales_at)?.filter(|host| host.len() > 0) {
        Some(host) => host.floats(),
        None => op.attribute("scales").map(|found| found.floats.clone()),
    };
    let sizes = op.known(sizes_at)?.filter(|host| host.len() > 0);
    let axes = match op.ints("axes") {
        Some(axes) => axes
            .into_iter()
            .map(|axis| op.axis(axis, rank))
            .collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    let first = usize::from(op.shape(x).is_batched);
    for (at, &axis) in axes.iter().enumerate() {
        let input = full[axis];
        let (output, scale) = match (&sizes, &scales) {
            (Some(sizes), _) => {
                if axis < first {
                    continue;
                }
                let sizes = sizes.numbers().unwrap_or_default();
                let size = sizes.get(at).and_then(|size| size.fixed());
                let size = size.ok_or_else(|| op.mixes())? as usize;
                (size, size as f64 / input as f64)
            }
            (None, Some(scales)) => {
                let scale = scales.get(at).copied().unwrap_or(1.0);
                ((input as f32 * scale).floor() as usize, f64::from(scale))
            }
            (None, None) => return Err(op.error("it has neither scales nor sizes")),
        };
        if axis < first {
            if scale != 1.0 {
                return Err(op.mixes());
            }
            continue;
        }
        if scale == 1.0 && output == input {
            continue;
        }
        if output == 0 || output > 1 << 14 || !scale.is_finite() || input > 1 << 14 {
            return Err(op.error(format!("it makes {output} of {input} rows or columns")));
        }
        x = along(op, x, axis, output, scale, &rule)?;
    }
    Ok(x)
}

/// Resizes one axis.
fn along(
    op: &mut Operator<'_, '_>,
    x: Reference,
    axis: usize,
    output: usize,
    scale: f64,
    rule: &Rule,
) -> Result<Reference, OnnxError> {
    let full = op.shape(x).full();
    let input = full[axis];
    let position = |at: usize| -> f64 {
        let at = at as f64;
        let length = input as f64 * scale;
        match rule.coordinates.as_str() {
            "asymmetric" => at / scale,
            "align_corners" if output == 1 => 0.0,
            "align_corners" => at * (input as f64 - 1.0) / (output as f64 - 1.0),
            "pytorch_half_pixel" if output == 1 => 0.0,
            "half_pixel_symmetric" => {
                let adjust = output as f64 / length;
                let center = input as f64 / 2.0;
                center * (1.0 - adjust) + (at + 0.5) / scale - 0.5
            }
            _ => (at + 0.5) / scale - 0.5,
        }
    };
    let last = input as f64 - 1.0;
    if rule.mode == "nearest" {
        let indices = (0..output).map(|at| {
            // Positions in single precision, as other programs compute them.
            let x = f64::from(position(at) as f32);
            let nearest = match rule.nearest.as_str() {
                "floor" => x.floor(),
                "ceil" => x.ceil(),
                "round_prefer_ceil" => (x + 0.5).floor(),
                _ => (x - 0.5).ceil(),
            };
            nearest.clamp(0.0, last) as u32
        });
        let indices = indices.collect();
        return op.push(GraphOperation::Select { axis, indices }, &[x]);
    }
    let mut matrix = vec![0.0_f32; input * output];
    for at in 0..output {
        let x = position(at);
        let base = x.floor();
        let taps: Vec<(f64, f64)> = match rule.mode.as_str() {
            "linear" => {
                let x = x.clamp(0.0, last);
                let base = x.floor();
                vec![(base, 1.0 - (x - base)), (base + 1.0, x - base)]
            }
            "cubic" => {
                let taps = (-1..3).map(|tap| {
                    let position = base + f64::from(tap);
                    (position, cubic(x - position, rule.cubic))
                });
                taps.collect()
            }
            other => return Err(op.unsupported(&format!("its mode is {other}"))),
        };
        let inside = |position: f64| (0.0..=last).contains(&position);
        let used: Vec<_> = taps
            .into_iter()
            .filter(|&(position, _)| !rule.exclude_outside || inside(position))
            .collect();
        let sum: f64 = match rule.exclude_outside {
            true => used.iter().map(|(_, weight)| weight).sum(),
            false => 1.0,
        };
        for (position, weight) in used {
            let from = position.clamp(0.0, last) as usize;
            matrix[from * output + at] += (weight / sum) as f32;
        }
    }
    let matrix = op.weight(vec![input, output], matrix)?;
    // The axis becomes the last one.
    let rank = full.len();
    let mut order: Vec<usize> = (0..rank).collect();
    order.swap(axis, rank - 1);
    let swapped = op.transpose(x, order.clone())?;
    let product = op.push(GraphOperation::MatMul, &[swapped, matrix])?;
    op.transpose(product, order)
}

/// Keys' cubic convolution kernel.
fn cubic(distance: f64, a: f64) -> f64 {
    let x = distance.abs();
    if x <= 1.0 {
        (a + 2.0) * x.powi(3) - (a + 3.0) * x.powi(2) + 1.0
    } else if x < 2.0 {
        a * x.powi(3) - 5.0 * a * x.powi(2) + 8.0 * a * x - 4.0 * a
    } else {
        0.0
    }
}
