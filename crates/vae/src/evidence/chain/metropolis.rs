//! Random-walk Metropolis.

use super::{Proposal, Transition};
use crate::{
    Noise,
    evidence::{EvidenceError, LogJoint},
};

/// Proposes z + step·ε with ε ~ N(0, I) (Metropolis et al. 1953). The proposal is symmetric, so the acceptance ratio is
/// that of p(x, z).
pub(super) struct Metropolis<'a> {
    joint: &'a LogJoint,
    step: f64,
    decodes: usize,
}

#[derive(Clone)]
pub(super) struct State {
    z: Vec<f32>,
    log_joint: f64,
}

impl<'a> Metropolis<'a> {
    pub(super) fn new(joint: &'a LogJoint, step: f64) -> Self {
        Self {
            joint,
            step,
            decodes: 0,
        }
    }

    async fn at(&mut self, z: Vec<f32>) -> Result<State, EvidenceError> {
        self.decodes += 1;
        let log_joint = self.joint.log_joint(&z).await?;
        Ok(State {
            z,
            log_joint: log_joint.first().copied().unwrap_or(f64::NAN),
        })
    }
}

impl Transition for Metropolis<'_> {
    type State = State;

    async fn start(&mut self, z: &[f32]) -> Result<State, EvidenceError> {
        self.at(z.to_vec()).await
    }

    async fn propose(
        &mut self,
        from: &State,
        noise: &mut Noise,
    ) -> Result<Proposal<State>, EvidenceError> {
        let eps = noise.values(from.z.len());
        let z = from.z.iter().zip(eps);
        let z = z
            .map(|(&z, eps)| (f64::from(z) + self.step * f64::from(eps)) as f32)
            .collect();
        let state = self.at(z).await?;
        Ok(Proposal {
            log_ratio: state.log_joint - from.log_joint,
            state,
        })
    }

    fn position(state: &State) -> (&[f32], f64) {
        (&state.z, state.log_joint)
    }

    fn cost(&self) -> (usize, usize) {
        (self.decodes, 0)
    }
}
