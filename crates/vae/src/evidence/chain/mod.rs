//! Samples of the true posterior p(z|x) by Markov chain Monte Carlo, for any number of latent dimensions.
//!
//! p(z|x) ∝ p(x|z) p(z) is known up to its constant p(x) (notes, sections 1 and 10.2). That is all that a chain
//! needs: it goes from place to place so that, in the long run, it is in each region as often as p(z|x)
//! says. What it says of means, and how surely, [`estimate::ChainMean`] tells.

mod hamiltonian;
mod metropolis;

use super::{EvidenceError, LogJoint, check_length, check_number};
use crate::Noise;
use hamiltonian::Hamiltonian;
use metropolis::Metropolis;
use rand::RngExt as _;
use spec::McmcKernel;

/// The most transitions of one call.
pub const MAX_TRANSITIONS: usize = 100_000;
/// The most leapfrog steps of one transition.
pub const MAX_LEAPFROG_STEPS: usize = 1_000;

/// Checks the parameters of a transition kernel.
///
/// # Errors
/// [`EvidenceError::BadStep`] and [`EvidenceError::OutOfBounds`].
pub(super) fn validate(kernel: McmcKernel) -> Result<(), EvidenceError> {
    let (McmcKernel::Metropolis { step } | McmcKernel::Hamiltonian { step, .. }) = kernel;
    if !(step.is_finite() && step > 0.0) {
        return Err(EvidenceError::BadStep(step));
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

/// Where a chain has been, and what that cost.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainPath {
    latent: usize,
    /// Where it was after each transition, `[transitions × latent]`: the same place again where the proposal
    /// was rejected. The last row is where to go on.
    pub z: Vec<f32>,
    /// log p(x, z) there, `[transitions]`, in nats.
    pub log_joint: Vec<f64>,
    /// The logarithm of each proposal's acceptance probability before it is cut off at 1, `[transitions]`:
    /// the rise of log p(x, z) for Metropolis, minus the change of the energy for Hamiltonian Monte Carlo,
    /// which is 0 up to the leaps' error. −∞ for a proposal that diverged.
    pub log_ratios: Vec<f64>,
    /// Proposals that were accepted.
    pub accepted: usize,
    /// Passes through the decoder, those that gradients begin with included.
    pub decodes: usize,
    /// Passes back through it.
    pub gradients: usize,
}

impl ChainPath {
    /// Transitions made.
    pub fn len(&self) -> usize {
        self.log_joint.len()
    }

    /// Never: a path has at least one transition.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the chain was after each transition, one row of `[latent]` each.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.z.chunks_exact(self.latent)
    }

    /// A function of z along the chain, `[transitions]`: what [`estimate::ChainMean`] takes.
    pub fn series(&self, of: impl Fn(&[f32]) -> f64) -> Vec<f64> {
        self.rows().map(of).collect()
    }
}

/// What a proposal comes to.
struct Proposal<P> {
    /// The place proposed.
    place: P,
    /// The logarithm of the acceptance probability before it is cut off at 1. No number where it diverged.
    log_ratio: f64,
}

impl LogJoint {
    /// Goes on with a chain from `z` for so many transitions. It is a function of where the chain is, of the
    /// settings and of the noise: a path in two calls is the same as in one.
    ///
    /// A proposal at which log p(x, z) is no number, since it has gone too far off, is rejected like others. A
    /// chain that stands at such a place itself takes the first proposal that is a number.
    ///
    /// # Shapes
    /// - `z`: `[latent]`
    ///
    /// # Errors
    /// When a setting is out of bounds, `z` is not the model's or no place, or the device fails.
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
        check_length("the chain's place", z.len(), self.latent_size())?;
        if let Some(&value) = z.iter().find(|value| !value.is_finite()) {
            return Err(EvidenceError::BadPlace(value));
        }
        match kernel {
            McmcKernel::Metropolis { step } => {
                let walk = Metropolis::new(self, step);
                go_on(walk, z, transitions, noise).await
            }
            McmcKernel::Hamiltonian {
                step,
                leapfrog_steps,
            } => {
                let roll = Hamiltonian::new(self, step, leapfrog_steps);
                go_on(roll, z, transitions, noise).await
            }
        }
    }
}

/// What sets the kinds of chain apart.
trait Transition {
    /// A place with all that is known of it.
    type Place: Clone;

    /// Looks at the place where a chain starts.
    async fn start(&mut self, z: &[f32]) -> Result<Self::Place, EvidenceError>;

    /// Proposes where to go.
    async fn propose(
        &mut self,
        from: &Self::Place,
        noise: &mut Noise,
    ) -> Result<Proposal<Self::Place>, EvidenceError>;

    /// z of a place and log p(x, z) there.
    fn look(place: &Self::Place) -> (&[f32], f64);

    /// Passes through the decoder so far, and passes back.
    fn cost(&self) -> (usize, usize);
}

/// The rule of acceptance, which all kinds share (Metropolis et al. 1953).
async fn go_on<T: Transition>(
    mut kind: T,
    z: &[f32],
    transitions: usize,
    noise: &mut Noise,
) -> Result<ChainPath, EvidenceError> {
    let mut place = kind.start(z).await?;
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
        let proposal = kind.propose(&place, noise).await?;
        // Drawn in any case, so that the noise that is used does not depend on rounding.
        let uniform: f64 = noise.rng().random();
        let lost = !T::look(&place).1.is_finite();
        let sound = T::look(&proposal.place).1.is_finite();
        let log_ratio = match (lost, sound) {
            (_, false) => f64::NEG_INFINITY,
            (true, true) => f64::INFINITY,
            (false, true) if proposal.log_ratio.is_nan() => f64::NEG_INFINITY,
            (false, true) => proposal.log_ratio,
        };
        // The logarithm of 0, too, is below all but −∞.
        if uniform.ln() < log_ratio {
            place = proposal.place;
            path.accepted += 1;
        }
        let (z, log_joint) = T::look(&place);
        path.z.extend_from_slice(z);
        path.log_joint.push(log_joint);
        path.log_ratios.push(log_ratio);
    }
    (path.decodes, path.gradients) = kind.cost();
    Ok(path)
}

#[cfg(test)]
mod tests;
