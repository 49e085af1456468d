//! The sum of a matrix's rows, for the gradients of biases, and of partial sums.

use super::kernel::{READ, Wgsl, contiguous, dims, empty_on_device_of, fold_groups, launch};
use burn::tensor::Shape;
use burn_cubecl::tensor::CubeTensor;

/// The most rows that an invocation sums. More rows are summed in groups, and then the groups' sums, so that a few
/// columns of many rows occupy a GPU, too.
const GROUP: usize = 256;

/// Each invocation sums one column of a group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ColumnSums;

/// The sum over the first axis of `[rows, columns]`: `[columns]`.
pub(super) fn column_sums(matrix: CubeTensor) -> CubeTensor {
    let sizes @ [_, columns] = dims(&matrix);
    column_sums_of(matrix, sizes, [columns])
}

/// As [`column_sums`], of a tensor whose values are those of a matrix `[rows, columns]`; `shape` is that of the result.
pub(super) fn column_sums_of(
    matrix: CubeTensor,
    [rows, columns]: [usize; 2],
    shape: impl Into<Shape>,
) -> CubeTensor {
    let mut matrix = contiguous(matrix);
    let mut rows = rows;
    while rows > GROUP {
        let groups = rows.div_ceil(GROUP);
        let sums = empty_on_device_of(&matrix, [groups, columns]);
        run(&matrix, &sums, [rows, columns, groups]);
        (matrix, rows) = (sums, groups);
    }
    let out = empty_on_device_of(&matrix, shape);
    run(&matrix, &out, [rows, columns, 1]);
    out
}

/// The sums of `groups` groups of rows of `[rows, columns]`: `[groups, columns]`.
fn run(matrix: &CubeTensor, sums: &CubeTensor, [rows, columns, groups]: [usize; 3]) {
    let invocations = (groups * columns) as u32;
    let sizes = [rows, columns, groups, rows.div_ceil(groups)].map(|size| size as u32);
    let workgroups = fold_groups(invocations, ColumnSums::WORKGROUP_SIZE[0]);
    launch(ColumnSums, workgroups, &[matrix, sums], &sizes);
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
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let rows = size[0];
let columns = size[1];
let i = unit.y * groups.x * {x}u + unit.x;
if (i >= size[2] * columns) {{ return; }}
let first = i / columns * size[3];
let last = min(first + size[3], rows);
var sum = 0.0;
for (var row = first; row < last; row++) {{ sum += matrix[row * columns + i % columns]; }}
result[i] = sum;
}}"
        )
    }
}
