//! A·B of packed operands.
//!
//! The loops run over plain arrays of the tile's sizes, which the compiler turns into SIMD instructions, in wasm and
//! natively; intrinsics are no faster.

use super::{
    epilogue::{load_bias, store},
    pack::{KSlice, MR, NR, PackedRhs},
    sparse_lhs::{LhsPanel, SparseLhs},
};

/// k-slices of the left operand that are multiplied with each panel of the right one before the next block: 256 KiB,
/// which fit a processor's second-level cache.
const BLOCK_SLICES: usize = 16 * 1024;

/// A·B, with `bias` added to each row where given.
///
/// # Shapes
/// - `a`: `[m, k]`
/// - `b`: `[k, n]`
/// - `bias`: `[n]`
/// - `out`: `[m, n]`; overwritten
///
/// # Panics
/// If the shapes do not match.
pub fn gemm(a: &SparseLhs, b: &PackedRhs, bias: Option<&[f32]>, out: &mut [f32]) {
    let (n, k) = (b.extent(), a.k());
    assert_eq!(k, b.k(), "inner dimensions of a product");
    assert_eq!(out.len(), a.m() * n, "size of a product");
    let block_panels = (BLOCK_SLICES / k).max(1);
    let mut remaining = a.panels();
    for out in out.chunks_mut(block_panels * MR * n) {
        let block = remaining.clone().take(block_panels);
        for (j, b) in b.panels().enumerate() {
            let column = j * NR;
            let bias = load_bias(bias, column);
            let out_panels = out.chunks_mut(MR * n);
            for (out_rows, a) in out_panels.zip(block.clone()) {
                let tile = match a {
                    LhsPanel::Dense(a) => micro_kernel(a, b),
                    LhsPanel::Sparse(a, indices) => micro_kernel_indexed(a, indices, b),
                };
                for (row, sums) in out_rows.chunks_exact_mut(n).zip(&tile) {
                    store(sums, &bias, &mut row[column..]);
                }
            }
        }
        remaining.by_ref().take(block_panels).for_each(drop);
    }
}

/// The sums of one tile over all of k.
#[inline(always)]
fn micro_kernel(a: &[KSlice<MR>], b: &[KSlice<NR>]) -> [[f32; NR]; MR] {
    let mut sums = [[0.0; NR]; MR];
    for (KSlice(a), KSlice(b)) in a.iter().zip(b) {
        for i in 0..MR {
            for j in 0..NR {
                sums[i][j] += a[i] * b[j];
            }
        }
    }
    sums
}

/// The sums of one tile over the indices of k at which the left operand is not zero.
#[inline(always)]
fn micro_kernel_indexed(a: &[KSlice<MR>], indices: &[u32], b: &[KSlice<NR>]) -> [[f32; NR]; MR] {
    let mut sums = [[0.0; NR]; MR];
    for (KSlice(a), &index) in a.iter().zip(indices) {
        let KSlice(b) = &b[index as usize];
        for i in 0..MR {
            for j in 0..NR {
                sums[i][j] += a[i] * b[j];
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::{gemv::gemv, pack::MatrixRef};
    use super::*;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    /// The sums over `k` of `term(i, p, j)` in double precision, `[m, n]`.
    fn exact_sums(
        m: usize,
        k: usize,
        n: usize,
        term: impl Fn(usize, usize, usize) -> f64,
    ) -> Vec<f64> {
        let cells = (0..m * n).map(|cell| (cell / n, cell % n));
        cells
            .map(|(i, j)| (0..k).map(|p| term(i, p, j)).sum())
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

    /// Sizes below and above a tile's, and two that need more than one block.
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
    fn gemm_and_gemv_agree_with_double_precision_at_all_sizes_and_sparsities() {
        for [m, k, n] in SIZES {
            check([m, k, n], values(m * k, 1));
            // Mostly zeros, in runs, like the rows of a digit.
            let is_ink = |i: usize| (i * 7 / 16).is_multiple_of(5);
            let sparse = values(m * k, 1).into_iter().enumerate();
            check(
                [m, k, n],
                sparse
                    .map(|(i, a)| if is_ink(i) { a } else { 0.0 })
                    .collect(),
            );
            check([m, k, n], vec![0.0; m * k]);
        }
    }

    fn check([m, k, n]: [usize; 3], a: Vec<f32>) {
        let (b, bias) = (values(k * n, 2), values(n, 3));
        let exact = exact_sums(m, k, n, |i, p, j| {
            f64::from(a[i * k + p]) * f64::from(b[p * n + j]) + f64::from(bias[j]) / k as f64
        });
        let (mut lhs, mut rhs) = (SparseLhs::default(), PackedRhs::default());
        lhs.pack_rows(MatrixRef::new(&a, m, k));
        rhs.pack_columns(MatrixRef::new(&b, k, n));
        let mut found = vec![f32::NAN; m * n];
        gemm(&lhs, &rhs, Some(&bias), &mut found);
        assert_close(&found, &exact);

        let mut single = vec![f32::NAN; n];
        gemv(&a[..k], &rhs, Some(&bias), &mut single);
        assert_eq!(single, found[..n], "gemv of a row, and gemm's row");

        // Aᵀ·C with C of [m, n].
        let c = values(m * n, 4);
        let exact = exact_sums(k, m, n, |i, p, j| {
            f64::from(a[p * k + i]) * f64::from(c[p * n + j])
        });
        lhs.pack_columns(MatrixRef::new(&a, m, k));
        rhs.pack_columns(MatrixRef::new(&c, m, n));
        let mut found = vec![f32::NAN; k * n];
        gemm(&lhs, &rhs, None, &mut found);
        assert_close(&found, &exact);
    }
}
