//! Hamiltonian Monte Carlo.

use super::{Proposal, Transition};
use crate::{
    Noise,
    evidence::{EvidenceError, LogJoint, ValueAndGradient, joint::to_f64},
};

/// Proposes the end of a trajectory of leapfrog steps (Neal 2011, sections 5.2.3 and 5.3.2): z gets a momentum from
/// N(0, I) and moves as a body of mass 1 in the potential −log p(x, z). The exact dynamics conserves the energy
/// H = −log p(x, z) + ½‖momentum‖²; the integrator changes it by an error of order step², on which acceptance depends.
pub(super) struct Hamiltonian<'a> {
    joint: &'a LogJoint,
    step: f64,
    leapfrog_steps: usize,
    gradients: usize,
}

#[derive(Clone)]
pub(super) struct State {
    /// Rounded, as the decoder receives it.
    z: Vec<f32>,
    log_joint: ValueAndGradient,
}

impl<'a> Hamiltonian<'a> {
    pub(super) fn new(joint: &'a LogJoint, step: f64, leapfrog_steps: usize) -> Self {
        Self {
            joint,
            step,
            leapfrog_steps,
            gradients: 0,
        }
    }

    async fn at(&mut self, z: Vec<f32>) -> Result<State, EvidenceError> {
        self.gradients += 1;
        let mut results = self.joint.log_joint_with_gradient(&z).await?;
        let log_joint = results.pop().unwrap_or(ValueAndGradient {
            value: f64::NAN,
            gradient: vec![f64::NAN; z.len()],
        });
        Ok(State { z, log_joint })
    }
}

impl Transition for Hamiltonian<'_> {
    type State = State;

    async fn start(&mut self, z: &[f32]) -> Result<State, EvidenceError> {
        self.at(z.to_vec()).await
    }

    /// The leapfrog integrator (Neal 2011, Equations 5.18 to 5.20): a half step of the momentum, a full step of z, and
    /// another half step of the momentum. It is reversible and preserves volume, so the acceptance ratio depends on the
    /// energy alone.
    async fn propose(
        &mut self,
        from: &State,
        noise: &mut Noise,
    ) -> Result<Proposal<State>, EvidenceError> {
        let mut momentum = to_f64(&noise.values(from.z.len()));
        let energy = |log_joint: &ValueAndGradient, momentum: &[f64]| {
            let squares: f64 = momentum.iter().map(|p| p * p).sum();
            0.5 * squares - log_joint.value
        };
        let before = energy(&from.log_joint, &momentum);
        // z is accumulated in double precision; rounding it at each step would lose small steps.
        let mut z = to_f64(&from.z);
        let mut state = from.clone();
        for step in 0..self.leapfrog_steps {
            update_momentum(&mut momentum, 0.5 * self.step, &state.log_joint.gradient);
            for (z, p) in z.iter_mut().zip(&momentum) {
                *z += self.step * p;
            }
            let rounded = z.iter().map(|&z| z as f32).collect();
            state = self.at(rounded).await?;
            update_momentum(&mut momentum, 0.5 * self.step, &state.log_joint.gradient);
            // A trajectory whose energy is not finite cannot recover.
            if step + 1 < self.leapfrog_steps && !energy(&state.log_joint, &momentum).is_finite() {
                break;
            }
        }
        Ok(Proposal {
            log_ratio: before - energy(&state.log_joint, &momentum),
            state,
        })
    }

    fn position(state: &State) -> (&[f32], f64) {
        (&state.z, state.log_joint.value)
    }

    fn cost(&self) -> (usize, usize) {
        (self.gradients, self.gradients)
    }
}

/// momentum ← momentum + time · ∇ log p(x, z).
fn update_momentum(momentum: &mut [f64], time: f64, gradient: &[f64]) {
    for (p, derivative) in momentum.iter_mut().zip(gradient) {
        *p += time * derivative;
    }
}
