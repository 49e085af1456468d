//! The forward pass, with bias and activation.

use super::{
    Layer,
    geometry::{Geometry, Kind, TILE_ROWS, bindings, tile_columns},
};
use crate::gpu::{
    kernel::{
        READ, Wgsl, component, contiguous, dims, empty_on_device_of, fold_groups, launch,
        vector_width, wgsl_type,
    },
    pointwise::Function,
};
use burn_cubecl::tensor::CubeTensor;
use std::fmt::Write;

/// A tile of the product of patches and weight: rows are patches, columns their outputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Forward {
    kind: Kind,
    /// Values per read of the input.
    left: usize,
    /// Values per read of the weight, and per sum.
    right: usize,
    /// Values per write.
    out: usize,
    columns: usize,
    activation: Option<Function>,
    /// Whether the activation's argument is written, too.
    keeps_argument: bool,
}

/// The output, and with `keeps_argument` the activation's argument: `[n, output]` both.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `weight`: that of patches, `[patch, outputs of a patch]`
/// - `bias`: `[out]`
pub(super) fn forward(
    layer: Layer,
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    keeps_argument: bool,
) -> (CubeTensor, Option<CubeTensor>) {
    let [x, weight, bias] = [x, weight, bias].map(contiguous);
    let geometry = Geometry::of(layer.convolution);
    let [images, _] = dims(&x);
    let columns = geometry.columns();
    let kernel = Forward {
        kind: geometry.kind,
        left: vector_width(geometry.channels()),
        right: vector_width(columns),
        out: vector_width(geometry.outputs()),
        columns: tile_columns(columns),
        activation: layer.activation,
        keeps_argument,
    };
    let rows = (images * geometry.patches()).div_ceil(TILE_ROWS);
    let tiles = rows * columns.div_ceil(kernel.columns);
    let shape = [images, layer.convolution.output_size()];
    let out = empty_on_device_of(&x, shape);
    let argument = keeps_argument.then(|| empty_on_device_of(&x, shape));
    let buffers: Vec<&CubeTensor> = [&x, &weight, &bias, &out]
        .into_iter()
        .chain(&argument)
        .collect();
    let groups = fold_groups(tiles as u32, Forward::WORKGROUP_SIZE[0]);
    launch(kernel, groups, &buffers, &geometry.sizes(images));
    (out, argument)
}

impl Wgsl for Forward {
    const WORKGROUP_SIZE: [u32; 2] = [64, 1];

    fn source(&self) -> String {
        self.write().unwrap_or_default()
    }
}

