//! Smaller cells where an image's posterior lies.

use super::{Cell, EvidenceError, Exact, joint, plane::log_normal};
use crate::Vae;
use burn::tensor::Device;

/// Cells whose density is this far below the largest are left as they are: e^−25 of it.
const DEPTH: f64 = 25.0;
/// The most cells that are divided at once, so that a call does not take for ever: those of the largest density.
const MOST: usize = 4_000;

/// A diagonal Gaussian whose distance from the posterior is to be measured on the same cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanePosterior {
    /// μ.
    pub mu: [f64; 2],
    /// log σ².
    pub log_var: [f64; 2],
}

impl Exact {
    /// Divides the cells where p(z|x) or q has its mass into quarters, and takes the decoder to those. The
    /// error is now what dividing has changed, in log p(x) or in KL(q ‖ p(z|x)); ever smaller, since cells of
    /// half the width have a much smaller one.
    ///
    /// To be called until [`error`](Self::error) is small enough, with a look at other work between: each
    /// call takes the decoder to some hundreds or thousands of points. Of more than 4,000 cells it divides the
    /// 4,000 of the largest density.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1, the one that this is of
    /// - `class_weights`: `[classes]`; none for a model that takes no label
    ///
    /// # Errors
    /// When the image is not the model's, or the device fails.
    pub async fn refine(
        &mut self,
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        q: Option<PlanePosterior>,
        device: &Device,
    ) -> Result<(), EvidenceError> {
        let divided = self.worth_dividing(q);
        let all = || self.cells.iter().zip(&divided);
        let smaller: Vec<Cell> = all()
            .filter(|(_, divided)| **divided)
            .flat_map(|(cell, _)| cell.quarters())
            .collect();
        let z: Vec<f32> = smaller
            .iter()
            .flat_map(|cell| cell.z)
            .map(|value| value as f32)
            .collect();
        let log_likelihood = joint::log_likelihood(model, image, class_weights, z, device).await?;
        let kept = all()
            .zip(&self.log_joint)
            .filter(|((_, divided), _)| !**divided);
        let (mut cells, mut log_joint): (Vec<Cell>, Vec<f64>) =
            kept.map(|((cell, _), log)| (*cell, *log)).unzip();
        let joints = smaller.iter().zip(&log_likelihood);
        log_joint.extend(joints.map(|(cell, log)| log + cell.log_prior()));
        cells.extend(smaller);
        let mut finer = Self::of(cells, log_joint);
        let changed = (finer.log_evidence - self.log_evidence).abs();
        let gap = |exact: &Self| q.map_or(0.0, |q| exact.kl_from(q.mu, q.log_var));
        finer.error = changed.max((gap(&finer) - gap(self)).abs());
        *self = finer;
        Ok(())
    }

    /// For each cell, whether much of p(z|x) or of q may lie there.
    fn worth_dividing(&self, q: Option<PlanePosterior>) -> Vec<bool> {
        let mut below_the_top = below_the_top(&self.log_joint);
        if let Some(PlanePosterior { mu, log_var }) = q {
            let cells = self.cells.iter();
            let log_q: Vec<f64> = cells.map(|cell| log_normal(cell.z, mu, log_var)).collect();
            for (below, of_q) in below_the_top.iter_mut().zip(self::below_the_top(&log_q)) {
                *below = below.min(of_q);
            }
        }
        let mut ranked = below_the_top.clone();
        let limit = match ranked.len() > MOST {
            true => *ranked.select_nth_unstable_by(MOST, f64::total_cmp).1,
            false => f64::INFINITY,
        };
        below_the_top
            .into_iter()
            .map(|below| below < limit.min(DEPTH))
            .collect()
    }
}

/// How far each is below the largest.
fn below_the_top(logs: &[f64]) -> Vec<f64> {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| top - log).collect()
}
