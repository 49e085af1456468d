//! Quantization of stored weights: bits that hardly change the ELBO only make the file compress worse.

/// Parameters from which on a tensor counts as large.
///
/// The large tensors are those next to the pixels: they are most of the file, and their rounding errors average out over
/// hundreds of inputs. The small tensors near the latent layer are sensitive: the uniform step of the large ones in a
/// tensor of 64×128 costs 0.3 nats of ELBO.
const LARGE_TENSOR: usize = 1 << 16;

/// Mantissa bits of a small tensor, of the ten of half precision.
const MANTISSA_BITS: u32 = 7;

/// A large tensor's values are rounded to multiples of a step between 1/32 and 1/16 of their standard deviation.
const STEPS_PER_DEVIATION: f32 = 16.0;

/// Whether a tensor of this shape is stored in eight bits, if weights are.
pub(super) fn fits_int8(shape: &[usize]) -> bool {
    shape.len() > 1 && shape.iter().product::<usize>() >= LARGE_TENSOR
}

/// The values of a tensor in eight bits, and the scale of each row: the largest magnitude of a row becomes 127.
pub(super) fn to_int8(values: &[f32], rows: usize) -> (Vec<i8>, Vec<f32>) {
    let row = (values.len() / rows.max(1)).max(1);
    let mut scales = Vec::with_capacity(rows);
    let mut quantized = Vec::with_capacity(values.len());
    for row in values.chunks_exact(row) {
        let largest = row.iter().fold(0.0_f32, |largest, v| largest.max(v.abs()));
        let scale = largest / 127.0;
        // A row of zeros, or of values so small that the scale underflows, becomes one of zeros.
        let inverse = if scale.is_normal() { 1.0 / scale } else { 0.0 };
        // Values that are not finite stay visible in the scale, so that reading rejects them.
        let is_finite = row.iter().all(|value| value.is_finite());
        scales.push(if is_finite { scale } else { f32::NAN });
        quantized.extend(row.iter().map(|value| (value * inverse).round() as i8));
    }
    (quantized, scales)
}

/// The quantized values of one tensor; half precision represents them exactly.
pub(super) fn quantize(values: &[f32]) -> Vec<f32> {
    match step(values) {
        Some(step) if values.len() >= LARGE_TENSOR => values
            .iter()
            .map(|value| (value / step).round() * step)
            .collect(),
        _ => values.iter().map(|&value| round_mantissa(value)).collect(),
    }
}

/// The quantization step, a power of two so that its multiples have few mantissa bits; `None` if all values are equal.
fn step(values: &[f32]) -> Option<f32> {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f32>()
        / count;
    let step = (variance.sqrt() / STEPS_PER_DEVIATION)
        .log2()
        .floor()
        .exp2();
    step.is_normal().then_some(step)
}

/// The nearest value with [`MANTISSA_BITS`] mantissa bits.
fn round_mantissa(value: f32) -> f32 {
    let dropped = f32::MANTISSA_DIGITS - 1 - MANTISSA_BITS;
    let half = 1_u32 << (dropped - 1);
    if value.is_finite() {
        f32::from_bits((value.to_bits() + half) >> dropped << dropped)
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uniform values with mean 0 and standard deviation 0.29.
    fn spread(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| (i * 7919 % count) as f32 / count as f32 - 0.5)
            .collect()
    }

    #[test]
    fn quantize_keeps_seven_mantissa_bits_of_small_tensors() {
        let values = [1.0, -0.337_421, 0.001_7, 1.999_9, 0.0, -65_000.0, 0.75];
        let kept = quantize(&values);
        for (kept, value) in kept.iter().zip(values) {
            assert!(
                (kept - value).abs() <= value.abs() / 256.0,
                "{value}: {kept}"
            );
            assert_eq!(kept.to_bits() & 0xffff, 0, "{value}: {kept}");
        }
        assert_eq!(kept[6], 0.75);
        assert!(quantize(&[f32::NAN])[0].is_nan());
    }

    #[test]
    fn quantize_rounds_large_tensors_to_multiples_of_a_step() {
        let values = spread(LARGE_TENSOR);
        let kept = quantize(&values);
        let step = 2.0_f32.powi(-6);
        for (kept, value) in kept.iter().zip(&values) {
            assert!((kept - value).abs() <= step / 2.0, "{value}: {kept}");
            assert_eq!(kept % step, 0.0, "{value}: {kept}");
        }
    }

    #[test]
    fn to_int8_has_an_error_of_half_a_step_in_each_row() {
        let mut values = spread(4 * 256);
        // Rows of different sizes, and a row of zeros.
        values[256..512].iter_mut().for_each(|value| *value *= 1e-3);
        values[512..768].fill(0.0);
        let (quantized, scales) = to_int8(&values, 4);
        assert_eq!((quantized.len(), scales.len()), (values.len(), 4));
        for (at, (value, &quantized)) in values.iter().zip(&quantized).enumerate() {
            let scale = scales[at / 256];
            let error = (value - f32::from(quantized) * scale).abs();
            assert!(error <= 0.501 * scale, "{value}: {error} of {scale}");
        }
        assert_eq!(scales[2], 0.0);
        assert!(scales[0] > 50.0 * scales[1]);
        values[5] = f32::INFINITY;
        assert!(to_int8(&values, 4).1[0].is_nan());
    }

    #[test]
    fn quantize_keeps_constant_and_non_finite_values() {
        assert_eq!(quantize(&vec![0.5; LARGE_TENSOR]), vec![0.5; LARGE_TENSOR]);
        let mut values = spread(LARGE_TENSOR);
        values[3] = f32::NAN;
        assert!(quantize(&values)[3].is_nan());
        values[3] = f32::INFINITY;
        assert_eq!(quantize(&values)[3], f32::INFINITY);
    }

    #[test]
    fn quantize_is_idempotent() {
        for count in [100, LARGE_TENSOR] {
            let once = quantize(&spread(count));
            assert_eq!(quantize(&once), once, "{count}");
        }
    }
}
