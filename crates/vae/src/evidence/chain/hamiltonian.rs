//! Hamiltonian Monte Carlo.

use super::{Proposal, Transition};
use crate::{
    Noise,
    evidence::{EvidenceError, LogJoint, Slope, joint::wide},
};

/// Proposes where z has got to after some leapfrog steps (Neal 2011, sections 5.2.3 and 5.3.2): it is given a momentum
/// from N(0, I) and moves as a body of mass 1 in the potential −log p(x, z). Along the true orbit, the energy
/// H = −log p(x, z) + ½‖momentum‖² stays the same; the leapfrog steps change it by an error of the order of step², and
/// that is what decides.
pub(super) struct Hamiltonian<'a> {
    joint: &'a LogJoint,
    step: f64,
    leapfrog_steps: usize,
    gradients: usize,
}

#[derive(Clone)]
pub(super) struct Place {
    /// As the decoder sees it.
    z: Vec<f32>,
    slope: Slope,
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

    async fn at(&mut self, z: Vec<f32>) -> Result<Place, EvidenceError> {
        self.gradients += 1;
        let mut slopes = self.joint.slopes(&z).await?;
        let slope = slopes.pop().unwrap_or(Slope {
            log: f64::NAN,
            gradient: vec![f64::NAN; z.len()],
        });
        Ok(Place { z, slope })
    }
}

impl Transition for Hamiltonian<'_> {
    type Place = Place;

    async fn start(&mut self, z: &[f32]) -> Result<Place, EvidenceError> {
        self.at(z.to_vec()).await
    }

    /// The leapfrog (Neal 2011, Equations 5.18 to 5.20): half a push, then a move and a push in turn, and
    /// half a push again. Run backwards it goes where it came from, and it keeps volumes, whatever its pushes
    /// depend on; so nothing but the energy has to be made up for.
    async fn propose(
        &mut self,
        from: &Place,
        noise: &mut Noise,
    ) -> Result<Proposal<Place>, EvidenceError> {
        let mut momentum = wide(&noise.values(from.z.len()));
        let energy = |slope: &Slope, momentum: &[f64]| {
            let squares: f64 = momentum.iter().map(|p| p * p).sum();
            0.5 * squares - slope.log
        };
        let before = energy(&from.slope, &momentum);
        // What the decoder sees is rounded. What is added up is not, or small steps would be lost.
        let mut z = wide(&from.z);
        let mut place = from.clone();
        for leap in 0..self.leapfrog_steps {
            push(&mut momentum, 0.5 * self.step, &place.slope.gradient);
            for (z, p) in z.iter_mut().zip(&momentum) {
                *z += self.step * p;
            }
            let there = z.iter().map(|&z| z as f32).collect();
            place = self.at(there).await?;
            push(&mut momentum, 0.5 * self.step, &place.slope.gradient);
            // From where the energy is no number there is no way back.
            if leap + 1 < self.leapfrog_steps && !energy(&place.slope, &momentum).is_finite() {
                break;
            }
        }
        Ok(Proposal {
            log_ratio: before - energy(&place.slope, &momentum),
            place,
        })
    }

    fn look(place: &Place) -> (&[f32], f64) {
        (&place.z, place.slope.log)
    }

    fn cost(&self) -> (usize, usize) {
        (self.gradients, self.gradients)
    }
}

/// Changes the momentum by what the gradient does to it in some time.
fn push(momentum: &mut [f64], time: f64, gradient: &[f64]) {
    for (p, slope) in momentum.iter_mut().zip(gradient) {
        *p += time * slope;
    }
}
