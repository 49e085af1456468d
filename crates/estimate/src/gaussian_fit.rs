//! The diagonal Gaussian on a plane with the largest ELBO for one image.

use crate::gauss_hermite::gauss_hermite;
use std::sync::LazyLock;

/// A diagonal Gaussian q on the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneGaussian {
    /// The mean.
    pub mu: [f64; 2],
    /// The standard deviations.
    pub sigma: [f64; 2],
}

impl PlaneGaussian {
    /// KL(q ‖ N(0, I)) in nats.
    pub fn kl_from_prior(&self) -> f64 {
        let Self { mu, sigma } = self;
        (0..2)
            .map(|i| 0.5 * (mu[i] * mu[i] + sigma[i] * sigma[i] - 1.0) - sigma[i].ln())
            .sum()
    }
}

/// A Gaussian with its ELBO.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The Gaussian.
    pub q: PlaneGaussian,
    /// E_q[log p(x|z)] − KL(q ‖ p(z)) in nats, with p(z) = N(0, I).
    pub elbo: f64,
}

/// Nodes per dimension during the search.
const SEARCH_NODES: usize = 10;
/// Nodes per dimension for the final value.
const FINAL_NODES: usize = 20;

/// The nodes along one axis, computed once.
static SEARCH: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| gauss_hermite(SEARCH_NODES));
static FINAL: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| gauss_hermite(FINAL_NODES));
/// Largest number of evaluations of the search.
const MAX_EVALUATIONS: usize = 40;
/// The search ends when a step changes the ELBO by less than this, in nats: the rounding error of log p(x|z) in single
/// precision is about as large.
const TOLERANCE: f64 = 2e-4;
/// Largest change of μ in one step, in units of σ.
const MAX_SHIFT: f64 = 2.0;
/// Largest change of log σ in one step.
const MAX_SCALING: f64 = 0.7;
/// The search ends when no step of at least this fraction raises the ELBO.
const MIN_FRACTION: f64 = 1.0 / 64.0;

/// Searches the diagonal Gaussian q with the largest ELBO, which by log p(x) = ELBO + KL(q ‖ p(z|x)) is the one closest to
/// the posterior. The caller evaluates log p(x|z): it passes the values at [`points`](Self::points) to
/// [`advance`](Self::advance) until the search [`is_done`](Self::is_done).
///
/// E_q[log p(x|z)] is computed by Gauss–Hermite quadrature. Its derivatives with respect to μ and σ are expectations of
/// log p(x|z) times Hermite polynomials (Opper and Archambeau 2009, Equations 3 and 4), so they need no gradients of the
/// decoder. Each step is one of Newton's for μ and of the fixed point σᵢ² = 1/(1 − E_q[∂ᵢ² log p(x|z)]) for σ, shortened
/// until the ELBO grows. It finds a local maximum near the start.
#[derive(Debug, Clone)]
pub struct GaussianFit {
    nodes: &'static [(f64, f64)],
    moves_sigma: bool,
    best: Option<Fitted>,
    /// Full step from the best Gaussian: changes of μ and of log σ.
    step: [[f64; 2]; 2],
    /// Fraction of the step at the trial.
    fraction: f64,
    trial: PlaneGaussian,
    evaluations: usize,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Search,
    /// The best Gaussian is evaluated with more nodes.
    Final,
    Done,
}

impl GaussianFit {
    /// A search from `start`, for μ alone or for μ and σ.
    pub fn new(start: PlaneGaussian, moves_sigma: bool) -> Self {
        Self {
            nodes: &SEARCH,
            moves_sigma,
            best: None,
            step: [[0.0; 2]; 2],
            fraction: 1.0,
            trial: start,
            evaluations: 0,
            phase: Phase::Search,
        }
    }

    /// An evaluation of the ELBO of `q` without a search.
    pub fn evaluation(q: PlaneGaussian) -> Self {
        Self {
            nodes: &FINAL,
            phase: Phase::Final,
            ..Self::new(q, false)
        }
    }

    /// The result, if the search is done.
    pub fn result(&self) -> Option<Fitted> {
        self.best.filter(|_| self.phase == Phase::Done)
    }

    /// Whether the search is done.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Points z at which log p(x|z) is needed next, `[n × 2]`.
    pub fn points(&self) -> Vec<f32> {
        let PlaneGaussian { mu, sigma } = self.trial;
        self.products()
            .flat_map(|(epsilon, _)| [0, 1].map(|i| (mu[i] + sigma[i] * epsilon[i]) as f32))
            .collect()
    }

