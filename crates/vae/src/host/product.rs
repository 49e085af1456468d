//! Products of matrices, for processors that take four numbers at a time.
//!
//! A tile of 4 × 8 sums is what the sixteen registers of 128-bit SIMD hold: eight registers of sums, two of the
//! right operand and one number of the left. The loops are written on plain arrays of these sizes, which the
//! compiler turns into those instructions, in wasm and natively.

use super::{
    left::{Left, Panel, is_thin},
    panels::{Group, Panels},
};

/// Rows of a tile.
pub(super) const ROWS: usize = 4;
/// Columns of a tile.
pub(super) const COLUMNS: usize = 8;

/// Groups of the left operand that are gone through for each panel of the right one: 256 KiB, which stay in a
/// processor's second cache.
const BAND: usize = 16 * 1024;

/// Panels of the right operand that a single row meets at a time: with fewer sums under way at once the
/// processor waits for each.
const ABREAST: usize = 4;

/// a·b, and `bias` added to each row, where there is one.
///
/// # Shapes
/// - `a`: `[m, k]`, its rows as lanes
/// - `b`: `[k, n]`, its columns as lanes
/// - `bias`: `[n]`
/// - `out`: `[m × n]`, row by row; its old values do not count
pub(super) fn product(a: &Left, b: &Panels<COLUMNS>, bias: Option<&[f32]>, out: &mut [f32]) {
    let (width, depth) = (b.lanes(), a.depth());
    assert_eq!(depth, b.depth(), "operands of a product");
    assert_eq!(out.len(), a.lanes() * width, "values of a product");
    let panels = (BAND / depth).max(1);
    let mut rest = a.panels();
    for out in out.chunks_mut(panels * ROWS * width) {
        let band = rest.clone().take(panels);
        for (j, b) in b.panels().enumerate() {
            let from = j * COLUMNS;
            let bias = shifts(bias, from);
            let strips = out.chunks_mut(ROWS * width);
            for (strip, a) in strips.zip(band.clone()) {
                let tile = match a {
                    Panel::Whole(a) => tile(a, b),
                    Panel::Thin(a, places) => thin_tile(a, places, b),
                };
                for (row, sums) in strip.chunks_exact_mut(width).zip(&tile) {
                    put(sums, &bias, &mut row[from..]);
                }
            }
        }
        rest.by_ref().take(panels).for_each(drop);
    }
}

/// The same for a single row, which reads `b` once: x·b + bias. Each sum is the very one of [`product`].
///
/// # Shapes
/// - `x`: `[k]`
/// - `b`: `[k, n]`, its columns as lanes
/// - `bias`, `out`: `[n]`
pub(super) fn row_product(x: &[f32], b: &Panels<COLUMNS>, bias: Option<&[f32]>, out: &mut [f32]) {
    let depth = b.depth();
    assert_eq!(x.len(), depth, "operands of a product");
    assert_eq!(out.len(), b.lanes(), "values of a product");
    let some = x.iter().filter(|&&x| x != 0.0).count();
    let places: Vec<u32> = if is_thin(some, depth) {
        (0..)
            .zip(x)
            .filter(|&(_, &x)| x != 0.0)
            .map(|(place, _)| place)
            .collect()
    } else {
        Vec::new()
    };
    let mut from = 0;
    for panels in b.bands(ABREAST) {
        let mut put = |sums: &[f32; COLUMNS]| {
            put(sums, &shifts(bias, from), &mut out[from..]);
            from += COLUMNS;
        };
        if panels.len() < ABREAST * depth {
            panels
                .chunks_exact(depth)
                .for_each(|panel| put(&row(x, panel)));
        } else if places.is_empty() {
            abreast(x, panels).iter().for_each(put);
        } else {
            thin_abreast(x, &places, panels).iter().for_each(put);
        }
    }
}

/// The sums of a tile, over the whole depth.
#[inline(always)]
fn tile(a: &[Group<ROWS>], b: &[Group<COLUMNS>]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (Group(a), Group(b)) in a.iter().zip(b) {
        for i in 0..ROWS {
            for j in 0..COLUMNS {
                sums[i][j] += a[i] * b[j];
            }
        }
    }
    sums
}

/// The same of a left operand without the zeros at other places.
#[inline(always)]
fn thin_tile(a: &[Group<ROWS>], places: &[u32], b: &[Group<COLUMNS>]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (Group(a), &place) in a.iter().zip(places) {
        let Group(b) = &b[place as usize];
        for i in 0..ROWS {
            for j in 0..COLUMNS {
                sums[i][j] += a[i] * b[j];
            }
        }
    }
    sums
}

/// A row's sums with one panel.
#[inline(always)]
fn row(x: &[f32], panel: &[Group<COLUMNS>]) -> [f32; COLUMNS] {
    let mut sums = [0.0; COLUMNS];
    for (&x, Group(b)) in x.iter().zip(panel) {
        for j in 0..COLUMNS {
            sums[j] += x * b[j];
        }
    }
    sums
}

