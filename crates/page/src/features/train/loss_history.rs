//! The losses of a run, kept for its chart.

use protocol::Losses;
use serde::{Deserialize, Serialize};

/// A curve of more points is thinned out: no screen shows more.
const MOST_POINTS: usize = 800;

/// The losses at one step, in nats an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct LossPoint {
    /// Steps done.
    pub(crate) step: f64,
    /// −ELBO.
    pub(crate) neg_elbo: f64,
    /// −E_q[log p(x|z)].
    pub(crate) reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)).
    pub(crate) kl: f64,
}

impl LossPoint {
    /// These losses, at this step.
    fn new(step: u64, losses: &Losses) -> Self {
        Self {
            step: step as f64,
            neg_elbo: losses.neg_elbo,
            reconstruction: losses.reconstruction,
            kl: losses.kl(),
        }
    }

    fn middle(a: &Self, b: &Self) -> Self {
        let middle = |a: f64, b: f64| 0.5 * (a + b);
        Self {
            step: middle(a.step, b.step),
            neg_elbo: middle(a.neg_elbo, b.neg_elbo),
            reconstruction: middle(a.reconstruction, b.reconstruction),
            kl: middle(a.kl, b.kl),
        }
    }
}

/// Losses in the order of their steps, never more than fit on a screen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Curve {
    points: Vec<LossPoint>,
}

impl Curve {
    /// All points, in order.
    pub(crate) fn points(&self) -> &[LossPoint] {
        &self.points
    }

    /// The newest.
    pub(crate) fn last(&self) -> Option<&LossPoint> {
        self.points.last()
    }

    /// The point nearest to this step.
    pub(crate) fn nearest(&self, step: f64) -> Option<&LossPoint> {
        self.points
            .iter()
            .min_by(|a, b| (a.step - step).abs().total_cmp(&(b.step - step).abs()))
    }

    fn push(&mut self, point: LossPoint) {
        // A run that went back to a checkpoint has not made the steps after it.
        self.points.retain(|before| before.step < point.step);
        self.points.push(point);
        if self.points.len() > MOST_POINTS {
            self.points = self
                .points
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => LossPoint::middle(a, b),
                    rest => rest[0],
                })
                .collect();
        }
    }
}

/// The losses of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    /// On the training batches.
    pub(crate) training: Curve,
    /// On the held-out digits.
    pub(crate) held_out: Curve,
}

impl History {
    /// Notes what a report says.
    pub(crate) fn note(&mut self, step: u64, training: Option<&Losses>, held_out: Option<&Losses>) {
        for (curve, losses) in [
            (&mut self.training, training),
            (&mut self.held_out, held_out),
        ] {
            // What is not finite has no place on an axis; the run says so in words.
            if let Some(losses) = losses
                && losses.neg_elbo.is_finite()
            {
                curve.push(LossPoint::new(step, losses));
            }
        }
    }

    /// Whether nothing was noted.
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
    fn keeps_both_curves_and_finds_the_nearest() {
        let mut history = History::default();
        assert!(history.is_empty());
        history.note(10, Some(&losses(200.0)), None);
        history.note(20, Some(&losses(150.0)), Some(&losses(160.0)));
        history.note(30, Some(&losses(f64::NAN)), None);
        assert_eq!(history.training.points().len(), 2);
        assert_eq!(history.held_out.last().map(|point| point.kl), Some(3.0));
        assert_eq!(history.training.nearest(12.0).map(|p| p.step), Some(10.0));
    }

    #[test]
    fn going_back_forgets_the_steps_that_were_undone() {
        let mut history = History::default();
        for step in [10, 20, 30, 20] {
            history.note(step, Some(&losses(100.0)), None);
        }
        let steps: Vec<_> = history.training.points().iter().map(|p| p.step).collect();
        assert_eq!(steps, [10.0, 20.0]);
    }

    #[test]
    fn a_long_run_is_thinned_out_and_keeps_its_shape() {
        let mut history = History::default();
        for step in 0..5_000 {
            history.note(step, Some(&losses(step as f64)), None);
        }
        let points = history.training.points();
        assert!((MOST_POINTS / 2 - 1..=MOST_POINTS).contains(&points.len()));
        assert!(points.windows(2).all(|pair| pair[0].step < pair[1].step));
        assert!(points.iter().all(|p| (p.step - p.neg_elbo).abs() < 1e-9));
    }
}
