//! The estimates over the number of samples: axes, lines and bands. No web types.

use crate::features::evidence::findings::Findings;
use crate::features::evidence::importance_weights::Weights;
use crate::features::evidence::naive_estimate::Naive;
use crate::ui::axis::Axis;

/// The drawing's own width and height; CSS stretches it.
pub(crate) const WIDTH: f64 = 1000.0;
/// See [`WIDTH`].
pub(crate) const HEIGHT: f64 = 400.0;

/// The axes of log₁₀ n and of nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axes {
    pub(crate) decades: Axis,
    pub(crate) nats: Axis,
}

impl Axes {
    /// Axes on which all bounds are seen. The naive estimate comes from far below: it enters at the bottom.
    pub(crate) fn of(findings: &Findings) -> Self {
        let bounds = findings.weights.bounds();
        let values = bounds
            .iter()
            .map(|(_, bound)| bound.value)
            .chain(findings.exact.iter().map(|exact| exact.log_evidence))
            .chain(findings.naive.now().map(|estimate| estimate.value));
        let nats = Axis::holding(values);
        let air = (0.15 * (nats.to - nats.from)).max(0.5);
        let most = findings.naive.count().max(findings.weights.count()).max(10);
        Self {
            decades: Axis {
                from: 0.0,
                to: (most as f64).log10(),
            },
            nats: Axis {
                from: nats.from - air,
                to: nats.to + air,
            },
        }
    }

    fn place(&self, n: f64, nats: f64) -> (f64, f64) {
        let x = self.decades.place(n.max(1.0).log10()) * WIDTH;
        // What is off the chart stays a little way off it, so that the browser need not think of −∞.
        let y = self.nats.place(nats).clamp(-2.0, 2.0);
        (x, (1.0 - y) * HEIGHT)
    }

    /// Through these points.
    pub(crate) fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (i, (n, nats)) in points.enumerate() {
            let (x, y) = self.place(n, nats);
            let to = if i == 0 { 'M' } else { 'L' };
            path += &format!("{to}{x:.1} {y:.1}");
        }
        path
    }

    /// A level, from side to side.
    pub(crate) fn level(&self, nats: f64) -> String {
        let (_, y) = self.place(1.0, nats);
        format!("M0 {y:.1}H{WIDTH}")
    }

    /// The naive estimate's course.
    pub(crate) fn course(&self, naive: &Naive) -> String {
        self.path(
            naive
                .course()
                .map(|estimate| (estimate.n as f64, estimate.value)),
        )
    }

    /// Two standard errors around it, as a closed path.
    pub(crate) fn naive_band(&self, naive: &Naive) -> String {
        self.band(naive.course().map(|estimate| {
            let [low, high] = estimate.band();
            (estimate.n as f64, low, high)
        }))
    }

    /// The importance-weighted bounds over K.
    pub(crate) fn bounds(&self, weights: &Weights) -> String {
        let bounds = weights.bounds();
        self.path(bounds.iter().map(|(k, bound)| (*k as f64, bound.value)))
    }

    /// Two standard errors around them.
    pub(crate) fn bounds_band(&self, weights: &Weights) -> String {
        let bounds = weights.bounds();
        let told = bounds
            .iter()
            .filter(|(_, bound)| bound.standard_error.is_finite());
        self.band(told.map(|(k, bound)| {
            let off = 2.0 * bound.standard_error;
            (*k as f64, bound.value - off, bound.value + off)
        }))
    }

    fn band(&self, points: impl Iterator<Item = (f64, f64, f64)>) -> String {
        let points: Vec<_> = points.collect();
        if points.is_empty() {
            return String::new();
        }
        let above = points.iter().map(|&(n, _, high)| (n, high));
        let below = points.iter().rev().map(|&(n, low, _)| (n, low));
        self.path(above.chain(below)) + "Z"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn findings() -> Findings {
        let logs: Vec<f64> = (0..100).map(|i| -100.0 - f64::from(i % 5)).collect();
        Findings {
            weights: Arc::new(Weights::default().and(&logs, &logs)),
            naive: Arc::new(Naive::default().and(&[-400.0, -99.0])),
            exact: None,
        }
    }

    #[test]
    fn bounds_are_on_the_chart_and_what_is_far_below_is_cut() {
        let findings = findings();
        let axes = Axes::of(&findings);
        assert_eq!(axes.decades, Axis { from: 0.0, to: 2.0 });
        assert!(axes.nats.from > -110.0 && axes.nats.to < -95.0, "{axes:?}");
        let bounds = axes.bounds(&findings.weights);
        assert!(bounds.starts_with("M0.0 "), "{bounds}");
        let course = axes.course(&findings.naive);
        assert!(course.starts_with("M0.0 1200.0L"), "{course}");
        assert!(axes.naive_band(&findings.naive).ends_with('Z'));
        assert!(!axes.bounds_band(&findings.weights).is_empty());
    }

    #[test]
    fn without_samples_there_are_no_lines() {
        let findings = Findings::default();
        let axes = Axes::of(&findings);
        assert!(axes.course(&findings.naive).is_empty());
        assert!(axes.bounds_band(&findings.weights).is_empty());
        assert!(axes.nats.to > axes.nats.from);
    }
}
