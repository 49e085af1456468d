//! The gradient for the weight.

use super::{
    geometry::{Geometry, Kind, TILE_ROWS, bindings, tile_columns},
    window_weight::fold_windows,
};
use crate::gpu::{
    columns::column_sums_of,
    kernel::{
        READ, Wgsl, component, contiguous, dims, empty_on_device_of, fold_groups, launch,
        vector_width, wgsl_type,
    },
};
use burn_cubecl::tensor::CubeTensor;
use kernels::conv::Convolution;
use std::fmt::Write;

/// Invocations that occupy a GPU. There are few tiles of a weight, so the images are divided between as many invocations
/// for each tile.
const INVOCATIONS: usize = 2048;

/// A tile of the gradient, summed over the patches of some images: rows are values of a patch, columns its outputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct WeightGradient {
    kind: Kind,
    /// Values per read of the input.
    left: usize,
    /// Values per read of δ, per sum and per write.
    right: usize,
    columns: usize,
}

/// The gradient for the weight: `[9 · in, out]`.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `delta`: `[n, output]`
pub(super) fn weight_gradient(
    x: CubeTensor,
    delta: CubeTensor,
    convolution: Convolution,
) -> CubeTensor {
    let [x, delta] = [x, delta].map(contiguous);
    let geometry = Geometry::of(convolution);
    let [images, _] = dims(&x);
    let (rows, columns) = (geometry.patch(), geometry.columns());
    let kernel = WeightGradient {
        kind: geometry.kind,
        left: vector_width(geometry.channels()),
        right: vector_width(geometry.outputs()),
        columns: tile_columns(columns),
    };
    let tiles = rows.div_ceil(TILE_ROWS) * columns.div_ceil(kernel.columns);
    let images_each = images.div_ceil(INVOCATIONS.div_ceil(tiles).min(images));
    let parts = images.div_ceil(images_each);
    let sums = empty_on_device_of(&x, [parts, rows * columns]);
    let mut sizes = geometry.sizes(images);
    sizes.extend([images_each, parts].map(|size| size as u32));
    let invocations = (parts * tiles) as u32;
    let groups = fold_groups(invocations, WeightGradient::WORKGROUP_SIZE[0]);
    launch(kernel, groups, &[&x, &delta, &sums], &sizes);
    match geometry.kind {
        Kind::Strided => column_sums_of(sums, [parts, rows * columns], [rows, columns]),
        Kind::Upsampled => fold_windows(&sums, parts, geometry),
    }
}

impl Wgsl for WeightGradient {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        self.write().unwrap_or_default()
    }
}

