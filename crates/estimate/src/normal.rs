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

/// A grid of the quantiles of N(0, I), `[side^n, n]` for `n` offsets: along each dimension `side` points, one in each of as
/// many cells with equal probabilities, at the part of a cell that the dimension's offset gives, above 0 and below 1.
pub fn quantile_grid(side: usize, offsets: &[f64]) -> Vec<f32> {
    let axes: Vec<Vec<f32>> = offsets
        .iter()
        .map(|offset| {
            let share = |index| (index as f64 + offset) / side as f64;
            (0..side)
                .map(|index| normal_quantile(share(index)) as f32)
                .collect()
        })
        .collect();
    (0..side.pow(offsets.len() as u32))
        .flat_map(|index| {
            let mut rest = index;
            axes.iter().map(move |axis| {
                let at = rest % side;
                rest /= side;
                axis[at]
            })
        })
        .collect()
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

    #[test]
    fn quantile_grid_has_a_point_in_each_cell() {
        let grid = quantile_grid(2, &[0.5, 0.25]);
        let share = |point: &f32| normal_cdf(f64::from(*point));
        let shares: Vec<f64> = grid.iter().map(share).collect();
        let expected = [0.25, 0.125, 0.75, 0.125, 0.25, 0.625, 0.75, 0.625];
        assert_eq!(shares.len(), expected.len());
        for (found, expected) in shares.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }
}
