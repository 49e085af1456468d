//! Means and speed of recent steps.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use protocol::Losses;
use std::collections::VecDeque;
use vae::{ElboSummary, train::StepReport};
use web_time::Instant;

/// Seconds over which the speed is measured.
const SPEED_WINDOW: f64 = 2.0;

/// The steps since the last report, and the times of those within [`SPEED_WINDOW`].
#[derive(Debug, Default)]
pub(super) struct RecentSteps {
    sum: Option<(ElboSummary, f64)>,
    /// The sum of the batches' objectives.
    objective: f64,
    learning_rate: f64,
    times: VecDeque<(Instant, usize)>,
}

impl RecentSteps {
    /// Records a step.
    pub(super) fn add(&mut self, step: &StepReport) {
        self.learning_rate = step.learning_rate;
        self.times.push_back((Instant::now(), step.images));
        while let Some((time, _)) = self.times.front() {
            if time.elapsed().as_secs_f64() <= SPEED_WINDOW || self.times.len() <= 2 {
                break;
            }
            self.times.pop_front();
        }
        self.objective += step.objective;
        let sum = match self.sum.take() {
            None => (step.elbo.clone(), 1.0),
            Some((mut sum, count)) => {
                sum.reconstruction += step.elbo.reconstruction;
                for (sum, kl) in sum
                    .kl_per_dimension
                    .iter_mut()
                    .zip(&step.elbo.kl_per_dimension)
                {
                    *sum += kl;
                }
                (sum, count + 1.0)
            }
        };
        self.sum = Some(sum);
    }

    /// Means over the batches since the last call: of the terms of the ELBO, and of the objective.
    pub(super) fn take_mean(&mut self) -> Option<(Losses, f64)> {
        let objective = std::mem::take(&mut self.objective);
        self.sum.take().map(|(mut sum, count)| {
            sum.reconstruction /= count;
            sum.kl_per_dimension.iter_mut().for_each(|kl| *kl /= count);
            (losses(&sum), objective / count)
        })
    }

    /// The learning rate of the last step.
    pub(super) fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Steps and images per second.
    pub(super) fn speed(&self) -> (f64, f64) {
        let (Some((first, _)), Some((last, _))) = (self.times.front(), self.times.back()) else {
            return (0.0, 0.0);
        };
        let seconds = last.duration_since(*first).as_secs_f64();
        if seconds <= 0.0 {
            return (0.0, 0.0);
        }
        let images: usize = self.times.iter().skip(1).map(|(_, images)| images).sum();
        let steps = self.times.len() - 1;
        (steps as f64 / seconds, images as f64 / seconds)
    }
}

/// The terms of the ELBO as they are reported.
pub(super) fn losses(elbo: &ElboSummary) -> Losses {
    Losses {
        neg_elbo: elbo.neg_elbo(),
        reconstruction: -elbo.reconstruction,
        kl_per_dimension: elbo.kl_per_dimension.clone(),
    }
}
