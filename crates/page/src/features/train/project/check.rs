//! The losses that a project is compared with, from what the engine computes for a few images.

use estimate::{LogSum, quantile_grid};
use protocol::Objective;

/// Where the grid of quantiles lies along each dimension: any parts of a cell.
const OFFSETS: [f64; 2] = [0.37, 0.61];

/// ε of `count` values: any numbers of the size of noise.
pub(super) fn noise(count: usize) -> Vec<f32> {
    (0..count).map(|at| (1.7 * at as f32).sin()).collect()
}

/// Samples of each image that an objective needs.
pub(super) fn samples(objective: Objective) -> usize {
    match objective {
        Objective::ImportanceWeighted { samples } => samples,
        Objective::Elbo | Objective::Exact { .. } => 1,
    }
}

/// Where the grid of an objective lies; empty for one without a grid.
pub(super) fn offsets(objective: Objective, latent_size: usize) -> &'static [f64] {
    match objective {
        Objective::Exact { .. } => &OFFSETS[..latent_size.min(OFFSETS.len())],
        Objective::Elbo | Objective::ImportanceWeighted { .. } => &[],
    }
}

/// The points of the latent space at which an objective decodes for every image, `[points, latent]`.
pub(super) fn grid(objective: Objective, latent_size: usize) -> Vec<f32> {
    match objective {
        Objective::Exact { side } => quantile_grid(side, offsets(objective, latent_size)),
        Objective::Elbo | Objective::ImportanceWeighted { .. } => Vec::new(),
    }
}

/// q(z|x) of an image and its samples.
#[derive(Clone, Copy)]
pub(super) struct Posterior<'a> {
    /// μ, `[latent]`.
    pub(super) mu: &'a [f32],
    /// σ, `[latent]`.
    pub(super) sigma: &'a [f32],
    /// ε, `[samples, latent]`.
    pub(super) eps: &'a [f32],
}

impl Posterior<'_> {
    /// z = μ + σ·ε of each sample, `[samples, latent]`.
    pub(super) fn z(self) -> Vec<f32> {
        let latent = self.mu.len();
        let of = |(at, eps): (usize, &f32)| self.mu[at % latent] + self.sigma[at % latent] * eps;
        self.eps.iter().enumerate().map(of).collect()
    }

    /// KL(q(z|x) ‖ p(z)) in nats.
    fn kl(self) -> f64 {
        let pairs = self.mu.iter().zip(self.sigma);
        let terms = pairs.map(|(&mu, &sigma)| {
            let (mu, sigma) = (f64::from(mu), f64::from(sigma));
            0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln()
        });
        terms.sum()
    }

    /// log p(z) − log q(z|x) of each sample.
    fn log_ratios(self) -> impl Iterator<Item = f64> {
        let z = self.z();
        let latent = self.mu.len();
        self.eps
            .chunks_exact(latent)
            .enumerate()
            .map(move |(row, eps)| {
                let terms = eps.iter().enumerate().map(|(at, &eps)| {
                    let (z, eps) = (f64::from(z[row * latent + at]), f64::from(eps));
                    0.5 * (eps * eps - z * z) + f64::from(self.sigma[at]).ln()
                });
                terms.sum()
            })
    }
}

/// The loss of an image and its −ELBO, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Losses {
    /// What training minimizes.
    pub(super) loss: f64,
    pub(super) neg_elbo: f64,
}

impl Losses {
    /// Those of one image.
    ///
    /// - `log_likelihood`: log p(x|z) of each sample
    /// - `on_grid`: log p(x|z) of each point of the [`grid`]
    pub(super) fn of(
        objective: Objective,
        beta: f64,
        posterior: Posterior<'_>,
        log_likelihood: &[f64],
        on_grid: &[f64],
    ) -> Self {
        let kl = posterior.kl();
        let reconstruction = log_likelihood.iter().sum::<f64>() / log_likelihood.len() as f64;
        let log_mean = |logs: &mut dyn Iterator<Item = f64>| {
            let mut sum = LogSum::default();
            sum.extend(logs);
            sum.log_mean()
        };
        let loss = match objective {
            Objective::Elbo => beta * kl - reconstruction,
            Objective::ImportanceWeighted { .. } => {
                let pairs = log_likelihood.iter().zip(posterior.log_ratios());
                -log_mean(&mut pairs.map(|(log_likelihood, log_ratio)| log_likelihood + log_ratio))
            }
            Objective::Exact { .. } => -log_mean(&mut on_grid.iter().copied()),
        };
        Self {
            loss,
            neg_elbo: kl - reconstruction,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTERIOR: Posterior<'static> = Posterior {
        mu: &[1.0, 0.0],
        sigma: &[0.5, 1.0],
        eps: &[0.0, 0.0, 1.0, -1.0],
    };

    fn losses(objective: Objective, beta: f64) -> Losses {
        Losses::of(objective, beta, POSTERIOR, &[-3.0, -5.0], &[-2.0, -2.0])
    }

    #[test]
    fn posterior_moves_and_scales_the_noise() {
        assert_eq!(POSTERIOR.z(), [1.0, 0.0, 1.5, -1.0]);
    }

    #[test]
    fn losses_of_the_elbo_weigh_the_kl_divergence() {
        // ½ (1 + ¼ − 1) − ln ½ for the first dimension, 0 for the second.
        let kl = 0.125 + 2.0_f64.ln();
        let found = losses(Objective::Elbo, 2.0);
        assert!((found.loss - (2.0 * kl + 4.0)).abs() < 1e-12);
        assert!((found.neg_elbo - (kl + 4.0)).abs() < 1e-12);
    }

    #[test]
    fn losses_of_other_objectives_are_means_of_probabilities() {
        let samples = Objective::ImportanceWeighted { samples: 2 };
        // log p(z)/q(z|x): densities of N(0, 1) over those of N(1, ¼), and 1 for the second dimension.
        let ratio = 0.5_f64.ln();
        let weights = [
            (-3.0 + ratio - 0.5_f64).exp(),
            (-5.0 + ratio + 0.5 - 1.125_f64).exp(),
        ];
        let expected = -((weights[0] + weights[1]) / 2.0).ln();
        assert!((losses(samples, 1.0).loss - expected).abs() < 1e-6);
        let exact = Objective::Exact { side: 8 };
        assert!((losses(exact, 1.0).loss - 2.0).abs() < 1e-12);
    }

    #[test]
    fn grid_has_the_points_of_the_objective() {
        let exact = Objective::Exact { side: 8 };
        assert_eq!(grid(exact, 2).len(), 2 * exact.points(2));
        assert_eq!((grid(exact, 1).len(), offsets(exact, 1).len()), (8, 1));
        assert!(grid(Objective::Elbo, 2).is_empty());
        assert_eq!(samples(Objective::ImportanceWeighted { samples: 7 }), 7);
    }
}
