//! Adaptive refinement of the cells where an image's posterior has its mass.

use super::{Cell, EvidenceError, Exact, joint, plane::log_normal};
use crate::Vae;
use burn::tensor::Device;

/// Cells whose density is below e^−25 of the largest are not divided.
const LOG_DENSITY_CUTOFF: f64 = 25.0;
/// The largest number of cells that one call divides, which limits its duration: those with the highest density.
const MAX_DIVIDED: usize = 4_000;

/// A diagonal Gaussian q on the plane, whose divergence from the posterior is integrated on the same cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanePosterior {
    /// μ.
    pub mu: [f64; 2],
    /// log σ².
    pub log_var: [f64; 2],
}

impl Exact {
    /// Divides the cells where p(z|x) or q has its mass into quarters, and decodes their centres. The error becomes the
    /// resulting change of log p(x) or of KL(q ‖ p(z|x)); this overestimates the new error, which decreases quickly with
    /// the width.
    ///
    /// Call it until [`error`](Self::error) is small enough. Each call evaluates the decoder at some hundreds or thousands
    /// of points, so other work can run in between. Of more than 4,000 cells it divides those with the highest density.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1; the same as before
    /// - `class_weights`: `[classes]`; empty for an unconditional model
    ///
    /// # Errors
    /// When the image does not fit the model, or the device fails.
    pub async fn refine(
        &mut self,
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        q: Option<PlanePosterior>,
        device: &Device,
    ) -> Result<(), EvidenceError> {
        let divided = self.cells_to_divide(q);
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
        let mut finer = Self::from_cells(cells, log_joint);
        let changed = (finer.log_evidence - self.log_evidence).abs();
        let gap = |exact: &Self| q.map_or(0.0, |q| exact.kl_from(q.mu, q.log_var));
        finer.error = changed.max((gap(&finer) - gap(self)).abs());
        *self = finer;
        Ok(())
    }

    /// For each cell, whether p(z|x) or q may have much of its mass there.
    fn cells_to_divide(&self, q: Option<PlanePosterior>) -> Vec<bool> {
        let mut below = below_maximum(&self.log_joint);
        if let Some(PlanePosterior { mu, log_var }) = q {
            let cells = self.cells.iter();
            let log_q: Vec<f64> = cells.map(|cell| log_normal(cell.z, mu, log_var)).collect();
            for (below, below_q) in below.iter_mut().zip(below_maximum(&log_q)) {
                *below = below.min(below_q);
            }
        }
        let mut ranked = below.clone();
        let limit = match ranked.len() > MAX_DIVIDED {
            true => *ranked.select_nth_unstable_by(MAX_DIVIDED, f64::total_cmp).1,
            false => f64::INFINITY,
        };
        below
            .into_iter()
            .map(|below| below < limit.min(LOG_DENSITY_CUTOFF))
            .collect()
    }
}

/// How far each value is below the largest.
fn below_maximum(logs: &[f64]) -> Vec<f64> {
    let maximum = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| maximum - log).collect()
}
