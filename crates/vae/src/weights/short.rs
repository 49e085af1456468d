//! Fewer bits for stored weights: what hardly matters for the ELBO is noise to a compressor.

/// Parameters from which on a tensor counts as large.
///
/// The large ones are those that see or draw pixels: most of a file, and errors in them are averaged
/// over hundreds of inputs. The small ones in the middle, where the latent space is narrow, are where
/// the ELBO is lost: with the large one's step in one of 64×128 it costs 0.3 nats.
const LARGE: usize = 1 << 16;

/// Bits of the mantissa, of half precision's ten, that a small tensor keeps.
const MANTISSA: u32 = 7;

/// A large tensor's numbers are multiples of a step between a 32nd and a 16th of their standard deviation.
const STEPS: f32 = 16.0;

/// The numbers of one tensor, in fewer bits; half precision holds them as they are.
pub(super) fn shorten(values: &[f32]) -> Vec<f32> {
    match step(values) {
        Some(step) if values.len() >= LARGE => values
            .iter()
            .map(|value| (value / step).round() * step)
            .collect(),
        _ => values.iter().map(|&value| mantissa(value)).collect(),
    }
}

/// A power of two, so that its multiples have few bits: none when the numbers do not spread.
fn step(values: &[f32]) -> Option<f32> {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f32>()
        / count;
    let step = (variance.sqrt() / STEPS).log2().floor().exp2();
    step.is_normal().then_some(step)
}

/// The nearest number with a mantissa of [`MANTISSA`] bits.
fn mantissa(value: f32) -> f32 {
    let dropped = f32::MANTISSA_DIGITS - 1 - MANTISSA;
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

    /// Numbers of standard deviation 0.29 around nothing.
    fn spread(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| (i * 7919 % count) as f32 / count as f32 - 0.5)
            .collect()
    }

    #[test]
    fn small_tensors_keep_seven_bits_of_the_mantissa() {
        let values = [1.0, -0.337_421, 0.001_7, 1.999_9, 0.0, -65_000.0, 0.75];
        let kept = shorten(&values);
        for (kept, value) in kept.iter().zip(values) {
            assert!(
                (kept - value).abs() <= value.abs() / 256.0,
                "{value}: {kept}"
            );
            assert_eq!(kept.to_bits() & 0xffff, 0, "{value}: {kept}");
        }
        assert_eq!(kept[6], 0.75);
        assert!(shorten(&[f32::NAN])[0].is_nan());
    }

    #[test]
    fn large_tensors_keep_multiples_of_a_step() {
        let values = spread(LARGE);
        let kept = shorten(&values);
        let step = 2.0_f32.powi(-6);
        for (kept, value) in kept.iter().zip(&values) {
            assert!((kept - value).abs() <= step / 2.0, "{value}: {kept}");
            assert_eq!(kept % step, 0.0, "{value}: {kept}");
        }
    }

    #[test]
    fn large_tensors_that_do_not_spread_or_are_no_numbers_are_kept() {
        assert_eq!(shorten(&vec![0.5; LARGE]), vec![0.5; LARGE]);
        let mut values = spread(LARGE);
        values[3] = f32::NAN;
        assert!(shorten(&values)[3].is_nan());
        values[3] = f32::INFINITY;
        assert_eq!(shorten(&values)[3], f32::INFINITY);
    }

    #[test]
    fn shortening_twice_changes_nothing_more() {
        for count in [100, LARGE] {
            let once = shorten(&spread(count));
            assert_eq!(shorten(&once), once, "{count}");
        }
    }
}
