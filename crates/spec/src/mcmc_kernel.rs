//! How a Markov chain moves.

use serde::{Deserialize, Serialize};

/// The transition kernel of a Markov chain on p(z|x).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum McmcKernel {
    /// Random-walk Metropolis (Metropolis et al. 1953): a normally distributed proposal, accepted or rejected.
    Metropolis {
        /// Standard deviation of the proposal on each axis, in units of z.
        step: f64,
    },
    /// Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011): z gets a random momentum and follows
    /// Hamilton's equations with −log p(x, z) as potential energy.
    Hamiltonian {
        /// Step size of the leapfrog integrator; with a mass of 1, in units of z.
        step: f64,
        /// Leapfrog steps, each with one gradient evaluation, in one transition.
        leapfrog_steps: usize,
    },
}
