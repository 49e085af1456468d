//! Matrix products.

use super::kernel::{
    READ, Wgsl, component, contiguous, dims, empty_on_device_of, launch, vector_width, wgsl_type,
};
use crate::KernelPath;
use burn_cubecl::tensor::CubeTensor;
use std::fmt::Write;

/// Rows and columns of the register tile of an invocation. Invocations share no memory: neighbours read the same data from
/// the cache.
const TILE: usize = 8;

/// Which operand is stored transposed, named as in BLAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Layout {
    /// `a`: `[m, k]`, `b`: `[k, n]`.
    Nn,
    /// `a`: `[m, k]`, `b`: `[n, k]`.
    Nt,
    /// `a`: `[k, m]`, `b`: `[k, n]`.
    Tn,
}

/// Everything that the kernel's source depends on: not the sizes of the matrices, but whether their rows can be read in
/// vectors of four, which takes a multiple of four.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Matmul {
    layout: Layout,
    /// Values per read from `a`: 1 or 4.
    left: usize,
    /// Values per read from `b`.
    right: usize,
    /// Values per write.
    out: usize,
    /// Whether a bias is added to each row of the result; only with [`Layout::Nn`].
    bias: bool,
    /// Rows and columns of an invocation's tile.
    tile: usize,
}

/// a·b, plus the bias if there is one: `[m, n]`.
pub(super) fn matmul(
    layout: Layout,
    a: CubeTensor,
    b: CubeTensor,
    bias: Option<CubeTensor>,
    path: KernelPath,
) -> CubeTensor {
    let (a, b, bias) = (contiguous(a), contiguous(b), bias.map(contiguous));
    let ([a_rows, a_columns], [b_rows, b_columns]) = (dims(&a), dims(&b));
    let [m, k, n] = match layout {
        Layout::Nn => [a_rows, a_columns, b_columns],
        Layout::Nt => [a_rows, a_columns, b_rows],
        Layout::Tn => [a_columns, a_rows, b_columns],
    };
    // The reference computes one sum per invocation, without vectors.
    let tiled = path == KernelPath::Fused;
    let vector_width = |row: usize| if tiled { vector_width(row) } else { 1 };
    let tile = if tiled { TILE } else { 1 };
    let kernel = Matmul {
        layout,
        left: vector_width(a_columns),
        right: vector_width(b_columns),
        out: vector_width(n),
        bias: bias.is_some(),
        tile,
    };
    let out = empty_on_device_of(&a, [m, n]);
    let groups = [(n, 0), (m, 1)].map(|(size, axis)| {
        let units = size.div_ceil(tile) as u32;
        units.div_ceil(Matmul::WORKGROUP_SIZE[axis])
    });
    let buffers: Vec<&CubeTensor> = [&a, &b].into_iter().chain(&bias).chain([&out]).collect();
    launch(kernel, groups, &buffers, &[m, n, k].map(|size| size as u32));
    out
}

impl Wgsl for Matmul {
    const WORKGROUP_SIZE: [u32; 2] = [8, 8];

    fn source(&self) -> String {
        self.write().unwrap_or_default()
    }
}

