//! The axes and lines of the loss chart. No web types.

use crate::state::loss_history::{Curve, LossHistory, LossPoint};
use crate::ui::chart::axis::Axis;
use crate::ui::chart::plot::Plot;

/// The first losses of random weights are so high that the later part of the curve would look flat. From this number
/// of points on, the first [`OPENING`] of the run may exceed the top of the chart.
const SETTLED_POINTS: usize = 12;
/// Fraction of the steps.
const OPENING: f64 = 0.05;

/// A term of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LossTerm {
    /// −ELBO.
    NegElbo,
    /// The reconstruction term.
    Reconstruction,
    /// The KL term, summed over dimensions.
    Kl,
}

impl LossTerm {
    /// All terms.
    pub(crate) const ALL: [Self; 3] = [Self::NegElbo, Self::Reconstruction, Self::Kl];

    /// The CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::NegElbo => "neg-elbo",
            Self::Reconstruction => "reconstruction",
            Self::Kl => "kl",
        }
    }

    /// The value at a point.
    pub(crate) fn of(self, point: &LossPoint) -> f64 {
        match self {
            Self::NegElbo => point.neg_elbo,
            Self::Reconstruction => point.reconstruction,
            Self::Kl => point.kl,
        }
    }
}

/// The axes of steps and of nats.
pub(crate) fn plot(history: &LossHistory) -> Plot {
    let all = || {
        history
            .training
            .points()
            .iter()
            .chain(history.held_out.points())
    };
    let steps = Axis::spanning(all().map(|point| point.step).chain([0.0]));
    let settled = if history.training.points().len() < SETTLED_POINTS {
        0.0
    } else {
        steps.value(OPENING)
    };
    let nats = all()
        .filter(|point| point.step >= settled)
        .flat_map(|point| LossTerm::ALL.map(|term| term.of(point)));
    Plot {
        x: steps,
        y: Axis::spanning(nats).with_zero_and_margin(),
    }
}

/// The line of one term along a curve. Single batches are not on it: their noise is not that of the means.
pub(crate) fn path(curve: &Curve, term: LossTerm, plot: &Plot) -> String {
    let points = curve.points().iter();
    let means = points.filter(|point| !point.is_single_batch());
    plot.line(means.map(|point| (point.step, term.of(point))))
}

/// A dot of one term at each single batch of a curve.
pub(crate) fn dots(curve: &Curve, term: LossTerm, plot: &Plot) -> String {
    let points = curve.points().iter();
    let single = points.filter(|point| point.is_single_batch());
    plot.dots(single.map(|point| (point.step, term.of(point))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Losses;

    fn history(neg_elbos: &[f64]) -> LossHistory {
        let mut history = LossHistory::default();
        for (step, &neg_elbo) in neg_elbos.iter().enumerate() {
            let losses = Losses {
                neg_elbo,
                reconstruction: neg_elbo - 10.0,
                kl_per_dimension: vec![10.0],
            };
            history.record(step as u64, 10, Some(&losses), None);
        }
        history
    }

    #[test]
    fn path_goes_from_the_first_point_to_the_last() {
        let history = history(&[100.0, 50.0]);
        let plot = plot(&history);
        assert_eq!(plot.x, Axis { from: 0.0, to: 1.0 });
        assert_eq!(
            path(&history.training, LossTerm::NegElbo, &plot),
            "M0.0 22.6L1000.0 211.3"
        );
    }

    #[test]
    fn single_batches_are_dots_and_not_on_the_line() {
        let mut history = history(&[100.0, 50.0]);
        let losses = Losses {
            neg_elbo: 75.0,
            reconstruction: 65.0,
            kl_per_dimension: vec![10.0],
        };
        let line = path(&history.training, LossTerm::NegElbo, &plot(&history));
        history.record(1, 1, Some(&losses), None);
        history.record(2, 1, Some(&losses), None);
        let plot = plot(&history);
        assert_eq!(plot.x.to, 2.0);
        assert_eq!(line.matches('L').count(), 1);
        assert_eq!(
            path(&history.training, LossTerm::NegElbo, &plot),
            "M0.0 22.6"
        );
        let dots = dots(&history.training, LossTerm::NegElbo, &plot);
        assert_eq!(dots.matches('M').count(), 2);
        assert_eq!(dots.matches("h0").count(), 2);
    }

    #[test]
    fn plot_leaves_out_the_opening() {
        let mut losses = vec![540.0, 300.0];
        losses.extend([120.0; 60]);
        let nats = plot(&history(&losses)).y;
        assert!(nats.to < 140.0, "{nats:?}");
    }
}
