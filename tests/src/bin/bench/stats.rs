//! Order statistics of a list of times.

use serde::Serialize;

/// Order statistics of times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Stats {
    pub(crate) count: usize,
    pub(crate) min: f64,
    /// The lower quartile.
    pub(crate) lower: f64,
    pub(crate) median: f64,
    /// The upper quartile.
    pub(crate) upper: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Stats {
    /// `None` if there are no times.
    pub(crate) fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let (&min, &max) = (times.first()?, times.last()?);
        // Nearest-rank percentiles, which are always measured times.
        let at = |part: f64| {
            let rank = (part * times.len() as f64).ceil() as usize;
            times[rank.clamp(1, times.len()) - 1]
        };
        Some(Self {
            count: times.len(),
            min,
            lower: at(0.25),
            median: at(0.5),
            upper: at(0.75),
            p95: at(0.95),
            p99: at(0.99),
            max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stats;

    #[test]
    fn stats_use_nearest_rank_percentiles() {
        let stats = Stats::of((1..=100).rev().map(f64::from).collect()).unwrap();
        assert_eq!(stats.count, 100);
        assert_eq!((stats.min, stats.median), (1.0, 50.0));
        assert_eq!((stats.lower, stats.upper), (25.0, 75.0));
        assert_eq!((stats.p95, stats.p99, stats.max), (95.0, 99.0, 100.0));
        let one = Stats::of(vec![3.0]).unwrap();
        assert_eq!((one.median, one.p99), (3.0, 3.0));
        assert_eq!(Stats::of(vec![]), None);
    }
}
