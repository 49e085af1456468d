//! Markov chain Monte Carlo on the true posterior p(z|x), for any number of latent dimensions.
//!
//! p(z|x) ∝ p(x|z) p(z) is known up to its normalizing constant p(x) (notes, sections 1 and 10.2), which is all that a
//! chain needs: its stationary distribution is p(z|x). [`estimate::ChainMean`] computes means along it, with errors.

mod hamiltonian;
mod metropolis;

use super::{EvidenceError, LogJoint, check_length, check_number};
use crate::Noise;
use hamiltonian::Hamiltonian;
use metropolis::Metropolis;
use rand::RngExt as _;
use spec::McmcKernel;

/// The largest number of transitions of one call.
pub const MAX_TRANSITIONS: usize = 100_000;
/// The largest number of leapfrog steps of one transition.
pub const MAX_LEAPFROG_STEPS: usize = 1_000;

/// Validates the parameters of a transition kernel.
///
/// # Errors
/// [`EvidenceError::InvalidStepSize`] and [`EvidenceError::OutOfBounds`].
pub(super) fn validate(kernel: McmcKernel) -> Result<(), EvidenceError> {
    let (McmcKernel::Metropolis { step } | McmcKernel::Hamiltonian { step, .. }) = kernel;
    if !(step.is_finite() && step > 0.0) {
        return Err(EvidenceError::InvalidStepSize(step));
    }
    match kernel {
        McmcKernel::Metropolis { .. } => Ok(()),
        McmcKernel::Hamiltonian { leapfrog_steps, .. } => check_number(
            "the number of leapfrog steps",
            leapfrog_steps,
            [1, MAX_LEAPFROG_STEPS],
        ),
    }
}

/// The states of a chain, and the cost of computing them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainPath {
    latent: usize,
    /// The state after each transition, `[transitions, latent]`: unchanged where the proposal was rejected. The chain
    /// continues from the last row.
    pub z: Vec<f32>,
    /// log p(x, z) of each state, `[transitions]`, in nats.
    pub log_joint: Vec<f64>,
    /// The log acceptance ratio of each proposal, `[transitions]`; the acceptance probability is min(1, ratio). For
    /// Metropolis it is the change of log p(x, z), for Hamiltonian Monte Carlo minus the change of the energy, which is 0 up to
    /// the error of the leapfrog integrator. −∞ for a divergent proposal.
    pub log_ratios: Vec<f64>,
    /// Number of accepted proposals.
    pub accepted: usize,
    /// Number of decoder evaluations, including those of gradients.
    pub decodes: usize,
    /// Number of gradient evaluations.
    pub gradients: usize,
}

impl ChainPath {
    /// Number of transitions.
    pub fn len(&self) -> usize {
        self.log_joint.len()
    }

    /// Always false: a path has at least one transition.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The state after each transition, `[latent]` each.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.z.chunks_exact(self.latent)
    }

    /// A function of z along the chain, `[transitions]`, as [`estimate::ChainMean`] expects.
    pub fn series(&self, of: impl Fn(&[f32]) -> f64) -> Vec<f64> {
        self.rows().map(of).collect()
    }
}

/// A proposed state.
struct Proposal<S> {
    /// The state.
    state: S,
    /// The log acceptance ratio; not finite for a divergent proposal.
    log_ratio: f64,
}

impl LogJoint {
    /// Runs a chain from `z` for this number of transitions. The result depends only on the state, the kernel and the
    /// noise, so two calls in a row give the same path as one.
    ///
    /// A proposal at which log p(x, z) is not finite has diverged and is rejected. A chain that starts at such a point
    /// accepts the first proposal with a finite value.
    ///
    /// # Shapes
    /// - `z`: `[latent]`
    ///
    /// # Errors
    /// When a setting is out of bounds, `z` has the wrong length or is not finite, or the device fails.
    pub async fn chain(
        &self,
        z: &[f32],
        kernel: McmcKernel,
        transitions: usize,
        noise: &mut Noise,
    ) -> Result<ChainPath, EvidenceError> {
        validate(kernel)?;
        check_number(
            "the number of transitions",
            transitions,
            [1, MAX_TRANSITIONS],
        )?;
        check_length("the chain's start", z.len(), self.latent_size())?;
        if let Some(&value) = z.iter().find(|value| !value.is_finite()) {
            return Err(EvidenceError::InvalidStart(value));
        }
        match kernel {
            McmcKernel::Metropolis { step } => {
                let metropolis = Metropolis::new(self, step);
                run_chain(metropolis, z, transitions, noise).await
            }
            McmcKernel::Hamiltonian {
                step,
                leapfrog_steps,
            } => {
                let hamiltonian = Hamiltonian::new(self, step, leapfrog_steps);
                run_chain(hamiltonian, z, transitions, noise).await
            }
        }
    }
}

/// The proposal of a transition kernel.
trait Transition {
    /// z with the quantities that were computed there.
    type State: Clone;

    /// The state at the start of a chain.
    async fn start(&mut self, z: &[f32]) -> Result<Self::State, EvidenceError>;

    /// Proposes the next state.
    async fn propose(
        &mut self,
        from: &Self::State,
        noise: &mut Noise,
    ) -> Result<Proposal<Self::State>, EvidenceError>;

    /// z of a state, and log p(x, z) there.
    fn position(state: &Self::State) -> (&[f32], f64);

    /// Number of decoder evaluations and of gradient evaluations so far.
    fn cost(&self) -> (usize, usize);
}

/// Runs a chain with the Metropolis acceptance rule (Metropolis et al. 1953), which both kernels share.
async fn run_chain<T: Transition>(
    mut kernel: T,
    z: &[f32],
    transitions: usize,
    noise: &mut Noise,
) -> Result<ChainPath, EvidenceError> {
    let mut state = kernel.start(z).await?;
    let mut path = ChainPath {
        latent: z.len(),
        z: Vec::with_capacity(transitions * z.len()),
        log_joint: Vec::with_capacity(transitions),
        log_ratios: Vec::with_capacity(transitions),
        accepted: 0,
        decodes: 0,
        gradients: 0,
    };
    for _ in 0..transitions {
        let proposal = kernel.propose(&state, noise).await?;
        // Always drawn, so that the use of the random stream does not depend on rounding.
        let uniform: f64 = noise.rng().random();
        let has_diverged = !T::position(&state).1.is_finite();
        let proposal_is_finite = T::position(&proposal.state).1.is_finite();
        let log_ratio = match (has_diverged, proposal_is_finite) {
            (_, false) => f64::NEG_INFINITY,
            (true, true) => f64::INFINITY,
            (false, true) if proposal.log_ratio.is_nan() => f64::NEG_INFINITY,
            (false, true) => proposal.log_ratio,
        };
        // ln 0 = −∞ accepts every finite ratio, too.
        if uniform.ln() < log_ratio {
            state = proposal.state;
            path.accepted += 1;
        }
        let (z, log_joint) = T::position(&state);
        path.z.extend_from_slice(z);
        path.log_joint.push(log_joint);
        path.log_ratios.push(log_ratio);
    }
    (path.decodes, path.gradients) = kernel.cost();
    Ok(path)
}

#[cfg(test)]
mod tests;
