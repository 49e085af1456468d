//! The cumulative distribution function Φ of N(0, 1) and its inverse.

/// Φ(x), the probability of N(0, 1) below x.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Φ⁻¹(u) for 0 < u < 1, to about 1e-12.
///
/// Starts from a logistic approximation and refines it by Halley's method, which converges cubically.
pub fn normal_quantile(u: f64) -> f64 {
    // By symmetry; the iteration below is accurate for small u.
    if u > 0.5 {
        return -normal_quantile(1.0 - u);
    }
    let mut x = if u > 0.02 {
        (u / (1.0 - u)).ln() / 1.7
    } else {
        // The tail behaves as exp(−x²/2) / x.
        let t = (-2.0 * u.ln()).sqrt();
        -(t - t.ln() / t - 0.9 / t)
    };
    for _ in 0..6 {
        let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let step = (normal_cdf(x) - u) / density;
        x -= step / (1.0 + 0.5 * x * step);
        // The next step would be below the rounding error.
        if step.abs() < 1e-6 {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantile_matches_tables() {
        let table = [
            (0.5, 0.0),
            (0.841_344_746_068_542_9, 1.0),
            (0.975, 1.959_963_984_540_054),
            (0.01, -2.326_347_874_040_841),
            (1e-9, -5.997_807_015_007_686),
        ];
        for (u, x) in table {
            assert!(
                (normal_quantile(u) - x).abs() < 1e-9,
                "{u}: {}",
                normal_quantile(u)
            );
        }
    }

    #[test]
    fn normal_quantile_inverts_cdf() {
        for i in -58..=58 {
            let x = f64::from(i) / 10.0;
            let tail = if x > 5.0 { 1e-6 } else { 1e-9 };
            assert!((normal_quantile(normal_cdf(x)) - x).abs() < tail, "{x}");
        }
    }
}