/// A row's sums with [`ABREAST`] panels.
#[inline(always)]
fn abreast(x: &[f32], panels: &[Group<COLUMNS>]) -> [[f32; COLUMNS]; ABREAST] {
    let (first, rest) = panels.split_at(x.len());
    let (second, rest) = rest.split_at(x.len());
    let (third, fourth) = rest.split_at(x.len());
    let mut sums = [[0.0; COLUMNS]; ABREAST];
    let groups = first.iter().zip(second).zip(third).zip(fourth);
    for (&x, (((Group(a), Group(b)), Group(c)), Group(d))) in x.iter().zip(groups) {
        for j in 0..COLUMNS {
            sums[0][j] += x * a[j];
            sums[1][j] += x * b[j];
            sums[2][j] += x * c[j];
            sums[3][j] += x * d[j];
        }
    }
    sums
}

/// The same of a row without the zeros at other places.
#[inline(always)]
fn thin_abreast(x: &[f32], places: &[u32], panels: &[Group<COLUMNS>]) -> [[f32; COLUMNS]; ABREAST] {
    let depth = x.len();
    let (first, rest) = panels.split_at(depth);
    let (second, rest) = rest.split_at(depth);
    let (third, rest) = rest.split_at(depth);
    let fourth = &rest[..depth];
    let mut sums = [[0.0; COLUMNS]; ABREAST];
    for &place in places {
        // All five are as long, so this is one check rather than five.
        let place = place as usize;
        if place >= depth {
            break;
        }
        let x = x[place];
        let (a, b) = (&first[place].0, &second[place].0);
        let (c, d) = (&third[place].0, &fourth[place].0);
        for j in 0..COLUMNS {
            sums[0][j] += x * a[j];
            sums[1][j] += x * b[j];
            sums[2][j] += x * c[j];
            sums[3][j] += x * d[j];
        }
    }
    sums
}

/// What is added to the columns from `from` on.
fn shifts(bias: Option<&[f32]>, from: usize) -> [f32; COLUMNS] {
    let mut shifts = [0.0; COLUMNS];
    for (shift, &bias) in shifts
        .iter_mut()
        .zip(bias.unwrap_or_default().iter().skip(from))
    {
        *shift = bias;
    }
    shifts
}

/// Writes sums to the start of `out`, as many as there is room for.
#[inline(always)]
fn put(sums: &[f32; COLUMNS], bias: &[f32; COLUMNS], out: &mut [f32]) {
    if let Some(out) = out.first_chunk_mut::<COLUMNS>() {
        for j in 0..COLUMNS {
            out[j] = sums[j] + bias[j];
        }
    } else {
        for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
            *out = sum + bias;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::panels::Matrix;
    use super::*;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    fn expected(m: usize, k: usize, n: usize, at: impl Fn(usize, usize, usize) -> f64) -> Vec<f64> {
        let cells = (0..m * n).map(|cell| (cell / n, cell % n));
        cells
            .map(|(i, j)| (0..k).map(|p| at(i, p, j)).sum())
            .collect()
    }

    fn assert_close(found: &[f32], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error < 2e-5 * expected.abs().max(1.0),
                "{found}, not {expected}"
            );
        }
    }

    /// Sizes on both sides of a tile's, and some that need more than one band.
    const SIZES: [[usize; 3]; 7] = [
        [1, 1, 1],
        [4, 3, 8],
        [5, 7, 9],
        [3, 20, 33],
        [13, 2, 65],
        [9, 9000, 17],
        [130, 300, 7],
    ];

    #[test]
    fn products_are_right_at_all_sizes_and_in_all_forms() {
        for [m, k, n] in SIZES {
            check([m, k, n], values(m * k, 1));
            // Mostly zeros, in runs, as of a digit's rows.
            let ink = |i: usize| (i * 7 / 16).is_multiple_of(5);
            let thin = values(m * k, 1).into_iter().enumerate();
            check(
                [m, k, n],
                thin.map(|(i, a)| if ink(i) { a } else { 0.0 }).collect(),
            );
            // And all of them.
            check([m, k, n], vec![0.0; m * k]);
        }
    }

    fn check([m, k, n]: [usize; 3], a: Vec<f32>) {
        let (b, bias) = (values(k * n, 2), values(n, 3));
        let exact = expected(m, k, n, |i, p, j| {
            f64::from(a[i * k + p]) * f64::from(b[p * n + j]) + f64::from(bias[j]) / k as f64
        });
        let (mut left, mut right) = (Left::default(), Panels::default());
        left.take_rows(Matrix::new(&a, m, k));
        right.take_columns(Matrix::new(&b, k, n));
        let mut found = vec![f32::NAN; m * n];
        product(&left, &right, Some(&bias), &mut found);
        assert_close(&found, &exact);

        let mut single = vec![f32::NAN; n];
        row_product(&a[..k], &right, Some(&bias), &mut single);
        assert_eq!(single, found[..n], "a row alone and among others");

        // aᵀ·c with c of [m, n].
        let c = values(m * n, 4);
        let exact = expected(k, m, n, |i, p, j| {
            f64::from(a[p * k + i]) * f64::from(c[p * n + j])
        });
        left.take_columns(Matrix::new(&a, m, k));
        right.take_columns(Matrix::new(&c, m, n));
        let mut found = vec![f32::NAN; k * n];
        product(&left, &right, None, &mut found);
        assert_close(&found, &exact);
    }
}
