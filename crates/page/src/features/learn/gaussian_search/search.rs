//! The search for the Gaussian with the largest ELBO.

use crate::features::learn::gaussian_search::expectation::Expectation;
use crate::features::learn::gaussian_search::gaussian::Gaussian;

/// The ELBO in nats, from the expectations of log p(x|z).
pub(crate) fn elbo(q: Gaussian, likelihood: Expectation) -> f64 {
    likelihood.value - q.kl_from_prior()
}

/// Steps of the natural gradient, halved after a step that lowers the ELBO.
///
/// For a Gaussian, the natural gradient of the ELBO has a closed form (Khan & Nielsen 2018): the precision moves towards
/// the expected negative second derivative of log p(x, z), and μ along the expected gradient, scaled by the variance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// The best Gaussian so far, the expectations there, and its ELBO.
    best: Option<(Gaussian, Expectation, f64)>,
    rate: f64,
    /// The last gain, in nats.
    gain: f64,
    next: Gaussian,
}

/// The search ends at a gain below this, in nats.
const TOLERANCE: f64 = 1e-4;
/// The search ends at a smaller rate.
const MIN_RATE: f64 = 1e-3;

impl Search {
    /// Begins at `start`.
    pub(crate) fn new(start: Gaussian) -> Self {
        Self {
            best: None,
            rate: 1.0,
            gain: f64::INFINITY,
            next: start.clamped(),
        }
    }

    /// The Gaussian whose expectations are needed next; `None` at the end.
    pub(crate) fn wanted(&self) -> Option<Gaussian> {
        (self.gain > TOLERANCE && self.rate > MIN_RATE).then_some(self.next)
    }

    /// The best Gaussian so far, with its ELBO.
    pub(crate) fn best(&self) -> Option<(Gaussian, f64)> {
        self.best.map(|(q, _, elbo)| (q, elbo))
    }

    /// Takes the expectations of log p(x|z) for the wanted Gaussian.
    pub(crate) fn step(&mut self, likelihood: Expectation) {
        let found = elbo(self.next, likelihood);
        match self.best {
            // Also false for NaN.
            Some((_, _, best)) if found > best => {
                self.gain = found - best;
                self.best = Some((self.next, likelihood, found));
                self.rate = (self.rate * 1.5).min(1.0);
            }
            Some(_) => self.rate *= 0.5,
            None => self.best = Some((self.next, likelihood, found)),
        }
        if let Some((q, at, _)) = self.best {
            self.next = moved(q, at, self.rate);
        }
    }
}

/// The parameter of q for which the ELBO is steepest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Whether it is a σ rather than a μ.
    pub(crate) is_sigma: bool,
    /// Its dimension.
    pub(crate) dimension: usize,
    /// Whether a larger value raises the ELBO.
    pub(crate) increase: bool,
}

/// The steepest derivative of the ELBO, with μ measured in units of σ and σ by its logarithm.
pub(crate) fn steepest(q: Gaussian, likelihood: Expectation) -> Advice {
    let mut best = (f64::NEG_INFINITY, false, 0, true);
    for i in 0..2 {
        let sigma = q.sigma[i];
        let of_mu = (likelihood.gradient[i] - q.mu[i]) * sigma;
        // The entropy of q adds 1, log p(z) −σ².
        let of_log_sigma = 1.0 + sigma * sigma * (likelihood.curvature[i] - 1.0);
        for (derivative, is_sigma) in [(of_mu, false), (of_log_sigma, true)] {
            if derivative.abs() > best.0 {
                best = (derivative.abs(), is_sigma, i, derivative > 0.0);
            }
        }
    }
    let (_, is_sigma, dimension, increase) = best;
    Advice {
        is_sigma,
        dimension,
        increase,
    }
}

