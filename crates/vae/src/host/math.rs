//! Functions of one number with their slopes, without branches, calls or tables.

use super::Point;

/// log sigmoid(x) = min(x, 0) − ln(1 + e^(−|x|)), with its slope sigmoid(−x).
#[inline(always)]
pub(crate) fn log_sigmoid(x: f32) -> Point {
    let e = exp(-x.abs());
    // ln(1 + e) = 2 artanh s with s = e / (2 + e), at most 1/3: the series soon ends.
    let s = e / (2.0 + e);
    let t = s * s;
    let mut series = 1.0 / 15.0;
    for odd in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * t + 1.0 / odd;
    }
    let below = if x < 0.0 { x } else { 0.0 };
    let quotient = 1.0 / (1.0 + e);
    Point {
        value: below - 2.0 * s * series,
        slope: if x < 0.0 { quotient } else { e * quotient },
    }
}

/// e to the power of minus this, 1e-13, is nothing beside 1.
const NOTHING: f32 = 30.0;

/// x Φ(x) with its slope Φ(x) + x φ(x), φ and Φ the density and the distribution function of the
/// standard normal. Φ is right to 4e-7 (Abramowitz & Stegun, 7.1.26).
///
/// Far below zero both are zero, rather than too small for full precision: a processor takes a hundred times
/// as long for such a number, and half the units of a deep layer can be there.
#[inline(always)]
pub(crate) fn gelu(x: f32) -> Point {
    const P: f32 = 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2;
    const A: [f32; 5] = [
        1.061_405_4,
        -1.453_152,
        1.421_413_7,
        -0.284_496_74,
        0.254_829_6,
    ];
    let half_square = 0.5 * x * x;
    let gauss = if half_square < NOTHING {
        exp(-half_square)
    } else {
        0.0
    };
    let t = 1.0 / (1.0 + P * x.abs());
    let mut polynomial = 0.0;
    for a in A {
        polynomial = (polynomial + a) * t;
    }
    let beyond = 0.5 * polynomial * gauss;
    let phi = if x < 0.0 { beyond } else { 1.0 - beyond };
    const DENSITY_AT_0: f32 = 0.398_942_3;
    Point {
        value: x * phi,
        slope: phi + x * (DENSITY_AT_0 * gauss),
    }
}

/// e^x for x ≤ 0, to 2e-7 of its value; below −87 as at −87, next to nothing.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    // x = k ln 2 + r. Added to 1.5·2²³ a number is rounded to an integer, which stands in its last
    // bits; ln 2 is subtracted in two parts, of which k times the first is exact.
    const TO_INTEGER: f32 = 12_582_912.0;
    let shifted = x * std::f32::consts::LOG2_E + TO_INTEGER;
    let k = shifted - TO_INTEGER;
    let r = (x - k * 0.693_359_4) + k * 2.121_944_4e-4;
    // The series of e^r for |r| ≤ ln(2)/2.
    let mut series = 1.0 / 5040.0;
    for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = series * r + 1.0 / factorial;
    }
    // 2^k by its exponent bits.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    series * power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From −100 to 100, close together where the functions bend.
    fn points() -> impl Iterator<Item = f32> {
        (-20_000..=20_000).map(|i| (i as f32 / 20_000.0).powi(3) * 100.0)
    }

    fn close(found: f32, expected: f64, relative: f64, absolute: f64, at: f32) {
        let error = (f64::from(found) - expected).abs();
        assert!(
            error <= relative * expected.abs() + absolute,
            "at {at}: {found} instead of {expected}"
        );
    }

    #[test]
    fn exponential_is_right_to_the_last_bits() {
        for x in points().filter(|x| (-87.0..=0.0).contains(x)) {
            close(exp(x), f64::from(x).exp(), 2e-7, 0.0, x);
        }
        assert!(exp(-1000.0) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn log_sigmoid_keeps_its_digits_on_both_sides() {
        for x in points() {
            let Point { value, slope } = log_sigmoid(x);
            let wide = f64::from(x);
            let expected = wide.min(0.0) - (-wide.abs()).exp().ln_1p();
            close(value, expected, 4e-7, 1e-37, x);
            close(slope, 1.0 / (1.0 + wide.exp()), 4e-7, 1e-37, x);
        }
    }

    /// Against the integral of the density, by Simpson's rule.
    #[test]
    fn gelu_is_that_of_the_normal_distribution() {
        let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let phi = |x: f64| {
            let (n, h) = (2000, x / 2000.0);
            let inner: f64 = (1..n)
                .map(|i| density(h * f64::from(i)) * if i % 2 == 1 { 4.0 } else { 2.0 })
                .sum();
            0.5 + h / 3.0 * (density(0.0) + inner + density(x))
        };
        for i in -600..=600 {
            let x = i as f32 / 75.0;
            let wide = f64::from(x);
            let Point { value, slope } = gelu(x);
            close(value, wide * phi(wide), 1e-7, 4e-7 * wide.abs(), x);
            close(slope, phi(wide) + wide * density(wide), 1e-7, 4e-7, x);
        }
        assert_eq!(gelu(0.0).value, 0.0);
        for x in points() {
            let Point { value, slope } = gelu(x);
            assert!([value, slope].iter().all(|y| !y.is_subnormal()), "at {x}");
        }
        assert!(gelu(f32::NAN).value.is_nan());
    }
}
