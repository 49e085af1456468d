//! Functions of one number with their derivatives, without branches, calls or tables, so that loops over them become
//! SIMD instructions.

/// The value of a function and its derivative, both at the same point.
#[derive(Debug, Clone, Copy)]
pub struct ValueAndDerivative {
    /// f(x).
    pub value: f32,
    /// f′(x).
    pub derivative: f32,
}

/// log sigmoid(x) = min(x, 0) − ln(1 + e^(−|x|)), with the derivative sigmoid(−x).
#[inline(always)]
pub fn log_sigmoid(x: f32) -> ValueAndDerivative {
    let e = exp(-x.abs());
    // ln(1 + e) = 2 artanh s with s = e / (2 + e), at most 1/3, where the series converges fast.
    let s = e / (2.0 + e);
    let t = s * s;
    let mut series = 1.0 / 15.0;
    for odd in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * t + 1.0 / odd;
    }
    let negative_part = if x < 0.0 { x } else { 0.0 };
    let quotient = 1.0 / (1.0 + e);
    ValueAndDerivative {
        value: negative_part - 2.0 * s * series,
        derivative: if x < 0.0 { quotient } else { e * quotient },
    }
}

/// 1 / (1 + e^(−x)).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let quotient = 1.0 / (1.0 + e);
    if x < 0.0 { e * quotient } else { quotient }
}

/// The log normalizer of the continuous Bernoulli with λ = sigmoid(x) (Loaiza-Ganem & Cunningham 2019, Equation 8):
/// ln C(λ) = ln(x / tanh(x/2)), with the derivative 1/x − 1/sinh(x). Both are 0/0 at 0 and taken from their series
/// nearby.
#[inline(always)]
pub fn log_continuous_bernoulli_normalizer(x: f32) -> ValueAndDerivative {
    const SERIES_BELOW: f32 = 0.5;
    let magnitude = x.abs();
    let safe = if magnitude < SERIES_BELOW {
        SERIES_BELOW
    } else {
        magnitude
    };
    let e = exp(-safe);
    let closed = (safe * (1.0 + e) / (1.0 - e)).ln();
    let closed_derivative = 1.0 / safe - 2.0 * e / (1.0 - e * e);
    let t = x * x;
    let series = ((-127.0 / 4_838_400.0 * t + 31.0 / 90_720.0) * t - 7.0 / 1440.0) * t + 1.0 / 12.0;
    let series_derivative =
        (((73.0 / 3_421_440.0 * t - 127.0 / 604_800.0) * t + 31.0 / 15_120.0) * t - 7.0 / 360.0)
            * t
            + 1.0 / 6.0;
    if magnitude < SERIES_BELOW {
        ValueAndDerivative {
            value: std::f32::consts::LN_2 + series * t,
            derivative: series_derivative * x,
        }
    } else {
        ValueAndDerivative {
            value: closed,
            derivative: if x < 0.0 {
                -closed_derivative
            } else {
                closed_derivative
            },
        }
    }
}

/// e^(−x) for x above this is taken as 0: at 1e-13 it is negligible beside 1.
const EXP_CUTOFF: f32 = 30.0;

/// max(x, 0), with derivative 0 at 0. NaN stays NaN.
#[inline(always)]
pub fn relu(x: f32) -> ValueAndDerivative {
    ValueAndDerivative {
        value: if x < 0.0 { 0.0 } else { x },
        derivative: if x > 0.0 { 1.0 } else { 0.0 },
    }
}

