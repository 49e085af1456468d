//! The size of batches: large enough to be efficient, small enough that an urgent decode never waits long.

/// The target duration of a batch in milliseconds, for which an urgent decode may have to wait.
const TARGET_MS: f64 = 10.0;
/// The smallest and the largest batch.
const LIMITS: [usize; 2] = [4, 512];
/// Batches that the estimate is based on.
const RECENT: usize = 4;

/// Chooses the size of the next batch from the durations of the previous ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchSizer {
    size: usize,
    /// Milliseconds per image of the last batches.
    recent: [f64; RECENT],
}

/// Starts with a small batch.
impl Default for BatchSizer {
    fn default() -> Self {
        Self {
            size: 16,
            recent: [f64::INFINITY; RECENT],
        }
    }
}

impl BatchSizer {
    /// Images in the next batch.
    pub fn size(self) -> usize {
        self.size
    }

    /// Records that `count` images took this many milliseconds, from request to result.
    pub fn record(&mut self, count: usize, took: f64) {
        self.recent.rotate_left(1);
        self.recent[RECENT - 1] = took.max(0.1) / count.max(1) as f64;
        // The fastest of the recent batches: painting or other load can delay a batch, and small batches have a large
        // overhead per image, so the minimum is the best estimate.
        let each = self.recent.into_iter().fold(f64::INFINITY, f64::min);
        let fitting = (TARGET_MS / each) as usize;
        let [least, most] = LIMITS;
        // Limits the change per batch.
        self.size = fitting
            .clamp(self.size / 2, self.size.max(count) * 2)
            .clamp(least, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_sizer_approaches_the_target_duration() {
        // A tenth of a millisecond per image, and an overhead of one.
        let took = |count: usize| 1.0 + 0.1 * count as f64;
        let mut sizer = BatchSizer::default();
        for _ in 0..8 {
            sizer.record(sizer.size(), took(sizer.size()));
        }
        assert!((80..=95).contains(&sizer.size()), "{sizer:?}");
    }

    #[test]
    fn batch_sizer_ignores_outliers_and_follows_lasting_changes() {
        let mut sizer = BatchSizer::default();
        for _ in 0..8 {
            sizer.record(sizer.size(), 0.1 * sizer.size() as f64);
        }
        let count = sizer.size();
        assert!((95..=100).contains(&count), "{sizer:?}");
        sizer.record(count, 1_000.0);
        sizer.record(4, 2.0);
        assert_eq!(sizer.size(), count);
        for _ in 0..RECENT {
            sizer.record(count, 40.0);
        }
        assert!((20..=count / 2).contains(&sizer.size()), "{sizer:?}");
    }

    #[test]
    fn batch_sizer_at_most_halves_or_doubles() {
        let mut sizer = BatchSizer::default();
        sizer.record(16, 1_000.0);
        assert_eq!(sizer.size(), 8);
        sizer.record(8, 0.0);
        assert_eq!(sizer.size(), 16);
    }

    #[test]
    fn batch_sizer_stays_within_its_limits() {
        let mut sizer = BatchSizer::default();
        for _ in 0..20 {
            sizer.record(sizer.size(), 0.0);
        }
        assert_eq!(sizer.size(), LIMITS[1]);
        for _ in 0..20 {
            sizer.record(sizer.size(), 1e6);
        }
        assert_eq!(sizer.size(), LIMITS[0]);
    }
}
