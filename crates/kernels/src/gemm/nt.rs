//! A·Bᵀ of row-major matrices as they lie in memory: k is contiguous in the rows of both.
//!
//! Nothing is packed; packing the weights of a training step would take about a tenth of the time of their product. A
//! tile of 3 × 3 sums, each in four SIMD lanes, needs nine registers for sums, and six loads for nine multiply-adds.

use super::pack::MatrixRef;
use wide::f32x4;

/// Rows of A and rows of B in a tile.
const TILE: usize = 3;
/// Lanes of a SIMD register.
const LANES: usize = 4;
/// Values of A that are multiplied with each tile of B's rows before the next block: 32 KiB, which fit a processor's
/// first-level cache.
const BLOCK_VALUES: usize = 8 * 1024;

/// A·Bᵀ.
///
/// # Shapes
/// - `a`: `[m, k]`
/// - `b`: `[n, k]`
/// - `out`: `[m, n]`; overwritten
///
/// # Panics
/// If the shapes do not match.
pub fn gemm_nt(a: MatrixRef<'_>, b: MatrixRef<'_>, out: &mut [f32]) {
    assert_eq!(a.columns(), b.columns(), "inner dimensions of a product");
    let ([m, n], k) = ([a.rows(), b.rows()], a.columns());
    assert_eq!(out.len(), m * n, "size of a product");
    let block_rows = (BLOCK_VALUES / k / TILE).max(1) * TILE;
    for block in (0..m).step_by(block_rows) {
        for column in (0..n).step_by(TILE) {
            // Past the last row the tile repeats it and stores the same sum again.
            let columns = [0, 1, 2].map(|j| (column + j).min(n - 1));
            let b_rows = columns.map(|j| b.row(j));
            for row in (block..m.min(block + block_rows)).step_by(TILE) {
                let rows = [0, 1, 2].map(|i| (row + i).min(m - 1));
                let sums = micro_kernel(rows.map(|i| a.row(i)), b_rows);
                for (i, sums) in rows.into_iter().zip(sums) {
                    for (j, sum) in columns.into_iter().zip(sums) {
                        out[i * n + j] = sum;
                    }
                }
            }
        }
    }
}

/// The dot product of each row of `a` with each row of `b`.
#[inline(always)]
fn micro_kernel(a: [&[f32]; TILE], b: [&[f32]; TILE]) -> [[f32; TILE]; TILE] {
    let [(a, a_tail), (b, b_tail)] = [a, b].map(|rows| {
        let parts = rows.map(<[f32]>::as_chunks::<LANES>);
        (parts.map(|(whole, _)| whole), parts.map(|(_, tail)| tail))
    });
    let sums = lane_sums(a, b);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let tail = a_tail[i].iter().zip(b_tail[j]).map(|(a, b)| a * b);
            sums[i][j].iter().sum::<f32>() + tail.sum::<f32>()
        })
    })
}

/// The same dot products, each as one partial sum per SIMD lane.
#[inline(always)]
fn lane_sums(
    [a0, a1, a2]: [&[[f32; LANES]]; TILE],
    [b0, b1, b2]: [&[[f32; LANES]]; TILE],
) -> [[[f32; LANES]; TILE]; TILE] {
    // `wide` rather than plain arrays: the compiler sees that the lanes are added in the end and, with arrays, gathers
    // lanes of different sums in one register.
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
    fn gemm_nt_agrees_with_double_precision_at_all_sizes() {
        // Below and above a tile, a SIMD register and a block.
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
            gemm_nt(
                MatrixRef::new(&a, m, k),
                MatrixRef::new(&b, n, k),
                &mut found,
            );
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
