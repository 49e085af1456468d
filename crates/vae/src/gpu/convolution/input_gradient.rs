//! The gradient for the input.

use super::geometry::{Geometry, Kind, TILE_ROWS, bindings, widths};
use crate::gpu::kernel::{
    READ, Wgsl, contiguous, dims, empty_on_device_of, fold_groups, launch, vector_width, wgsl_type,
};
use burn_cubecl::tensor::CubeTensor;
use kernels::conv::Convolution;
use std::fmt::Write;

/// A tile of the gradient: rows are positions of the input, columns its channels. For a strided convolution, all rows of a
/// tile are even or all odd, and so are its columns, because which taps of the kernel read a position depends on that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct InputGradient {
    kind: Kind,
    /// Values per read of δ and of the weight.
    width: usize,
    /// Values per write.
    out: usize,
    columns: usize,
}

/// The gradient for the input: `[n, input]`.
///
/// # Shapes
/// - `delta`: `[n, output]`
/// - `weight`: that of patches, `[patch, outputs of a patch]`
pub(super) fn input_gradient(
    delta: CubeTensor,
    weight: CubeTensor,
    convolution: Convolution,
) -> CubeTensor {
    let [delta, weight] = [delta, weight].map(contiguous);
    let geometry = Geometry::of(convolution);
    let [images, _] = dims(&delta);
    let [out, columns] = widths(geometry.channels());
    let kernel = InputGradient {
        kind: geometry.kind,
        width: vector_width(geometry.outputs()),
        out,
        columns,
    };
    let phases = match geometry.kind {
        Kind::Strided => 4,
        Kind::Upsampled => 1,
    };
    let rows = (images * geometry.sides.inner.positions()).div_ceil(TILE_ROWS);
    let tiles = phases * rows * geometry.channels().div_ceil(columns);
    let result = empty_on_device_of(&delta, [images, convolution.input_size()]);
    let groups = fold_groups(tiles as u32, InputGradient::WORKGROUP_SIZE[0]);
    let sizes = geometry.sizes(images);
    launch(kernel, groups, &[&delta, &weight, &result], &sizes);
    result
}

impl Wgsl for InputGradient {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        self.write().unwrap_or_default()
    }
}