    /// Continues the search with log p(x|z) at the points, in nats, `[n]`. A value that is not finite ends the search at
    /// the best Gaussian before.
    pub fn advance(&mut self, log_likelihood: &[f64]) {
        if self.phase == Phase::Done || log_likelihood.len() != self.nodes.len().pow(2) {
            return;
        }
        self.evaluations += 1;
        let mean = self.expectation(log_likelihood, |_| 1.0);
        let found = Fitted {
            q: self.trial,
            elbo: mean - self.trial.kl_from_prior(),
        };
        if self.phase == Phase::Final {
            self.best = Some(found);
            self.phase = Phase::Done;
            return;
        }
        let gain = self
            .best
            .map_or(f64::INFINITY, |best| found.elbo - best.elbo);
        if gain > 0.0 && found.elbo.is_finite() {
            self.best = Some(found);
            self.step = self.newton_step(log_likelihood);
            self.fraction = (2.0 * self.fraction).min(1.0);
        } else {
            self.fraction /= 2.0;
        }
        let converged = (0.0..TOLERANCE).contains(&gain) && self.fraction == 1.0;
        let exhausted = self.evaluations >= MAX_EVALUATIONS || self.fraction < MIN_FRACTION;
        let Some(best) = self.best else {
            self.phase = Phase::Done;
            return;
        };
        if converged || exhausted {
            self.trial = best.q;
            self.nodes = &FINAL;
            self.phase = Phase::Final;
        } else {
            self.trial = self.moved(best.q);
        }
    }

