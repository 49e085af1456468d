//! The weight of a convolution after upsampling, for windows of the map before upsampling; see
//! `kernels::conv::window_weight`.

use super::geometry::{Geometry, bindings};
use crate::gpu::kernel::{READ, Wgsl, contiguous, empty_on_device_of, fold_groups, launch};
use burn_cubecl::tensor::CubeTensor;

/// A sum of rows of the 3×3 weight per invocation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Expand;

/// The reverse: the gradient for a value of the 3×3 weight per invocation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Fold;

/// The weight of windows, `[4 · in, 4 · out]`: rows by row, column and channel of the window, columns by row, column and
/// channel of the output.
///
/// # Shapes
/// - `weight`: `[9 · in, out]`
pub(super) fn window_weight(weight: CubeTensor, geometry: Geometry) -> CubeTensor {
    let weight = contiguous(weight);
    let (input, output) = (geometry.channels(), geometry.outputs());
    let out = empty_on_device_of(&weight, [4 * input, 4 * output]);
    let count = (16 * input * output) as u32;
    let groups = fold_groups(count, Expand::WORKGROUP_SIZE[0]);
    let sizes = [count, input as u32, output as u32];
    launch(Expand, groups, &[&weight, &out], &sizes);
    out
}

/// The gradient for the weight, `[9 · in, out]`, from sums of parts of that for the weight of windows.
///
/// # Shapes
/// - `parts`: `[count, 4 · in · 4 · out]`
pub(super) fn fold_windows(parts: &CubeTensor, count: usize, geometry: Geometry) -> CubeTensor {
    let (input, output) = (geometry.channels(), geometry.outputs());
    let out = empty_on_device_of(parts, [9 * input, output]);
    let values = (9 * input * output) as u32;
    let groups = fold_groups(values, Fold::WORKGROUP_SIZE[0]);
    let sizes = [values, input as u32, output as u32, count as u32];
    launch(Fold, groups, &[parts, &out], &sizes);
    out
}

impl Wgsl for Expand {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        // The kernel's rows that read the window's row 0 or 1 (`tap`), of an output in an even or odd row (`phase`):
        // 0 and 1..3, or 0..2 and 2. Columns alike.
        source(
            Self::WORKGROUP_SIZE[0],
            "fn first(phase: u32, tap: u32) -> u32 { return tap * (1u + phase); }
fn end(phase: u32, tap: u32) -> u32 { return select(1u + phase, 3u, tap == 1u); }",
            "let row = i / (4u * output);
let column = i % (4u * output);
let tap = row / input;
let phase = column / output;
var sum = 0.0;
for (var y = first(phase / 2u, tap / 2u); y < end(phase / 2u, tap / 2u); y++) {
for (var x = first(phase % 2u, tap % 2u); x < end(phase % 2u, tap % 2u); x++) {
sum += given[((y * 3u + x) * input + row % input) * output + column % output];
} }",
        )
    }
}

impl Wgsl for Fold {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        // In each of the four outputs, one row of the window reads the kernel's row.
        source(
            Self::WORKGROUP_SIZE[0],
            "fn tap(phase: u32, row: u32) -> u32 { return select(0u, 1u, row > phase); }",
            "let row = i / output;
let y = row / input / 3u;
let x = row / input % 3u;
var sum = 0.0;
for (var phase = 0u; phase < 4u; phase++) {
let window = tap(phase / 2u, y) * 2u + tap(phase % 2u, x);
let at = ((window * input + row % input) * 4u + phase) * output + i % output;
for (var part = 0u; part < size[3]; part++) { sum += given[part * 16u * input * output + at]; }
}",
        )
    }
}

/// A kernel that computes `sum` for the value `i`.
fn source(workgroup: u32, functions: &str, body: &str) -> String {
    let bindings = bindings(&[
        ("given", READ, "f32"),
        ("result", "read_write", "f32"),
        ("size", "read", "u32"),
    ]);
    format!(
        "{bindings}{functions}
@compute @workgroup_size({workgroup})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let i = unit.y * groups.x * {workgroup}u + unit.x;
if (i >= size[0]) {{ return; }}
let input = size[1];
let output = size[2];
{body}
result[i] = sum;
}}"
    )
}
