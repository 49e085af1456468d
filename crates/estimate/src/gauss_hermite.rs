//! Gauss–Hermite quadrature for expectations under N(0, 1).

/// Nodes ε and weights w with E[f(ε)] ≈ Σ w f(ε) for ε ∼ N(0, 1), exact for polynomials of degree below 2n: the zeros of
/// the n-th Hermite polynomial of probabilists (Abramowitz and Stegun 1964, 25.4.46, with ε = √2 x).
pub(crate) fn gauss_hermite(n: usize) -> Vec<(f64, f64)> {
    // Zeros of He_n separate those of He_{n+1}, so each is found between two known ones.
    let mut zeros: Vec<f64> = Vec::new();
    for degree in 1..=n {
        let bound = 2.0 * (degree as f64).sqrt() + 1.0;
        let limits: Vec<f64> = [-bound].into_iter().chain(zeros).chain([bound]).collect();
        zeros = limits
            .windows(2)
            .map(|between| zero(degree, between[0], between[1]))
            .collect();
    }
    // w = n! / (n He_{n−1}(ε))².
    let factorial = (1..=n).map(|k| k as f64).product::<f64>();
    zeros
        .into_iter()
        .map(|x| {
            let [_, before] = hermite(n, x);
            (x, factorial / (n as f64 * before).powi(2))
        })
        .collect()
}

/// He_n(x) and He_{n−1}(x) by recurrence.
fn hermite(n: usize, x: f64) -> [f64; 2] {
    let mut values = [1.0, 0.0];
    for k in 0..n {
        values = [x * values[0] - k as f64 * values[1], values[0]];
    }
    values
}

/// The zero of He_n between two limits, by bisection.
fn zero(n: usize, mut low: f64, mut high: f64) -> f64 {
    let rises = hermite(n, high)[0] > 0.0;
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if (hermite(n, middle)[0] > 0.0) == rises {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauss_hermite_is_exact_for_polynomials_of_degree_below_2n() {
        for n in [1, 2, 5, 12, 20] {
            let nodes = gauss_hermite(n);
            assert_eq!(nodes.len(), n);
            // E[ε^k] is 0 for odd k and (k − 1)!! for even k.
            let mut expected = 1.0;
            for k in 0..n {
                let moment =
                    |power: i32| -> f64 { nodes.iter().map(|(x, w)| w * x.powi(power)).sum() };
                let even = moment(2 * k as i32);
                assert!((even / expected - 1.0).abs() < 1e-9, "{n}, {k}: {even}");
                assert!((moment(2 * k as i32 + 1) / expected).abs() < 1e-8);
                expected *= (2 * k + 1) as f64;
            }
        }
    }

    /// E[cos ε] = e^−½.
    #[test]
    fn gauss_hermite_converges_for_smooth_functions() {
        let found: f64 = gauss_hermite(12).iter().map(|(x, w)| w * x.cos()).sum();
        assert!((found - (-0.5_f64).exp()).abs() < 1e-10, "{found}");
    }
}
