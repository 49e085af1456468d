//! Expectations over a diagonal Gaussian by Gauss–Hermite quadrature (Golub & Welsch 1969).

use crate::features::learn::gaussian_search::gaussian::Gaussian;
use nalgebra::{DMatrix, SymmetricEigen};
use std::sync::LazyLock;

/// Nodes for each dimension.
const NODES: usize = 20;

/// The nodes for N(0, 1), with their weights.
static RULE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(rule);

/// The eigenvalues of the Jacobi matrix of Hermite's polynomials are the nodes, and the squares of the first components
/// of its eigenvectors are the weights.
fn rule() -> Vec<(f64, f64)> {
    let mut jacobi = DMatrix::<f64>::zeros(NODES, NODES);
    for i in 1..NODES {
        jacobi[(i - 1, i)] = (i as f64).sqrt();
        jacobi[(i, i - 1)] = (i as f64).sqrt();
    }
    let eigen = SymmetricEigen::new(jacobi);
    (0..NODES)
        .map(|i| (eigen.eigenvalues[i], eigen.eigenvectors[(0, i)].powi(2)))
        .collect()
}

/// A node ε of N(0, I) with its weight.
fn nodes() -> impl Iterator<Item = ([f64; 2], f64)> {
    let rule = &*RULE;
    rule.iter()
        .flat_map(|&(a, u)| rule.iter().map(move |&(b, v)| ([a, b], u * v)))
}

/// The points z = μ + σε at which a function has to be known, `[n × 2]`.
pub(crate) fn points(q: Gaussian) -> Vec<f32> {
    nodes()
        .flat_map(|(epsilon, _)| [0, 1].map(|i| (q.mu[i] + q.sigma[i] * epsilon[i]) as f32))
        .collect()
}

/// Expectations of a function f of z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Expectation {
    /// `E_q[f]`.
    pub(crate) value: f64,
    /// E_q[∂f/∂zᵢ] = E_q[f εᵢ]/σᵢ.
    pub(crate) gradient: [f64; 2],
    /// E_q[∂²f/∂zᵢ²] = E_q[f (εᵢ² − 1)]/σᵢ².
    pub(crate) curvature: [f64; 2],
}

/// The expectations, from the function's values at [`points`].
pub(crate) fn expectation(q: Gaussian, values: &[f64]) -> Expectation {
    let mut result = Expectation {
        value: 0.0,
        gradient: [0.0; 2],
        curvature: [0.0; 2],
    };
    // The mean is subtracted, because the sums below are differences of large numbers otherwise.
    let mean: f64 = nodes().zip(values).map(|((_, weight), f)| weight * f).sum();
    for ((epsilon, weight), f) in nodes().zip(values) {
        for (i, epsilon) in epsilon.into_iter().enumerate() {
            result.gradient[i] += weight * (f - mean) * epsilon / q.sigma[i];
            result.curvature[i] +=
                weight * (f - mean) * (epsilon.powi(2) - 1.0) / q.sigma[i].powi(2);
        }
    }
    result.value = mean;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectation_is_exact_for_polynomials() {
        let q = Gaussian {
            mu: [0.5, -1.0],
            sigma: [0.3, 2.0],
        };
        let f = |z: &[f32]| {
            let [a, b] = [f64::from(z[0]), f64::from(z[1])];
            3.0 - 2.0 * a + a * a + 0.5 * b * b * b
        };
        let values: Vec<f64> = points(q).chunks_exact(2).map(f).collect();
        let found = expectation(q, &values);
        let [mu, nu] = q.mu;
        let [s, t] = q.sigma;
        let value = 3.0 - 2.0 * mu + mu * mu + s * s + 0.5 * (nu.powi(3) + 3.0 * nu * t * t);
        assert!((found.value - value).abs() < 1e-4, "{found:?} {value}");
        assert!((found.gradient[0] - (2.0 * mu - 2.0)).abs() < 1e-4);
        assert!((found.gradient[1] - 1.5 * (nu * nu + t * t)).abs() < 1e-3);
        assert!((found.curvature[0] - 2.0).abs() < 1e-3);
        assert!((found.curvature[1] - 3.0 * nu).abs() < 1e-3);
    }

    #[test]
    fn rule_has_the_moments_of_the_standard_normal() {
        let moment = |k: i32| -> f64 {
            rule()
                .iter()
                .map(|(node, weight)| weight * node.powi(k))
                .sum()
        };
        for (k, expected) in [(0, 1.0), (1, 0.0), (2, 1.0), (4, 3.0), (6, 15.0)] {
            assert!((moment(k) - expected).abs() < 1e-9, "{k}: {}", moment(k));
        }
    }
}
