//! The end of a product: adding the bias and storing the sums.

use super::pack::NR;

/// The bias of the [`NR`] columns from `column` on, padded with zeros.
pub(super) fn load_bias(bias: Option<&[f32]>, column: usize) -> [f32; NR] {
    let mut padded = [0.0; NR];
    for (padded, &bias) in padded
        .iter_mut()
        .zip(bias.unwrap_or_default().iter().skip(column))
    {
        *padded = bias;
    }
    padded
}

/// Stores sums + bias to the start of `out`, without the padding where `out` is shorter than [`NR`].
#[inline(always)]
pub(super) fn store(sums: &[f32; NR], bias: &[f32; NR], out: &mut [f32]) {
    if let Some(out) = out.first_chunk_mut::<NR>() {
        for j in 0..NR {
            out[j] = sums[j] + bias[j];
        }
    } else {
        for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
            *out = sum + bias;
        }
    }
}
