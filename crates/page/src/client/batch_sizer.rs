//! How many pictures are asked for at once, when many are wanted and one that is wanted more may come at any
//! time.

/// How long a batch may keep a picture for the stage waiting, in ms.
const BATCH_MS: f64 = 10.0;
/// The smallest and the largest batch.
const BATCH: [usize; 2] = [4, 512];
/// So many batches are remembered.
const RECENT: usize = 4;

/// The size of the next batch, by how long the ones before took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pace {
    count: usize,
    /// Milliseconds for each picture of the last batches.
    recent: [f64; RECENT],
}

impl Pace {
    /// Few at first.
    pub(crate) fn new() -> Self {
        Self {
            count: 16,
            recent: [f64::INFINITY; RECENT],
        }
    }

    /// So many pictures should take about as long as a batch may.
    pub(crate) fn count(self) -> usize {
        self.count
    }

    /// So many took so many milliseconds, from sending them off to having them.
    pub(crate) fn note(&mut self, count: usize, took: f64) {
        self.recent.rotate_left(1);
        self.recent[RECENT - 1] = took.max(0.1) / count.max(1) as f64;
        // The quickest of them: a batch may have waited for a frame to be painted, or a busy machine may have
        // held it up, and a small one takes its way for few pictures. Nothing makes one too quick.
        let each = self.recent.into_iter().fold(f64::INFINITY, f64::min);
        let fitting = (BATCH_MS / each) as usize;
        let [least, most] = BATCH;
        // No jumps, all the same.
        self.count = fitting
            .clamp(self.count / 2, self.count.max(count) * 2)
            .clamp(least, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_to_take_as_long_as_it_may() {
        // A tenth of a millisecond each, and one for the way.
        let took = |count: usize| 1.0 + 0.1 * count as f64;
        let mut pace = Pace::new();
        for _ in 0..8 {
            pace.note(pace.count(), took(pace.count()));
        }
        assert!((80..=95).contains(&pace.count()), "{pace:?}");
    }

    #[test]
    fn what_is_slow_once_or_small_says_nothing_and_what_stays_slow_does() {
        let mut pace = Pace::new();
        for _ in 0..8 {
            pace.note(pace.count(), 0.1 * pace.count() as f64);
        }
        let count = pace.count();
        assert!((95..=100).contains(&count), "{pace:?}");
        pace.note(count, 1_000.0);
        pace.note(4, 2.0);
        assert_eq!(pace.count(), count);
        for _ in 0..RECENT {
            pace.note(count, 40.0);
        }
        assert!((20..=count / 2).contains(&pace.count()), "{pace:?}");
    }

    #[test]
    fn it_changes_by_half_at_most() {
        let mut pace = Pace::new();
        pace.note(16, 1_000.0);
        assert_eq!(pace.count(), 8);
        pace.note(8, 0.0);
        assert_eq!(pace.count(), 16);
    }

    #[test]
    fn it_stays_within_its_limits() {
        let mut pace = Pace::new();
        for _ in 0..20 {
            pace.note(pace.count(), 0.0);
        }
        assert_eq!(pace.count(), BATCH[1]);
        for _ in 0..20 {
            pace.note(pace.count(), 1e6);
        }
        assert_eq!(pace.count(), BATCH[0]);
    }
}
