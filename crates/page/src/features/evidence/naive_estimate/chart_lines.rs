//! The estimates over the number of samples: axes, lines and bands. No web types.
//!
//! The vertical axis shows asinh of the distance from log p(x) in nats: linear near log p(x), where the bounds are, and
//! logarithmic far below, where the naive estimate starts.

use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::importance_weights::ImportanceWeights;
use crate::features::evidence::naive_estimate::NaiveEstimate;
use crate::ui::chart::axis::Axis;
use crate::ui::chart::plot::Plot;

/// The chart's axes, and the value that the vertical one is relative to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NaivePlot {
    /// log₁₀ n, and the scaled distance from the reference.
    pub(crate) plot: Plot,
    /// log p(x) if it is known, otherwise the tightest bound, in nats.
    pub(crate) reference: f64,
}

impl NaivePlot {
    /// All values are in view, from the first sample on.
    pub(crate) fn new(estimates: &EvidenceEstimates) -> Self {
        let bounds = estimates.weights.bounds();
        let exact = estimates.exact.as_ref().map(|exact| exact.log_evidence);
        let tightest = bounds.last().map(|(_, bound)| bound.value);
        let reference = exact.or(tightest).unwrap_or(0.0);
        let values = bounds
            .iter()
            .map(|(_, bound)| bound.value)
            .chain(exact)
            .chain(estimates.naive.history().map(|estimate| estimate.value))
            .chain(estimates.naive.current().map(|estimate| estimate.band()[1]));
        let nats = Axis::spanning(values.map(|value| scaled(value - reference)));
        let max_samples = estimates
            .naive
            .count()
            .max(estimates.weights.count())
            .max(10);
        Self {
            plot: Plot {
                x: Axis {
                    from: 0.0,
                    to: (max_samples as f64).log10(),
                },
                y: nats.with_margin((0.08 * nats.length()).max(0.2)),
            },
            reference,
        }
    }

    /// Distances from the reference in nats at which the axis has ticks.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let magnitudes = (0..5).map(|power| 10_f64.powi(power));
        let ticks = magnitudes.flat_map(|magnitude| [-magnitude, magnitude]);
        let y = self.plot.y;
        ticks
            .chain([0.0])
            .filter(|tick| (0.0..=1.0).contains(&y.position(scaled(*tick))))
            .collect()
    }

    /// The position of a distance from the reference: 0 at the lower end of the axis, 1 at the upper end.
    pub(crate) fn position(&self, distance: f64) -> f64 {
        self.plot.y.position(scaled(distance))
    }

    /// A horizontal line at a value in nats.
    pub(crate) fn level(&self, value: f64) -> String {
        self.plot.level(self.height(value))
    }

    /// A value in nats on the scaled axis, or a finite one far off the axis in its place.
    fn height(&self, value: f64) -> f64 {
        self.plot.y.clamp_far(scaled(value - self.reference))
    }
}

/// The scale of the vertical axis.
fn scaled(distance: f64) -> f64 {
    distance.asinh()
}

/// The naive estimate.
pub(crate) fn naive(plot: &NaivePlot, naive: &NaiveEstimate) -> String {
    let history = naive.history();
    plot.plot
        .line(history.map(|estimate| (decade(estimate.n), plot.height(estimate.value))))
}

/// Two standard errors around the naive estimate.
pub(crate) fn naive_band(plot: &NaivePlot, naive: &NaiveEstimate) -> String {
    band(
        plot,
        naive.history().map(|estimate| {
            let [low, high] = estimate.band();
            (estimate.n, low, high)
        }),
    )
}

/// The importance-weighted bounds over K.
pub(crate) fn bounds(plot: &NaivePlot, weights: &ImportanceWeights) -> String {
    let bounds = weights.bounds();
    let points = bounds.iter();
    plot.plot
        .line(points.map(|(k, bound)| (decade(*k), plot.height(bound.value))))
}

/// Two standard errors around the bounds.
pub(crate) fn bounds_band(plot: &NaivePlot, weights: &ImportanceWeights) -> String {
    let bounds = weights.bounds();
    let finite = bounds
        .iter()
        .filter(|(_, bound)| bound.standard_error.is_finite());
    band(
        plot,
        finite.map(|(k, bound)| {
            let radius = 2.0 * bound.standard_error;
            (*k, bound.value - radius, bound.value + radius)
        }),
    )
}

fn band(plot: &NaivePlot, points: impl Iterator<Item = (usize, f64, f64)>) -> String {
    let points: Vec<_> = points
        .map(|(n, low, high)| (decade(n), plot.height(low), plot.height(high)))
        .collect();
    plot.plot.band(&points)
}

fn decade(n: usize) -> f64 {
    (n.max(1) as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn estimates() -> EvidenceEstimates {
        let logs: Vec<f64> = (0..100).map(|i| -100.0 - f64::from(i % 5)).collect();
        EvidenceEstimates {
            weights: Arc::new(ImportanceWeights::default().with_samples(&logs, &logs)),
            naive: Arc::new(NaiveEstimate::default().with_samples(&[-400.0, -99.0])),
            ..EvidenceEstimates::default()
        }
    }

    #[test]
    fn plot_shows_the_bounds_and_the_naive_estimate_from_the_first_sample_on() {
        let estimates = estimates();
        let plot = NaivePlot::new(&estimates);
        assert_eq!(plot.plot.x, Axis { from: 0.0, to: 2.0 });
        let tightest = estimates
            .weights
            .bounds()
            .last()
            .map(|(_, bound)| bound.value);
        assert_eq!(Some(plot.reference), tightest);
        for value in [-400.0, -104.0, -99.0] {
            let position = plot.position(value - plot.reference);
            assert!((0.0..=1.0).contains(&position), "{value}: {position}");
        }
        assert!(plot.ticks().contains(&-100.0) && plot.ticks().contains(&-1.0));
        let bounds = bounds(&plot, &estimates.weights);
        assert!(bounds.starts_with("M0.0 "), "{bounds}");
        let history = naive(&plot, &estimates.naive);
        let first: f64 = history["M0.0 ".len()..]
            .split('L')
            .next()
            .and_then(|y| y.parse().ok())
            .expect("a first point");
        assert!((0.0..=400.0).contains(&first), "{history}");
        assert!(naive_band(&plot, &estimates.naive).ends_with('Z'));
        assert!(!bounds_band(&plot, &estimates.weights).is_empty());
    }

    #[test]
    fn plot_is_relative_to_the_exact_value_if_it_is_known() {
        let mut estimates = estimates();
        estimates.exact = Some(Arc::new(protocol::evidence::Quadrature {
            log_evidence: -98.5,
            error: 0.0,
            gap: 1.0,
            mean: [0.0; 2],
            standard_deviation: [1.0; 2],
            cells: Vec::new(),
        }));
        let plot = NaivePlot::new(&estimates);
        assert_eq!(plot.reference, -98.5);
        let expected = format!("M0 {:.1}H1000", (1.0 - plot.position(0.0)) * 400.0);
        assert_eq!(plot.level(-98.5), expected);
    }

    #[test]
    fn lines_are_empty_without_samples() {
        let estimates = EvidenceEstimates::default();
        let plot = NaivePlot::new(&estimates);
        assert!(naive(&plot, &estimates.naive).is_empty());
        assert!(bounds_band(&plot, &estimates.weights).is_empty());
        assert!(plot.plot.y.to > plot.plot.y.from);
    }
}