impl InputGradient {
    fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        self.write_head(&mut text)?;
        self.write_sums(&mut text)?;
        self.write_tail(&mut text)?;
        Ok(text)
    }

    /// Bindings and the position of the tile.
    fn write_head(&self, text: &mut String) -> std::fmt::Result {
        let [width, out] = [self.width, self.out].map(wgsl_type);
        let buffers = [
            ("delta", READ, width),
            ("weight", READ, width),
            ("result", "read_write", out),
            ("size", "read", "u32"),
        ];
        // The positions of the inner map; for a strided convolution, each stands for 2×2 positions of the outer map.
        let position = match self.kind {
            Kind::Strided => {
                "let phase_tiles = (rows + ROWS - 1u) / ROWS;
let phase_y = row_tile / phase_tiles / 2u;
let phase_x = row_tile / phase_tiles % 2u;
let row = row_tile % phase_tiles * ROWS;
if (phase_y >= 2u) { return; }"
            }
            Kind::Upsampled => {
                "let row = row_tile * ROWS;
if (row >= rows) { return; }"
            }
        };
        writeln!(
            text,
            "{bindings}{definitions}
const ROWS = {TILE_ROWS}u;
@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let height = size[4];
let width = size[5];
let tiles = (channels() + {tile}u - 1u) / {tile}u;
let rows = size[0] * height * width;
let invocation = unit.y * groups.x * {x}u + unit.x;
let row_tile = invocation / tiles;
let column = invocation % tiles * {tile}u;
{position}
let row_length = columns() / {step}u;
let steps = outputs() / {step}u;",
            bindings = bindings(&buffers),
            definitions = self.kind.definitions(),
            x = Self::WORKGROUP_SIZE[0],
            tile = self.columns,
            step = self.width,
        )?;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "let p{i} = min(row + {i}u, rows - 1u);
let x{i} = p{i} % width;
let y{i} = p{i} / width % height;
let n{i} = p{i} / (width * height);"
            )?;
        }
        for j in 0..self.columns {
            // Past the last channel the tile repeats it, without writing it.
            writeln!(text, "let c{j} = min(column + {j}u, channels() - 1u);")?;
            for i in 0..TILE_ROWS {
                writeln!(text, "var s{i}_{j} = 0.0;")?;
            }
        }
        Ok(())
    }

    /// The sums over all outputs that read the positions.
    fn write_sums(&self, text: &mut String) -> std::fmt::Result {
        // Row `v` and column `h` of δ, which has `delta_height` rows; the weight's row begins with `tap`, its column with
        // `first`. Rows and columns before the first wrap around.
        let (loops, row, column) = match self.kind {
            // Even positions are read by the kernel's middle tap, odd ones by the last, and by the first of the patch
            // after.
            Kind::Strided => (
                "let delta_height = size[4];
let delta_width = size[5];
for (var ty = 0u; ty < 3u; ty++) {
if ((ty + phase_y) % 2u == 0u) { continue; }
for (var tx = 0u; tx < 3u; tx++) {
if ((tx + phase_x) % 2u == 0u) { continue; }
let down = select(0u, 1u, ty == 0u);
let across = select(0u, 1u, tx == 0u);
let tap = (ty * 3u + tx) * channels();
let first = 0u;",
                "down",
                "across",
            ),
            // A position is in four windows, each with four outputs: 4×4 positions of the output around it.
            Kind::Upsampled => (
                "let delta_height = size[1];
let delta_width = size[2];
for (var ty = 0u; ty < 4u; ty++) {
for (var tx = 0u; tx < 4u; tx++) {
let tap = ((1u - ty / 2u) * 2u + 1u - tx / 2u) * channels();
let first = ((1u - ty % 2u) * 2u + 1u - tx % 2u) * steps;",
                "ty - 1u",
                "tx - 1u",
            ),
        };
        let scale = match self.kind {
            Kind::Strided => 1,
            Kind::Upsampled => 2,
        };
        writeln!(text, "{loops}")?;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "let v{i} = {scale}u * y{i} + {row}; let h{i} = {scale}u * x{i} + {column};
let in{i} = (v{i} < delta_height) & (h{i} < delta_width);
let r{i} = select(0u, ((n{i} * delta_height + v{i}) * delta_width + h{i}) * steps, in{i});"
            )?;
        }
        for j in 0..self.columns {
            writeln!(text, "let w{j} = (tap + c{j}) * row_length + first;")?;
        }
        writeln!(text, "for (var p = 0u; p < steps; p++) {{")?;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "let a{i} = select({}(), delta[r{i} + p], in{i});",
                wgsl_type(self.width)
            )?;
        }
        for j in 0..self.columns {
            writeln!(text, "{{ let b = weight[w{j} + p];")?;
            for i in 0..TILE_ROWS {
                let term = match self.width {
                    1 => format!("a{i} * b"),
                    _ => format!("dot(a{i}, b)"),
                };
                writeln!(text, "s{i}_{j} += {term};")?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}} }} }}")
    }

    /// Writes the sums.
    fn write_tail(&self, text: &mut String) -> std::fmt::Result {
        let out = self.out;
        for i in 0..TILE_ROWS {
            let inside = match self.kind {
                Kind::Strided => format!(
                    "let v = 2u * y{i} + phase_y; let h = 2u * x{i} + phase_x;
if ((row + {i}u < rows) & (v < size[1]) & (h < size[2])) {{
let position = (n{i} * size[1] + v) * size[2] + h;"
                ),
                Kind::Upsampled => format!(
                    "if (row + {i}u < rows) {{
let position = p{i};"
                ),
            };
            writeln!(
                text,
                "{{ {inside}
let at = (position * channels() + column) / {out}u;"
            )?;
            for j in 0..self.columns / out {
                let sums: Vec<String> = (0..out)
                    .map(|part| format!("s{i}_{}", j * out + part))
                    .collect();
                writeln!(
                    text,
                    "if (column + {}u < channels()) {{ result[at + {j}u] = {}({}); }}",
                    j * out,
                    wgsl_type(out),
                    sums.join(", ")
                )?;
            }
            writeln!(text, "}} }}")?;
        }
        writeln!(text, "}}")
    }
}
