//! The estimates over the number of samples: axes, lines and bands. No web types.

use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::importance_weights::ImportanceWeights;
use crate::features::evidence::naive_estimate::NaiveEstimate;
use crate::ui::chart::axis::Axis;
use crate::ui::chart::plot::Plot;

/// The axes of log₁₀ n and of nats. All bounds are in view; the naive estimate, which starts far lower, enters at
/// the bottom.
pub(crate) fn plot(estimates: &EvidenceEstimates) -> Plot {
    let bounds = estimates.weights.bounds();
    let values = bounds
        .iter()
        .map(|(_, bound)| bound.value)
        .chain(estimates.exact.iter().map(|exact| exact.log_evidence))
        .chain(estimates.naive.current().map(|estimate| estimate.value));
    let nats = Axis::spanning(values);
    let max_samples = estimates
        .naive
        .count()
        .max(estimates.weights.count())
        .max(10);
    Plot {
        x: Axis {
            from: 0.0,
            to: (max_samples as f64).log10(),
        },
        y: nats.with_margin((0.15 * nats.length()).max(0.5)),
    }
}

/// The naive estimate.
pub(crate) fn naive(plot: &Plot, naive: &NaiveEstimate) -> String {
    let history = naive.history();
    plot.line(history.map(|estimate| (decade(estimate.n), plot.y.clamp_far(estimate.value))))
}

/// Two standard errors around the naive estimate.
pub(crate) fn naive_band(plot: &Plot, naive: &NaiveEstimate) -> String {
    band(
        plot,
        naive.history().map(|estimate| {
            let [low, high] = estimate.band();
            (estimate.n, low, high)
        }),
    )
}

/// The importance-weighted bounds over K.
pub(crate) fn bounds(plot: &Plot, weights: &ImportanceWeights) -> String {
    let bounds = weights.bounds();
    let points = bounds.iter();
    plot.line(points.map(|(k, bound)| (decade(*k), plot.y.clamp_far(bound.value))))
}

/// Two standard errors around the bounds.
pub(crate) fn bounds_band(plot: &Plot, weights: &ImportanceWeights) -> String {
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

fn band(plot: &Plot, points: impl Iterator<Item = (usize, f64, f64)>) -> String {
    let points: Vec<_> = points
        .map(|(n, low, high)| (decade(n), plot.y.clamp_far(low), plot.y.clamp_far(high)))
        .collect();
    plot.band(&points)
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
            exact: None,
        }
    }

    #[test]
    fn plot_shows_the_bounds_and_clamps_what_is_far_below() {
        let estimates = estimates();
        let plot = plot(&estimates);
        assert_eq!(plot.x, Axis { from: 0.0, to: 2.0 });
        assert!(plot.y.from > -110.0 && plot.y.to < -95.0, "{plot:?}");
        let bounds = bounds(&plot, &estimates.weights);
        assert!(bounds.starts_with("M0.0 "), "{bounds}");
        let history = naive(&plot, &estimates.naive);
        assert!(history.starts_with("M0.0 1200.0L"), "{history}");
        assert!(naive_band(&plot, &estimates.naive).ends_with('Z'));
        assert!(!bounds_band(&plot, &estimates.weights).is_empty());
    }

    #[test]
    fn lines_are_empty_without_samples() {
        let estimates = EvidenceEstimates::default();
        let plot = plot(&estimates);
        assert!(naive(&plot, &estimates.naive).is_empty());
        assert!(bounds_band(&plot, &estimates.weights).is_empty());
        assert!(plot.y.to > plot.y.from);
    }
}
