//! The axes and lines of the loss chart. No web types.

use crate::features::train::loss_history::{Curve, LossHistory, LossPoint};
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

/// The path of one term along a curve.
pub(crate) fn path(curve: &Curve, term: LossTerm, plot: &Plot) -> String {
    let points = curve.points().iter();
    plot.line(points.map(|point| (point.step, term.of(point))))
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
            history.record(step as u64, Some(&losses), None);
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
    fn plot_leaves_out_the_opening() {
        let mut losses = vec![540.0, 300.0];
        losses.extend([120.0; 60]);
        let nats = plot(&history(&losses)).y;
        assert!(nats.to < 140.0, "{nats:?}");
    }
}
