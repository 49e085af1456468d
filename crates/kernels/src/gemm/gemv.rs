//! x·B of a single row.

use super::{
    epilogue::{load_bias, store},
    pack::{KSlice, NR, PackedRhs},
    sparse_lhs::is_sparse,
};

/// Packed B panels per pass over x; fewer independent accumulators would leave the multiply-add pipeline
/// latency-bound.
const PANELS_PER_PASS: usize = 4;

/// x·B, with `bias` added where given. Each sum is bit for bit that of [`gemm`](super::gemm).
///
/// # Shapes
/// - `x`: `[k]`
/// - `b`: `[k, n]`
/// - `bias`: `[n]`
/// - `out`: `[n]`; overwritten
///
/// # Panics
/// If the shapes do not match.
pub fn gemv(x: &[f32], b: &PackedRhs, bias: Option<&[f32]>, out: &mut [f32]) {
    let k = b.k();
    assert_eq!(x.len(), k, "inner dimensions of a product");
    assert_eq!(out.len(), b.extent(), "size of a product");
    let nonzero = x.iter().filter(|&&x| x != 0.0).count();
    let indices: Vec<u32> = if is_sparse(nonzero, k) {
        (0..)
            .zip(x)
            .filter(|&(_, &x)| x != 0.0)
            .map(|(index, _)| index)
            .collect()
    } else {
        Vec::new()
    };
    let mut column = 0;
    for panels in b.panel_groups(PANELS_PER_PASS) {
        let mut put = |sums: &[f32; NR]| {
            store(sums, &load_bias(bias, column), &mut out[column..]);
            column += NR;
        };
        if panels.len() < PANELS_PER_PASS * k {
            panels
                .chunks_exact(k)
                .for_each(|panel| put(&gemv_x1(x, panel)));
        } else if indices.is_empty() {
            gemv_x4(x, panels).iter().for_each(put);
        } else {
            gemv_x4_indexed(x, &indices, panels).iter().for_each(put);
        }
    }
}

/// The sums with one panel.
#[inline(always)]
fn gemv_x1(x: &[f32], panel: &[KSlice<NR>]) -> [f32; NR] {
    let mut sums = [0.0; NR];
    for (&x, KSlice(b)) in x.iter().zip(panel) {
        for j in 0..NR {
            sums[j] += x * b[j];
        }
    }
    sums
}

/// The sums with four adjacent panels.
#[inline(always)]
fn gemv_x4(x: &[f32], panels: &[KSlice<NR>]) -> [[f32; NR]; PANELS_PER_PASS] {
    let (first, rest) = panels.split_at(x.len());
    let (second, rest) = rest.split_at(x.len());
    let (third, fourth) = rest.split_at(x.len());
    let mut sums = [[0.0; NR]; PANELS_PER_PASS];
    let slices = first.iter().zip(second).zip(third).zip(fourth);
    for (&x, (((KSlice(a), KSlice(b)), KSlice(c)), KSlice(d))) in x.iter().zip(slices) {
        for j in 0..NR {
            sums[0][j] += x * a[j];
            sums[1][j] += x * b[j];
            sums[2][j] += x * c[j];
            sums[3][j] += x * d[j];
        }
    }
    sums
}

/// The sums with four adjacent panels, over the indices at which x is not zero.
#[inline(always)]
fn gemv_x4_indexed(
    x: &[f32],
    indices: &[u32],
    panels: &[KSlice<NR>],
) -> [[f32; NR]; PANELS_PER_PASS] {
    let k = x.len();
    let (first, rest) = panels.split_at(k);
    let (second, rest) = rest.split_at(k);
    let (third, rest) = rest.split_at(k);
    let fourth = &rest[..k];
    let mut sums = [[0.0; NR]; PANELS_PER_PASS];
    for &index in indices {
        // All five slices have length k, so this comparison replaces five bounds checks.
        let index = index as usize;
        if index >= k {
            break;
        }
        let x = x[index];
        let (a, b) = (&first[index].0, &second[index].0);
        let (c, d) = (&third[index].0, &fourth[index].0);
        for j in 0..NR {
            sums[0][j] += x * a[j];
            sums[1][j] += x * b[j];
            sums[2][j] += x * c[j];
            sums[3][j] += x * d[j];
        }
    }
    sums
}