impl Forward {
    fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = self.head();
        self.write_sums(&mut text)?;
        self.write_tail(&mut text)?;
        Ok(text)
    }

    /// Bindings, and functions that write outputs.
    fn head(&self) -> String {
        let [left, right, out] = [self.left, self.right, self.out].map(wgsl_type);
        let mut buffers = vec![
            ("x", READ, left),
            ("weight", READ, right),
            ("bias", READ, "T"),
            ("result", "read_write", "T"),
        ];
        if self.keeps_argument {
            buffers.push(("argument", "read_write", "T"));
        }
        buffers.push(("size", "read", "u32"));
        let functions = self.activation.map_or_else(
            || "fn apply(x: T) -> T { return x; }".to_owned(),
            |function| function.source().join("\n"),
        );
        let keep = match self.keeps_argument {
            true => "argument[index] = value;",
            false => "",
        };
        let place = match self.kind {
            Kind::Strided => {
                "fn place(image: u32, y: u32, x: u32, column: u32, sum: T) {
store((image * grid_height() + y) * grid_width() + x, column, sum);
}"
            }
            // The outputs of odd rows are those of the window below, of odd columns those of the one to the right. For
            // rows and columns before the first, the difference wraps around.
            Kind::Upsampled => {
                "fn place(image: u32, y: u32, x: u32, column: u32, sum: T) {
let phase = column / outputs();
let row = 2u * y - phase / 2u;
let at = 2u * x - phase % 2u;
if ((row < size[1]) & (at < size[2])) {
store((image * size[1] + row) * size[2] + at, column % outputs(), sum);
}
}"
            }
        };
        format!(
            "alias T = {out};
{functions}
{bindings}{definitions}
fn store(position: u32, channel: u32, sum: T) {{
let value = sum + bias[channel / {width}u];
let index = (position * outputs() + channel) / {width}u;
{keep}
result[index] = apply(value);
}}
{place}
",
            bindings = bindings(&buffers),
            definitions = self.kind.definitions(),
            width = self.out,
        )
    }

    /// The position of the tile, and its sums.
    fn write_sums(&self, text: &mut String) -> std::fmt::Result {
        let (step, right) = (self.left, self.right);
        let vectors = self.columns / right;
        writeln!(
            text,
            "@compute @workgroup_size({x})
fn main(@builtin(global_invocation_id) unit: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{
let tiles = (columns() + {tile}u - 1u) / {tile}u;
let rows = size[0] * grid_height() * grid_width();
let invocation = unit.y * groups.x * {x}u + unit.x;
let row = invocation / tiles * {TILE_ROWS}u;
let column = invocation % tiles * {tile}u;
if (row >= rows) {{ return; }}
let row_length = columns() / {right}u;
let steps = channels() / {step}u;",
            x = Self::WORKGROUP_SIZE[0],
            tile = self.columns,
        )?;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "let p{i} = min(row + {i}u, rows - 1u);
let x{i} = p{i} % grid_width();
let y{i} = p{i} / grid_width() % grid_height();
let n{i} = p{i} / (grid_width() * grid_height());"
            )?;
        }
        for j in 0..vectors {
            // Past the last column the tile repeats it, without writing it.
            writeln!(
                text,
                "let o{j} = min(column / {right}u + {j}u, row_length - 1u);"
            )?;
            for i in 0..TILE_ROWS {
                writeln!(text, "var s{i}_{j} = {}();", wgsl_type(right))?;
            }
        }
        writeln!(
            text,
            "var at = 0u;
for (var ty = 0u; ty < SIDE; ty++) {{ for (var tx = 0u; tx < SIDE; tx++) {{"
        )?;
        for i in 0..TILE_ROWS {
            // Row and column of the map; beyond its border values are zero. Those before the first wrap around.
            writeln!(
                text,
                "let v{i} = y{i} * STEP + ty - 1u; let h{i} = x{i} * STEP + tx - 1u;
let in{i} = (v{i} < source_height()) & (h{i} < source_width());
let r{i} = select(0u, ((n{i} * source_height() + v{i}) * source_width() + h{i}) * steps, in{i});"
            )?;
        }
        writeln!(text, "for (var p = 0u; p < steps; p++) {{")?;
        for i in 0..TILE_ROWS {
            writeln!(
                text,
                "let a{i} = select({}(), x[r{i} + p], in{i});",
                wgsl_type(step)
            )?;
        }
        for q in 0..step {
            writeln!(text, "{{")?;
            for j in 0..vectors {
                writeln!(text, "let b{j} = weight[at + o{j}];")?;
                for i in 0..TILE_ROWS {
                    let part = component(step, q);
                    writeln!(text, "s{i}_{j} += a{i}{part} * b{j};")?;
                }
            }
            writeln!(text, "at += row_length; }}")?;
        }
        writeln!(text, "}} }} }}")
    }

    /// Writes the sums.
    fn write_tail(&self, text: &mut String) -> std::fmt::Result {
        let parts = self.right / self.out;
        for i in 0..TILE_ROWS {
            writeln!(text, "if (row + {i}u < rows) {{")?;
            for j in 0..self.columns / self.right {
                let first = j * self.right;
                writeln!(text, "if (column + {first}u < columns()) {{")?;
                for part in 0..parts {
                    let value = component(if parts > 1 { 4 } else { 1 }, part);
                    writeln!(
                        text,
                        "place(n{i}, y{i}, x{i}, column + {}u, s{i}_{j}{value});",
                        first + part
                    )?;
                }
                writeln!(text, "}}")?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }
}
