//! The product of two matrices.

use super::kernel::{READ, Wgsl, contiguous, dims, empty_beside, kind, launch};
use burn_cubecl::tensor::CubeTensor;
use std::fmt::Write;

/// Rows and columns of the tile of sums that a unit keeps in its registers. Nothing is shared between units: what
/// one reads, its neighbours' reads have brought into the cache.
const TILE: usize = 8;

/// How much a unit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A tile, four numbers at once.
    Tiled,
    /// One sum, number by number: nothing that could go wrong, to compare with.
    OneByOne,
}

/// Which of the two matrices lie transposed in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Layout {
    /// `a`: `[m, k]`, `b`: `[k, n]`.
    Plain,
    /// `a`: `[m, k]`, `b`: `[n, k]`.
    RightTransposed,
    /// `a`: `[k, m]`, `b`: `[k, n]`.
    LeftTransposed,
}

/// What the kernel's text depends on. The sizes of the matrices are not among it, but whether four numbers can be
/// read at once: that takes rows of a multiple of four.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Product {
    layout: Layout,
    /// Numbers read at once from `a`: 1 or 4.
    left: usize,
    /// Numbers read at once from `b`.
    right: usize,
    /// Numbers written at once.
    out: usize,
    /// Whether a row is added to each of the result; with [`Layout::Plain`] only.
    bias: bool,
    /// Rows and columns of a unit's sums.
    tile: usize,
}

/// `a·b`, and the bias where there is one; `[m, n]`.
pub(super) fn product(
    layout: Layout,
    a: CubeTensor,
    b: CubeTensor,
    bias: Option<CubeTensor>,
    way: Way,
) -> CubeTensor {
    let (a, b, bias) = (contiguous(a), contiguous(b), bias.map(contiguous));
    let ([a_rows, a_columns], [b_rows, b_columns]) = (dims(&a), dims(&b));
    let [m, k, n] = match layout {
        Layout::Plain => [a_rows, a_columns, b_columns],
        Layout::RightTransposed => [a_rows, a_columns, b_rows],
        Layout::LeftTransposed => [a_columns, a_rows, b_columns],
    };
    let tiled = way == Way::Tiled;
    let at_once = |row: usize| if tiled && row.is_multiple_of(4) { 4 } else { 1 };
    let tile = if tiled { TILE } else { 1 };
    let kernel = Product {
        layout,
        left: at_once(a_columns),
        right: at_once(b_columns),
        out: at_once(n),
        bias: bias.is_some(),
        tile,
    };
    let out = empty_beside(&a, [m, n]);
    let groups = [(n, 0), (m, 1)].map(|(size, axis)| {
        let units = size.div_ceil(tile) as u32;
        units.div_ceil(Product::UNITS[axis])
    });
    let buffers: Vec<&CubeTensor> = [&a, &b].into_iter().chain(&bias).chain([&out]).collect();
    launch(kernel, groups, &buffers, &[m, n, k].map(|size| size as u32));
    out
}

impl Wgsl for Product {
    const UNITS: [u32; 2] = [8, 8];

    fn source(&self) -> String {
        self.write().unwrap_or_default()
    }
}

impl Product {
    fn write(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        self.write_head(&mut text)?;
        match self.layout {
            Layout::Plain => self.write_plain(&mut text)?,
            Layout::RightTransposed => self.write_right_transposed(&mut text)?,
            Layout::LeftTransposed => self.write_left_transposed(&mut text)?,
        }
        self.write_tail(&mut text)?;
        Ok(text)
    }

    /// Bindings, the unit's place, and its sums.
    fn write_head(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        let [left, right, out] = [self.left, self.right, self.out].map(kind);
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
        let [x, y] = Self::UNITS;
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
            // Beyond the last column the last is computed again, and not written.
            writeln!(text, "let o{j} = min(column_out + {j}u, n_out - 1u);")?;
        }
        let width = self.sum_width();
        for (i, j) in grid(tile, tile / width) {
            let start = if self.bias {
                format!("bias[o{j}]")
            } else {
                format!("{}()", kind(width))
            };
            writeln!(text, "var s{i}_{j} = {start};")?;
        }
        Ok(())
    }

    /// Columns that one of the sums stands for.
    fn sum_width(&self) -> usize {
        match self.layout {
            Layout::RightTransposed => 1,
            Layout::Plain | Layout::LeftTransposed => self.out,
        }
    }

    fn write_plain(&self, text: &mut String) -> std::fmt::Result {
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
            let part = part(step, q);
            for (i, j) in grid(tile, columns) {
                writeln!(text, "s{i}_{j} += a{i}{part} * b{j};")?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "}}")
    }

    fn write_left_transposed(&self, text: &mut String) -> std::fmt::Result {
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
            let (vector, part) = (i / width, part(width, i % width));
            writeln!(text, "s{i}_{j} += a{vector}{part} * b{j};")?;
        }
        writeln!(text, "}}")
    }

    fn write_right_transposed(&self, text: &mut String) -> std::fmt::Result {
        let tile = self.tile;
        // Rows of both are as long.
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
                let kind = kind(self.out);
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

/// What names one of so many numbers.
fn part(width: usize, index: usize) -> &'static str {
    match width {
        4 => [".x", ".y", ".z", ".w"][index],
        _ => "",
    }
}

fn grid(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..columns).map(move |j| (i, j)))
}
