//! a·bᵀ of matrices as they lie in memory: what both sum over lies side by side in each row.
//!
//! Nothing is laid out anew, which for the weights of a step is as much work as a tenth of their product. A tile of
//! 3 × 3 sums, four of each under way at once, has nine registers of sums and six loads for nine multiply-adds.

use super::panels::Matrix;
use wide::f32x4;

/// Rows of each matrix that meet in a tile.
const TILE: usize = 3;
/// Numbers at once.
const LANES: usize = 4;
/// Numbers of the left matrix that meet one row of the right one after another: 32 KiB, which stay in a processor's
/// first cache.
const BAND: usize = 8 * 1024;

/// a·bᵀ.
///
/// # Shapes
/// - `a`: `[m, k]`
/// - `b`: `[n, k]`
/// - `out`: `[m × n]`, row by row; its old values do not count
pub(super) fn product_of_rows(a: Matrix, b: Matrix, out: &mut [f32]) {
    assert_eq!(a.columns(), b.columns(), "operands of a product");
    let ([m, n], depth) = ([a.rows(), b.rows()], a.columns());
    assert_eq!(out.len(), m * n, "values of a product");
    let band = (BAND / depth / TILE).max(1) * TILE;
    for from in (0..m).step_by(band) {
        for column in (0..n).step_by(TILE) {
            // Beyond the last row the last is taken again: the same number is then written again.
            let columns = [0, 1, 2].map(|j| (column + j).min(n - 1));
            let right = columns.map(|j| b.row(j));
            for row in (from..m.min(from + band)).step_by(TILE) {
                let rows = [0, 1, 2].map(|i| (row + i).min(m - 1));
                let sums = tile(rows.map(|i| a.row(i)), right);
                for (i, sums) in rows.into_iter().zip(sums) {
                    for (j, sum) in columns.into_iter().zip(sums) {
                        out[i * n + j] = sum;
                    }
                }
            }
        }
    }
}

/// Each row of `a` with each of `b`.
#[inline(always)]
fn tile(a: [&[f32]; TILE], b: [&[f32]; TILE]) -> [[f32; TILE]; TILE] {
    let [(a, a_rest), (b, b_rest)] = [a, b].map(|rows| {
        let parts = rows.map(<[f32]>::as_chunks::<LANES>);
        (parts.map(|(whole, _)| whole), parts.map(|(_, rest)| rest))
    });
    let sums = lanes(a, b);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let rest = a_rest[i].iter().zip(b_rest[j]).map(|(a, b)| a * b);
            sums[i][j].iter().sum::<f32>() + rest.sum::<f32>()
        })
    })
}

/// The same of each lane by itself.
#[inline(always)]
fn lanes(
    [a0, a1, a2]: [&[[f32; LANES]]; TILE],
    [b0, b1, b2]: [&[[f32; LANES]]; TILE],
) -> [[[f32; LANES]; TILE]; TILE] {
    // Plain arrays would not do: the compiler sees the lanes added up in the end, and gathers lanes of different sums
    // in one register.
    let mut sums = [[f32x4::ZERO; TILE]; TILE];
    let left = a0.iter().zip(a1).zip(a2);
    let right = b0.iter().zip(b1).zip(b2);
    for (((&a0, &a1), &a2), ((&b0, &b1), &b2)) in left.zip(right) {
        let (a, b) = ([a0, a1, a2].map(f32x4::new), [b0, b1, b2].map(f32x4::new));
        for i in 0..TILE {
            for j in 0..TILE {
                sums[i][j] += a[i] * b[j];
            }
        }
    }
    sums.map(|sums| sums.map(f32x4::to_array))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_right_at_all_sizes() {
        // On both sides of a tile, of four, and of a band.
        for [m, k, n] in [
            [1, 1, 1],
            [3, 4, 3],
            [4, 7, 5],
            [2, 3, 8],
            [7, 9000, 4],
            [130, 300, 7],
        ] {
            let values = |count: usize, seed: usize| -> Vec<f32> {
                let value = |i| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0;
                (0..count).map(value).collect()
            };
            let (a, b) = (values(m * k, 1), values(n * k, 2));
            let mut found = vec![f32::NAN; m * n];
            product_of_rows(Matrix::new(&a, m, k), Matrix::new(&b, n, k), &mut found);
            for (cell, found) in found.into_iter().enumerate() {
                let terms =
                    (0..k).map(|p| f64::from(a[cell / n * k + p]) * f64::from(b[cell % n * k + p]));
                let expected: f64 = terms.sum();
                let error = (f64::from(found) - expected).abs();
                assert!(
                    error < 2e-5 * expected.abs().max(1.0),
                    "{found}, not {expected}"
                );
            }
        }
    }
}