/// x sigmoid(x), also called swish. Far below zero it is exactly 0, as [`gelu`] is and for the same reason.
#[inline(always)]
pub fn silu(x: f32) -> ValueAndDerivative {
    let gate = if x < -EXP_CUTOFF { 0.0 } else { sigmoid(x) };
    ValueAndDerivative {
        value: x * gate,
        derivative: gate * (1.0 + x * (1.0 - gate)),
    }
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> ValueAndDerivative {
    let magnitude = x.abs();
    let e = exp(-2.0 * magnitude);
    let quotient = (1.0 - e) / (1.0 + e);
    // Near zero the difference above cancels; the series does not.
    const SERIES_BELOW: f32 = 0.3;
    let t = x * x;
    let mut series = 62.0 / 2835.0;
    for coefficient in [-17.0 / 315.0, 2.0 / 15.0, -1.0 / 3.0, 1.0] {
        series = series * t + coefficient;
    }
    let value = if magnitude < SERIES_BELOW {
        x * series
    } else if x < 0.0 {
        -quotient
    } else {
        quotient
    };
    ValueAndDerivative {
        value,
        derivative: 1.0 - value * value,
    }
}

/// x Φ(x) with the derivative Φ(x) + x φ(x), φ and Φ the density and the distribution function of the standard
/// normal. Φ has an absolute error of at most 4e-7 (Abramowitz & Stegun, 7.1.26).
///
/// Far below zero both are exactly 0 instead of denormal: arithmetic on denormals is about a hundred times slower, and
/// half the units of a deep layer can be there.
#[inline(always)]
pub fn gelu(x: f32) -> ValueAndDerivative {
    const P: f32 = 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2;
    const A: [f32; 5] = [
        1.061_405_4,
        -1.453_152,
        1.421_413_7,
        -0.284_496_74,
        0.254_829_6,
    ];
    let half_square = 0.5 * x * x;
    let gauss = if half_square < EXP_CUTOFF {
        exp(-half_square)
    } else {
        0.0
    };
    let t = 1.0 / (1.0 + P * x.abs());
    let mut polynomial = 0.0;
    for a in A {
        polynomial = (polynomial + a) * t;
    }
    let tail = 0.5 * polynomial * gauss;
    let phi = if x < 0.0 { tail } else { 1.0 - tail };
    const DENSITY_AT_0: f32 = 0.398_942_3;
    ValueAndDerivative {
        value: x * phi,
        derivative: phi + x * (DENSITY_AT_0 * gauss),
    }
}

/// e^x for x ≤ 0, with a relative error of at most 2e-7. Below −87 it stays at e^−87 (1.6e-38), which is not yet
/// denormal.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    // x = k ln 2 + r. Adding 1.5·2²³ rounds to an integer, which is then in the mantissa's last bits. ln 2 is
    // subtracted in two parts, and k times the first part is exact (Cody & Waite).
    const ROUND_TO_INTEGER: f32 = 12_582_912.0;
    let shifted = x * std::f32::consts::LOG2_E + ROUND_TO_INTEGER;
    let k = shifted - ROUND_TO_INTEGER;
    let r = (x - k * 0.693_359_4) + k * 2.121_944_4e-4;
    // The Taylor series of e^r, for |r| ≤ ln(2)/2.
    let mut series = 1.0 / 5040.0;
    for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = series * r + 1.0 / factorial;
    }
    // 2^k, from its exponent bits.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    series * power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From −100 to 100, densest around 0.
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
    fn exp_has_a_relative_error_of_2e_7() {
        for x in points().filter(|x| (-87.0..=0.0).contains(x)) {
            close(exp(x), f64::from(x).exp(), 2e-7, 0.0, x);
        }
        assert!(exp(-1000.0) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn log_sigmoid_is_accurate_for_both_signs() {
        for x in points() {
            let ValueAndDerivative { value, derivative } = log_sigmoid(x);
            let wide = f64::from(x);
            let expected = wide.min(0.0) - (-wide.abs()).exp().ln_1p();
            close(value, expected, 4e-7, 1e-37, x);
            close(derivative, 1.0 / (1.0 + wide.exp()), 4e-7, 1e-37, x);
        }
    }

    /// Φ by Simpson's rule.
    #[test]
    fn gelu_agrees_with_the_integrated_normal_density() {
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
            let ValueAndDerivative { value, derivative } = gelu(x);
            close(value, wide * phi(wide), 1e-7, 4e-7 * wide.abs(), x);
            close(derivative, phi(wide) + wide * density(wide), 1e-7, 4e-7, x);
        }
        assert_eq!(gelu(0.0).value, 0.0);
        for x in points() {
            let ValueAndDerivative { value, derivative } = gelu(x);
            assert!(
                [value, derivative].iter().all(|y| !y.is_subnormal()),
                "at {x}"
            );
        }
        assert!(gelu(f32::NAN).value.is_nan());
    }

    #[test]
    fn sigmoid_silu_tanh_and_relu_are_accurate() {
        for x in points() {
            let wide = f64::from(x);
            let gate = 1.0 / (1.0 + (-wide).exp());
            close(sigmoid(x), gate, 4e-7, 1e-37, x);
            let ValueAndDerivative { value, derivative } = silu(x);
            close(value, wide * gate, 1e-6, 1e-11, x);
            close(
                derivative,
                gate * (1.0 + wide * (1.0 - gate)),
                1e-6,
                1e-6,
                x,
            );
            assert!(
                [value, derivative].iter().all(|y| !y.is_subnormal()),
                "at {x}"
            );
            let ValueAndDerivative { value, derivative } = tanh(x);
            close(value, wide.tanh(), 1e-6, 0.0, x);
            close(derivative, 1.0 - wide.tanh().powi(2), 0.0, 1e-6, x);
            let ValueAndDerivative { value, derivative } = relu(x);
            assert_eq!(
                (value, derivative),
                (x.max(0.0), f32::from(u8::from(x > 0.0)))
            );
        }
        for function in [relu, silu, tanh, gelu] {
            assert!(function(f32::NAN).value.is_nan());
        }
    }

    #[test]
    fn log_continuous_bernoulli_normalizer_is_continuous_where_its_series_ends() {
        for x in points().filter(|x| x.abs() > 1e-3) {
            let ValueAndDerivative { value, derivative } = log_continuous_bernoulli_normalizer(x);
            let wide = f64::from(x);
            let expected = (wide / (wide / 2.0).tanh()).ln();
            close(value, expected, 4e-7, 1e-7, x);
            let expected = if wide.abs() < 0.02 {
                wide / 6.0 - 7.0 / 360.0 * wide.powi(3)
            } else {
                1.0 / wide - 1.0 / wide.sinh()
            };
            close(derivative, expected, 1e-6, 5e-7, x);
        }
        assert_eq!(log_continuous_bernoulli_normalizer(0.0).derivative, 0.0);
        assert!(log_continuous_bernoulli_normalizer(f32::NAN).value.is_nan());
    }
}