impl WeightGradient {
    fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        self.write_head(&mut text)?;
        self.write_sums(&mut text)?;
        self.write_tail(&mut text)?;
        Ok(text)
    }

    /// Bindings and the position of the tile.
    fn write_head(&self, text: &mut String) -> std::fmt::Result {
        let [left, right] = [self.left, self.right].map(wgsl_type);
        let buffers = [
            ("x", READ, left),
            ("delta", READ, right),
            ("result", "read_write", right),
            ("size", "read", "u32"),
        ];
        writeln!(
            text,
            "{bindings}{definitions}
@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let rows = SIDE * SIDE * channels();
let column_tiles = (columns() + {tile}u - 1u) / {tile}u;
let row_tiles = (rows + {TILE_ROWS}u - 1u) / {TILE_ROWS}u;
let invocation = unit.y * groups.x * {x}u + unit.x;
let column = invocation % column_tiles * {tile}u;
let row = invocation / column_tiles % row_tiles * {TILE_ROWS}u;
let part = invocation / (column_tiles * row_tiles);
if (part >= size[8]) {{ return; }}
let steps = channels() / {left}u;
let delta_steps = outputs() / {right}u;",
            bindings = bindings(&buffers),
            definitions = self.kind.definitions(),
            x = Self::WORKGROUP_SIZE[0],
            tile = self.columns,
            left = self.left,
            right = self.right,
        )?;
        for i in 0..TILE_ROWS / self.left {
            // Past the last row or column the tile repeats it, without writing it.
            writeln!(
                text,
                "let m{i} = min(row + {}u, rows - {}u);
let ty{i} = m{i} / channels() / SIDE;
let tx{i} = m{i} / channels() % SIDE;
let c{i} = m{i} % channels() / {}u;",
                i * self.left,
                self.left,
                self.left
            )?;
        }
        for j in 0..self.columns / self.right {
            writeln!(
                text,
                "let k{j} = min(column + {}u, columns() - {}u);
let o{j} = k{j} % outputs() / {}u;",
                j * self.right,
                self.right,
                self.right
            )?;
            if self.kind == Kind::Upsampled {
                writeln!(
                    text,
                    "let py{j} = k{j} / outputs() / 2u;
let px{j} = k{j} / outputs() % 2u;"
                )?;
            }
            for i in 0..TILE_ROWS {
                writeln!(text, "var s{i}_{j} = {}();", wgsl_type(self.right))?;
            }
        }
        Ok(())
    }

    /// The sums over the patches.
    fn write_sums(&self, text: &mut String) -> std::fmt::Result {
        let (vectors, columns) = (TILE_ROWS / self.left, self.columns / self.right);
        writeln!(
            text,
            "let last = min((part + 1u) * size[7], size[0]);
for (var image = part * size[7]; image < last; image++) {{
for (var y = 0u; y < grid_height(); y++) {{"
        )?;
        for i in 0..vectors {
            // Row of the map; beyond its border values are zero. Rows and columns before the first wrap around.
            writeln!(
                text,
                "let v{i} = y * STEP + ty{i} - 1u;
let in{i} = v{i} < source_height();
let r{i} = (image * source_height() + v{i}) * source_width();"
            )?;
        }
        for j in 0..columns {
            match self.kind {
                Kind::Strided => writeln!(
                    text,
                    "let d{j} = (image * grid_height() + y) * grid_width();"
                )?,
                Kind::Upsampled => writeln!(
                    text,
                    "let u{j} = 2u * y - py{j};
let inside{j} = u{j} < size[1];
let d{j} = (image * size[1] + u{j}) * size[2];"
                )?,
            }
        }
        writeln!(text, "for (var x_at = 0u; x_at < grid_width(); x_at++) {{")?;
        for i in 0..vectors {
            writeln!(
                text,
                "let h{i} = x_at * STEP + tx{i} - 1u;
let valid{i} = in{i} & (h{i} < source_width());
let a{i} = select({}(), x[select(0u, (r{i} + h{i}) * steps + c{i}, valid{i})], valid{i});",
                wgsl_type(self.left)
            )?;
        }
        for j in 0..columns {
            match self.kind {
                Kind::Strided => writeln!(
                    text,
                    "let b{j} = delta[(d{j} + x_at) * delta_steps + o{j}];"
                )?,
                Kind::Upsampled => writeln!(
                    text,
                    "let w{j} = 2u * x_at - px{j};
let known{j} = inside{j} & (w{j} < size[2]);
let b{j} = select({}(), delta[select(0u, (d{j} + w{j}) * delta_steps + o{j}, known{j})], known{j});",
                    wgsl_type(self.right)
                )?,
            }
        }
        for i in 0..TILE_ROWS {
            let part = component(self.left, i % self.left);
            for j in 0..columns {
                writeln!(text, "s{i}_{j} += a{}{part} * b{j};", i / self.left)?;
            }
        }
        writeln!(text, "}} }} }}")
    }

    /// Writes the sums.
    fn write_tail(&self, text: &mut String) -> std::fmt::Result {
        let right = self.right;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "if (row + {i}u < rows) {{
let at = ((part * rows + row + {i}u) * columns() + column) / {right}u;"
            )?;
            for j in 0..self.columns / right {
                writeln!(
                    text,
                    "if (column + {}u < columns()) {{ result[at + {j}u] = s{i}_{j}; }}",
                    j * right
                )?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }
}
