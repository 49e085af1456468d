//! The losses of a run, for its chart.

use protocol::Losses;
use serde::{Deserialize, Serialize};

/// The most points of a curve; a longer one is downsampled, since no screen shows more.
const MAX_POINTS: usize = 800;

/// The losses at one step, in nats per image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct LossPoint {
    /// Number of finished steps.
    pub(crate) step: f64,
    /// −ELBO.
    pub(crate) neg_elbo: f64,
    /// −E_q[log p(x|z)].
    pub(crate) reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)).
    pub(crate) kl: f64,
    /// Number of training batches whose mean this is; 0 if that is not known, and for held-out images.
    #[serde(default)]
    pub(crate) batches: u64,
}

impl LossPoint {
    /// These losses at this step, a mean over this many batches.
    fn new(step: u64, batches: u64, losses: &Losses) -> Self {
        Self {
            step: step as f64,
            neg_elbo: losses.neg_elbo,
            reconstruction: losses.reconstruction,
            kl: losses.kl(),
            batches,
        }
    }

    /// Whether this is the loss of a single batch, which is far noisier than a mean.
    pub(crate) fn is_single_batch(&self) -> bool {
        self.batches == 1
    }

    fn average(a: &Self, b: &Self) -> Self {
        let average = |a: f64, b: f64| 0.5 * (a + b);
        Self {
            step: average(a.step, b.step),
            neg_elbo: average(a.neg_elbo, b.neg_elbo),
            reconstruction: average(a.reconstruction, b.reconstruction),
            kl: average(a.kl, b.kl),
            batches: a.batches.saturating_add(b.batches),
        }
    }
}

/// Losses in the order of their steps, at most [`MAX_POINTS`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Curve {
    points: Vec<LossPoint>,
}

impl Curve {
    /// All points, in order.
    pub(crate) fn points(&self) -> &[LossPoint] {
        &self.points
    }

    /// The latest point.
    pub(crate) fn last(&self) -> Option<&LossPoint> {
        self.points.last()
    }

    /// The point whose step is closest to this one.
    pub(crate) fn nearest(&self, step: f64) -> Option<&LossPoint> {
        self.points
            .iter()
            .min_by(|a, b| (a.step - step).abs().total_cmp(&(b.step - step).abs()))
    }

    fn push(&mut self, point: LossPoint) {
        // A run that was restored from a checkpoint repeats the steps after it.
        self.points.retain(|before| before.step < point.step);
        self.points.push(point);
        if self.points.len() > MAX_POINTS {
            self.points = self
                .points
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => LossPoint::average(a, b),
                    rest => rest[0],
                })
                .collect();
        }
    }
}

/// The losses of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LossHistory {
    /// On the training batches.
    pub(crate) training: Curve,
    /// On the held-out images.
    pub(crate) held_out: Curve,
}

impl LossHistory {
    /// Records the losses of a report. Those on training images are means over this many batches, 0 if that is not
    /// known.
    pub(crate) fn record(
        &mut self,
        step: u64,
        batches: u64,
        training: Option<&Losses>,
        held_out: Option<&Losses>,
    ) {
        for (curve, losses, batches) in [
            (&mut self.training, training, batches),
            (&mut self.held_out, held_out, 0),
        ] {
            // A loss that is not finite cannot be drawn; divergence is reported as text.
            if let Some(losses) = losses
                && losses.neg_elbo.is_finite()
            {
                curve.push(LossPoint::new(step, batches, losses));
            }
        }
    }

    /// Whether there are no losses yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.training.points.is_empty() && self.held_out.points.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(neg_elbo: f64) -> Losses {
        Losses {
            neg_elbo,
            reconstruction: neg_elbo - 3.0,
            kl_per_dimension: vec![1.0, 2.0],
        }
    }

    #[test]
    fn record_keeps_both_curves_and_skips_nan() {
        let mut history = LossHistory::default();
        assert!(history.is_empty());
        history.record(10, 10, Some(&losses(200.0)), None);
        history.record(20, 10, Some(&losses(150.0)), Some(&losses(160.0)));
        history.record(30, 10, Some(&losses(f64::NAN)), None);
        assert_eq!(history.training.points().len(), 2);
        assert_eq!(history.held_out.last().map(|point| point.kl), Some(3.0));
        assert_eq!(history.training.nearest(12.0).map(|p| p.step), Some(10.0));
    }

    #[test]
    fn record_of_an_earlier_step_removes_later_points() {
        let mut history = LossHistory::default();
        for step in [10, 20, 30, 20] {
            history.record(step, 10, Some(&losses(100.0)), None);
        }
        let steps: Vec<_> = history.training.points().iter().map(|p| p.step).collect();
        assert_eq!(steps, [10.0, 20.0]);
    }

    #[test]
    fn record_downsamples_a_long_run() {
        let mut history = LossHistory::default();
        for step in 0..5_000 {
            history.record(step, 1, Some(&losses(step as f64)), None);
        }
        let points = history.training.points();
        assert!((MAX_POINTS / 2 - 1..=MAX_POINTS).contains(&points.len()));
        assert!(points.windows(2).all(|pair| pair[0].step < pair[1].step));
        assert!(points.iter().all(|p| (p.step - p.neg_elbo).abs() < 1e-9));
        let batches: u64 = points.iter().map(|p| p.batches).sum();
        assert_eq!(batches, 5_000, "a mean of means is of the batches of both");
        assert!(!points[0].is_single_batch());
    }
}