fn moved(q: Gaussian, likelihood: Expectation, rate: f64) -> Gaussian {
    let mut next = q;
    for i in 0..2 {
        // log p(z) adds −z to the gradient, and −1 to the second derivative.
        let gradient = likelihood.gradient[i] - q.mu[i];
        let precision = q.sigma[i].powi(-2);
        // Where log p(x, z) is not concave on average, the precision shrinks by half at most.
        let wanted = (1.0 - likelihood.curvature[i]).max(0.5 * precision);
        let precision = (1.0 - rate) * precision + rate * wanted;
        next.sigma[i] = precision.powf(-0.5);
        next.mu[i] += rate * gradient / precision;
    }
    next.clamped()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::learn::gaussian_search::expectation::{expectation, points};

    fn climb(start: Gaussian, log_likelihood: impl Fn(f64, f64) -> f64) -> (Gaussian, f64, usize) {
        let mut search = Search::new(start);
        let mut steps = 0;
        while let Some(q) = search.wanted() {
            let values: Vec<f64> = points(q)
                .chunks_exact(2)
                .map(|z| log_likelihood(f64::from(z[0]), f64::from(z[1])))
                .collect();
            search.step(expectation(q, &values));
            steps += 1;
            assert!(steps < 200, "does not end");
        }
        let (q, elbo) = search.best().expect("a step");
        (q, elbo, steps)
    }

    const START: Gaussian = Gaussian {
        mu: [2.0, 2.0],
        sigma: [1.0, 0.1],
    };

    #[test]
    fn search_finds_the_exact_posterior_of_a_linear_gaussian_model() {
        // x = z + noise: the posterior is Gaussian, and the ELBO of the best q is log p(x).
        let (x, variance) = ([1.0, -0.5], [0.25, 0.01]);
        let log_normal = |x: f64, mu: f64, variance: f64| {
            -0.5 * ((x - mu).powi(2) / variance + (std::f64::consts::TAU * variance).ln())
        };
        let (q, elbo, steps) = climb(START, |a, b| {
            log_normal(x[0], a, variance[0]) + log_normal(x[1], b, variance[1])
        });
        let evidence: f64 = (0..2)
            .map(|i| log_normal(x[i], 0.0, 1.0 + variance[i]))
            .sum();
        for i in 0..2 {
            assert!((q.mu[i] - x[i] / (1.0 + variance[i])).abs() < 1e-3, "{q:?}");
            let sigma = (variance[i] / (1.0 + variance[i])).sqrt();
            assert!((q.sigma[i] - sigma).abs() < 1e-3, "{q:?}");
        }
        assert!((elbo - evidence).abs() < 1e-3, "{elbo} {evidence}");
        assert!(steps < 20, "{steps}");
    }

    #[test]
    fn steepest_names_the_parameter_that_is_most_wrong() {
        // The optimum is at μ = (1, 0) and σ² = 1/101, nearly 0.1.
        let log = |a: f64, b: f64| -50.0 * ((a - 1.0).powi(2) + b * b);
        let advice = |mu: [f64; 2], sigma: [f64; 2]| {
            let q = Gaussian { mu, sigma };
            let values: Vec<f64> = points(q)
                .chunks_exact(2)
                .map(|z| log(f64::from(z[0]), f64::from(z[1])))
                .collect();
            let found = steepest(q, expectation(q, &values));
            (found.is_sigma, found.dimension, found.increase)
        };
        assert_eq!(advice([0.0, 0.0], [0.1, 0.1]), (false, 0, true));
        assert_eq!(advice([1.0, 2.0], [0.1, 0.1]), (false, 1, false));
        assert_eq!(advice([0.99, 0.0], [0.1, 1.0]), (true, 1, false));
        assert_eq!(advice([0.99, 0.0], [0.02, 0.1]), (true, 0, true));
    }

    #[test]
    fn search_climbs_where_the_posterior_is_not_concave() {
        // Two bumps: the ELBO of the result is above the start's, and near the best single bump's.
        let bump = |a: f64, b: f64, at: f64| -8.0 * ((a - at).powi(2) + b * b);
        let log = |a: f64, b: f64| {
            let [u, v] = [bump(a, b, 1.2), bump(a, b, -1.2)];
            u.max(v) + (-(u - v).abs()).exp().ln_1p()
        };
        let (q, elbo, _) = climb(START, log);
        assert!(q.mu[0] > 0.5 && q.mu[1].abs() < 0.05, "{q:?}");
        assert!(elbo > -5.0, "{elbo}");
    }
}