impl Matmul {
    fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        self.write_head(&mut text)?;
        match self.layout {
            Layout::Nn => self.write_nn(&mut text)?,
            Layout::Nt => self.write_nt(&mut text)?,
            Layout::Tn => self.write_tn(&mut text)?,
        }
        self.write_tail(&mut text)?;
        Ok(text)
    }

    /// Bindings, the position of the tile, and its sums.
    fn write_head(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        let [left, right, out] = [self.left, self.right, self.out].map(wgsl_type);
        let mut buffers = vec![("a", READ, left), ("b", READ, right)];
        if self.bias {
            buffers.push(("bias", READ, out));
        }
        buffers.extend([("result", "read_write", out), ("size", "read", "u32")]);
        for (binding, (name, access, kind)) in buffers.into_iter().enumerate() {
            writeln!(
                text,
                "@group(0) @binding({binding}) var<storage, {access}> {name}: array<{kind}>;"
            )?;
        }
        let [x, y] = Self::WORKGROUP_SIZE;
        writeln!(
            text,
            "@compute @workgroup_size({x}, {y})
fn main(@builtin(global_invocation_id) unit: vec3<u32>) {{
let m = size[0];
let n = size[1];
let k = size[2];
let row = unit.y * {tile}u;
let column = unit.x * {tile}u;
if (row >= m || column >= n) {{ return; }}
let n_out = n / {out_width}u;
let column_out = column / {out_width}u;",
            out_width = self.out
        )?;
        for j in 0..tile / self.out {
            // Past the last column the tile repeats it, without writing it.
            writeln!(text, "let o{j} = min(column_out + {j}u, n_out - 1u);")?;
        }
        let width = self.sum_width();
        for (i, j) in grid(tile, tile / width) {
            let start = if self.bias {
                format!("bias[o{j}]")
            } else {
                format!("{}()", wgsl_type(width))
            };
            writeln!(text, "var s{i}_{j} = {start};")?;
        }
        Ok(())
    }

    /// Columns per variable of sums.
    fn sum_width(&self) -> usize {
        match self.layout {
            Layout::Nt => 1,
            Layout::Nn | Layout::Tn => self.out,
        }
    }

    fn write_nn(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        let (step, columns) = (self.left, tile / self.right);
        for i in 0..tile {
            writeln!(text, "let r{i} = min(row + {i}u, m - 1u) * (k / {step}u);")?;
        }
        writeln!(text, "for (var p = 0u; p < k / {step}u; p++) {{")?;
        for i in 0..tile {
            writeln!(text, "let a{i} = a[r{i} + p];")?;
        }
        for q in 0..step {
            writeln!(text, "{{ let at = (p * {step}u + {q}u) * n_out;")?;
            for j in 0..columns {
                writeln!(text, "let b{j} = b[at + o{j}];")?;
            }
            let part = component(step, q);
            for (i, j) in grid(tile, columns) {
                writeln!(text, "s{i}_{j} += a{i}{part} * b{j};")?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }

    fn write_tn(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        let (width, columns) = (self.left, tile / self.right);
        let rows = tile / width;
        writeln!(text, "let m_left = m / {width}u;")?;
        for i in 0..rows {
            writeln!(text, "let r{i} = min(row / {width}u + {i}u, m_left - 1u);")?;
        }
        writeln!(text, "for (var p = 0u; p < k; p++) {{")?;
        for i in 0..rows {
            writeln!(text, "let a{i} = a[p * m_left + r{i}];")?;
        }
        for j in 0..columns {
            writeln!(text, "let b{j} = b[p * n_out + o{j}];")?;
        }
        for (i, j) in grid(tile, columns) {
            let (vector, part) = (i / width, component(width, i % width));
            writeln!(text, "s{i}_{j} += a{vector}{part} * b{j};")?;
        }
        writeln!(text, "}}")
    }

    fn write_nt(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        // The rows of both operands have the same length.
        let width = self.left;
        for i in 0..tile {
            writeln!(text, "let r{i} = min(row + {i}u, m - 1u) * (k / {width}u);")?;
            writeln!(
                text,
                "let c{i} = min(column + {i}u, n - 1u) * (k / {width}u);"
            )?;
        }
        writeln!(text, "for (var p = 0u; p < k / {width}u; p++) {{")?;
        for i in 0..tile {
            writeln!(text, "let a{i} = a[r{i} + p];")?;
        }
        for j in 0..tile {
            writeln!(text, "{{ let b = b[c{j} + p];")?;
            for i in 0..tile {
                let term = match width {
                    1 => format!("a{i} * b"),
                    _ => format!("dot(a{i}, b)"),
                };
                writeln!(text, "s{i}_{j} += {term};")?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }

    /// Writes the sums.
    fn write_tail(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        let gathered = self.out / self.sum_width();
        for i in 0..tile {
            writeln!(
                text,
                "if (row + {i}u < m) {{ let at = (row + {i}u) * n_out + column_out;"
            )?;
            for j in 0..tile / self.out {
                let sums: Vec<String> = (0..gathered)
                    .map(|part| format!("s{i}_{}", j * gathered + part))
                    .collect();
                let sums = sums.join(", ");
                let kind = wgsl_type(self.out);
                writeln!(
                    text,
                    "if (column_out + {j}u < n_out) {{ result[at + {j}u] = {kind}({sums}); }}"
                )?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }
}

fn grid(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..columns).map(move |j| (i, j)))
}