    /// Pairs of nodes with their weights, in the order of [`points`](Self::points).
    fn products(&self) -> impl Iterator<Item = ([f64; 2], f64)> + '_ {
        self.nodes.iter().flat_map(move |&(y, weight_y)| {
            self.nodes
                .iter()
                .map(move |&(x, weight_x)| ([x, y], weight_x * weight_y))
        })
    }

    /// E_q[log p(x|z) · factor(ε)] with z = μ + σ⊙ε.
    fn expectation(&self, log_likelihood: &[f64], factor: impl Fn([f64; 2]) -> f64) -> f64 {
        self.products()
            .zip(log_likelihood)
            .map(|((epsilon, weight), log)| weight * log * factor(epsilon))
            .sum()
    }

    /// Changes of μ and of log σ from the trial.
    fn newton_step(&self, log_likelihood: &[f64]) -> [[f64; 2]; 2] {
        let PlaneGaussian { mu, sigma } = self.trial;
        // The gradient of the ELBO with respect to μ, and minus its second derivatives.
        let gradient = [0, 1]
            .map(|i| self.expectation(log_likelihood, |epsilon| epsilon[i]) / sigma[i] - mu[i]);
        let precision = [0, 1].map(|i| {
            let curvature = self.expectation(log_likelihood, |e| e[i] * e[i] - 1.0);
            1.0 - curvature / (sigma[i] * sigma[i])
        });
        let product = self.expectation(log_likelihood, |e| e[0] * e[1]) / (sigma[0] * sigma[1]);
        // Where the curvature is not that of a maximum, the step follows the gradient on the scale of σ.
        let diagonal = [0, 1].map(|i| {
            if precision[i] > 0.0 {
                precision[i]
            } else {
                1.0 / (sigma[i] * sigma[i])
            }
        });
        let limit = 0.9 * (diagonal[0] * diagonal[1]).sqrt();
        let mixed = (-product).clamp(-limit, limit);
        let determinant = diagonal[0] * diagonal[1] - mixed * mixed;
        let change =
            [0, 1].map(|i| (diagonal[1 - i] * gradient[i] - mixed * gradient[1 - i]) / determinant);
        let length = (change[0] / sigma[0])
            .abs()
            .max((change[1] / sigma[1]).abs());
        let shift = change.map(|change| change * (MAX_SHIFT / length).min(1.0));
        let scaling = [0, 1].map(|i| {
            let target = sigma[i] * sigma[i] * precision[i];
            let change = if target > 0.0 {
                -0.5 * target.ln()
            } else {
                MAX_SCALING
            };
            if self.moves_sigma {
                change.clamp(-MAX_SCALING, MAX_SCALING)
            } else {
                0.0
            }
        });
        [shift, scaling]
    }

    fn moved(&self, from: PlaneGaussian) -> PlaneGaussian {
        let [shift, scaling] = self.step;
        PlaneGaussian {
            mu: [0, 1].map(|i| from.mu[i] + self.fraction * shift[i]),
            sigma: [0, 1].map(|i| from.sigma[i] * (self.fraction * scaling[i]).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a search with this log p(x|z).
    fn fit(
        start: PlaneGaussian,
        moves_sigma: bool,
        log_likelihood: impl Fn([f64; 2]) -> f64,
    ) -> Fitted {
        let mut fit = GaussianFit::new(start, moves_sigma);
        let mut evaluations = 0;
        while !fit.is_done() {
            let points = fit.points();
            let values: Vec<f64> = points
                .as_chunks::<2>()
                .0
                .iter()
                .map(|z| log_likelihood(z.map(f64::from)))
                .collect();
            fit.advance(&values);
            evaluations += 1;
            assert!(evaluations < 60);
        }
        fit.result().expect("done")
    }

    /// A Gaussian log p(x|z): its posterior has the precision I + A and the mean (I + A)⁻¹ A m. The closest diagonal
    /// Gaussian has this mean and σᵢ² = 1/(1 + Aᵢᵢ) (Bishop 2006, section 10.1.2).
    fn quadratic([x, y]: [f64; 2]) -> f64 {
        let (x, y) = (x - 1.0, y + 0.5);
        -100.0 - 0.5 * (40.0 * x * x + 90.0 * y * y + 2.0 * 45.0 * x * y)
    }

    const START: PlaneGaussian = PlaneGaussian {
        mu: [0.6, 0.1],
        sigma: [0.3, 0.05],
    };

    /// (I + A)⁻¹ A m with m = (1, −½).
    fn mean() -> [f64; 2] {
        // A m, whose second component is 45 − 90/2.
        let b = [40.0 - 22.5, 0.0];
        let determinant = 41.0 * 91.0 - 45.0 * 45.0;
        [
            (91.0 * b[0] - 45.0 * b[1]) / determinant,
            (41.0 * b[1] - 45.0 * b[0]) / determinant,
        ]
    }

    #[test]
    fn gaussian_fit_of_a_gaussian_posterior_has_its_closed_form() {
        let found = fit(START, true, quadratic);
        let sigma = [1.0 / 41.0_f64.sqrt(), 1.0 / 91.0_f64.sqrt()];
        for (i, sigma) in sigma.into_iter().enumerate() {
            assert!((found.q.mu[i] - mean()[i]).abs() < 2e-3, "{found:?}");
            assert!((found.q.sigma[i] / sigma - 1.0).abs() < 0.01, "{found:?}");
        }
        // E_q of the quadratic form in closed form.
        let [x, y] = [mean()[0] - 1.0, mean()[1] + 0.5];
        let [vx, vy] = sigma.map(|sigma| sigma * sigma);
        let expected = -100.0
            - 0.5 * (40.0 * (x * x + vx) + 90.0 * (y * y + vy) + 90.0 * x * y)
            - PlaneGaussian { mu: mean(), sigma }.kl_from_prior();
        assert!(
            (found.elbo - expected).abs() < 1e-3,
            "{} {expected}",
            found.elbo
        );
    }

    #[test]
    fn gaussian_fit_of_the_mean_alone_keeps_sigma() {
        let found = fit(START, false, quadratic);
        assert_eq!(found.q.sigma, START.sigma);
        for i in 0..2 {
            assert!((found.q.mu[i] - mean()[i]).abs() < 2e-3, "{found:?}");
        }
        assert!(found.elbo < fit(START, true, quadratic).elbo);
    }

    /// A curved ridge: no small change of the result has a larger ELBO.
    #[test]
    fn gaussian_fit_of_a_curved_posterior_is_a_maximum() {
        let ridge = |[x, y]: [f64; 2]| -50.0 - 80.0 * (y - x * x).powi(2) - 2.0 * (x - 0.3).powi(2);
        let found = fit(START, true, ridge);
        let elbo = |q: PlaneGaussian| {
            let mut fit = GaussianFit::evaluation(q);
            let points = fit.points();
            let points = points.as_chunks::<2>().0.iter();
            let values: Vec<f64> = points.map(|z| ridge(z.map(f64::from))).collect();
            fit.advance(&values);
            fit.result().expect("one evaluation").elbo
        };
        assert!((elbo(found.q) - found.elbo).abs() < 1e-9);
        for i in 0..2 {
            for change in [-0.1, 0.1] {
                let (mut shifted, mut scaled) = (found.q, found.q);
                shifted.mu[i] += change * found.q.sigma[i];
                scaled.sigma[i] *= 1.0 + change;
                assert!(elbo(shifted) < found.elbo + 2e-4, "μ{i} {change}");
                assert!(elbo(scaled) < found.elbo + 2e-4, "σ{i} {change}");
            }
        }
    }

    #[test]
    fn gaussian_fit_ends_for_values_that_are_not_finite() {
        let mut fit = GaussianFit::new(START, true);
        for _ in 0..10 {
            let count = fit.points().len() / 2;
            fit.advance(&vec![f64::NAN; count]);
        }
        assert!(fit.is_done());
        assert_eq!(fit.result(), None);
    }
}
