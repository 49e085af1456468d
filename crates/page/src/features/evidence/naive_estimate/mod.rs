//! The naive estimate, p(x) ≈ 1/n Σ p(x|zᵢ) with zᵢ from the prior (notes, section 4.1), as it goes on.
pub(crate) mod card;
pub(crate) mod chart;
pub(crate) mod chart_lines;

use estimate::LogSum;

/// No more samples than this are drawn: what is not found by then is not found.
pub(crate) const MAX_SAMPLES: usize = 1_000_000;
/// How much larger n is from one point of the course to the next.
const RATIO: f64 = 1.12;

/// The estimate after n samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) n: usize,
    /// log (1/n Σ p(x|zᵢ)), in nats.
    pub(crate) value: f64,
    /// The relative standard error of 1/n Σ p(x|zᵢ).
    pub(crate) error: f64,
    /// As many samples of equal weight would say as much.
    pub(crate) effective: f64,
}

impl Estimate {
    /// Two standard errors to either side, in nats. Below, there may be no bound at all.
    pub(crate) fn band(&self) -> [f64; 2] {
        let below = 1.0 - 2.0 * self.error;
        let low = if below > 0.0 {
            below.ln()
        } else {
            f64::NEG_INFINITY
        };
        [self.value + low, self.value + (2.0 * self.error).ln_1p()]
    }
}

/// The running sum and its course.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct NaiveEstimate {
    sum: LogSum,
    course: Vec<Estimate>,
}

impl NaiveEstimate {
    /// This, and more samples: their log p(x|z).
    pub(crate) fn and(&self, logs: &[f64]) -> Self {
        let mut next = self.clone();
        for &log in logs {
            next.sum.add(log);
            let n = next.sum.count();
            let last = next.course.last().map_or(0.0, |estimate| estimate.n as f64);
            if n as f64 >= last * RATIO {
                next.course.push(next.estimate());
            }
        }
        next
    }

    /// Samples so far.
    pub(crate) fn count(&self) -> usize {
        self.sum.count()
    }

    /// The estimate now; none without samples.
    pub(crate) fn now(&self) -> Option<Estimate> {
        (self.count() > 0).then(|| self.estimate())
    }

    /// The estimates on the way, at n that are evenly spread on a scale of log n, and now.
    pub(crate) fn course(&self) -> impl Iterator<Item = Estimate> + '_ {
        let now = self.now();
        let last = self.course.last().map(|estimate| estimate.n);
        let newest = now.filter(|now| Some(now.n) != last);
        self.course.iter().copied().chain(newest)
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            n: self.sum.count(),
            value: self.sum.log_mean(),
            error: self.sum.standard_error(),
            effective: self.sum.effective_sample_size(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_is_even_in_log_n_and_ends_now() {
        let mut naive = NaiveEstimate::default();
        assert_eq!(naive.now(), None);
        for _ in 0..10 {
            naive = naive.and(&[-5.0; 1_000]);
        }
        let course: Vec<_> = naive.course().collect();
        assert_eq!((course[0].n, naive.count()), (1, 10_000));
        assert_eq!(course.last().map(|estimate| estimate.n), Some(10_000));
        assert!(course.len() < 120, "{}", course.len());
        assert!(course.windows(2).all(|pair| pair[0].n < pair[1].n));
        let now = naive.now().expect("many");
        assert!((now.value + 5.0).abs() < 1e-9 && now.error < 1e-6);
        assert!((now.effective - 10_000.0).abs() < 1e-3);
    }

    #[test]
    fn one_lucky_sample_bounds_nothing_from_below() {
        let naive = NaiveEstimate::default().and(&[-500.0, -500.0, -90.0]);
        let [low, high] = naive.now().expect("three").band();
        assert_eq!(low, f64::NEG_INFINITY);
        assert!(high > -91.2 && high.is_finite(), "{high}");
    }
}
