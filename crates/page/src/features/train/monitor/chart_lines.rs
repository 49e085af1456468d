//! The losses as lines: which are drawn, over which axes, along which path. No web types.

use crate::features::train::loss_history::{Curve, History, LossPoint};
use crate::ui::axis::Axis;

/// The drawing's own width and height; CSS stretches it.
pub(crate) const WIDTH: f64 = 1000.0;
/// See [`WIDTH`].
pub(crate) const HEIGHT: f64 = 400.0;

/// The first losses of fresh weights are so high that all later ones would be one flat line. From
/// so many points on, the first share of the run may leave the chart at the top.
const SETTLED_POINTS: usize = 12;
const OPENING: f64 = 0.05;

/// A part of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// −ELBO.
    NegElbo,
    /// The reconstruction term.
    Reconstruction,
    /// KL, over all dimensions.
    Kl,
}

impl Part {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::NegElbo, Self::Reconstruction, Self::Kl];

    /// Its class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::NegElbo => "neg-elbo",
            Self::Reconstruction => "reconstruction",
            Self::Kl => "kl",
        }
    }

    /// Its value at a point.
    pub(crate) fn of(self, point: &LossPoint) -> f64 {
        match self {
            Self::NegElbo => point.neg_elbo,
            Self::Reconstruction => point.reconstruction,
            Self::Kl => point.kl,
        }
    }
}

/// The axes of steps and of nats.
pub(crate) fn axes(history: &History) -> (Axis, Axis) {
    let all = || {
        history
            .training
            .points()
            .iter()
            .chain(history.held_out.points())
    };
    let steps = Axis::holding(all().map(|point| point.step).chain([0.0]));
    let settled = if history.training.points().len() < SETTLED_POINTS {
        0.0
    } else {
        steps.value(OPENING)
    };
    let nats = all()
        .filter(|point| point.step >= settled)
        .flat_map(|point| Part::ALL.map(|part| part.of(point)));
    (steps, Axis::holding(nats).with_zero_and_air())
}

/// The path of one part along a curve.
pub(crate) fn path(curve: &Curve, part: Part, (steps, nats): (Axis, Axis)) -> String {
    let mut path = String::with_capacity(curve.points().len() * 14);
    for (index, point) in curve.points().iter().enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        let (x, y) = (
            steps.place(point.step) * WIDTH,
            (1.0 - nats.place(part.of(point))) * HEIGHT,
        );
        path.push_str(&format!("{x:.1} {y:.1}"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Losses;

    fn history(neg_elbos: &[f64]) -> History {
        let mut history = History::default();
        for (step, &neg_elbo) in neg_elbos.iter().enumerate() {
            let losses = Losses {
                neg_elbo,
                reconstruction: neg_elbo - 10.0,
                kl_per_dimension: vec![10.0],
            };
            history.note(step as u64, Some(&losses), None);
        }
        history
    }

    #[test]
    fn a_path_goes_from_the_first_point_to_the_last() {
        let history = history(&[100.0, 50.0]);
        let axes = axes(&history);
        assert_eq!(axes.0, Axis { from: 0.0, to: 1.0 });
        assert_eq!(
            path(&history.training, Part::NegElbo, axes),
            "M0.0 22.6L1000.0 211.3"
        );
    }

    #[test]
    fn the_opening_does_not_flatten_the_rest() {
        let mut losses = vec![540.0, 300.0];
        losses.extend([120.0; 60]);
        let (_, nats) = axes(&history(&losses));
        assert!(nats.to < 140.0, "{nats:?}");
    }
}
