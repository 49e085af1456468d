//! The sum of a matrix's rows, for the gradient of a bias.

use super::kernel::{READ, Wgsl, contiguous, dims, empty_on_device_of, launch};
use burn_cubecl::tensor::CubeTensor;

/// Each invocation sums one column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ColumnSums;

/// The sum over the first axis of `[rows, columns]`: `[columns]`.
pub(super) fn column_sums(matrix: CubeTensor) -> CubeTensor {
    let matrix = contiguous(matrix);
    let [rows, columns] = dims(&matrix);
    let out = empty_on_device_of(&matrix, [columns]);
    let groups = [(columns as u32).div_ceil(ColumnSums::WORKGROUP_SIZE[0]), 1];
    let sizes = [rows as u32, columns as u32];
    launch(ColumnSums, groups, &[&matrix, &out], &sizes);
    out
}

impl Wgsl for ColumnSums {
    const WORKGROUP_SIZE: [u32; 2] = [32, 1];

    fn source(&self) -> String {
        let [x, _] = Self::WORKGROUP_SIZE;
        format!(
            "@group(0) @binding(0) var<storage, {READ}> matrix: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<storage, read> size: array<u32>;
@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>) {{
let rows = size[0];
let columns = size[1];
if (unit.x >= columns) {{ return; }}
var sum = 0.0;
for (var row = 0u; row < rows; row++) {{ sum += matrix[row * columns + unit.x]; }}
result[unit.x] = sum;
}}"
        )
    }
}
