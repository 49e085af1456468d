//! How many pictures are asked for at once, when many are wanted and one that is wanted more may come at any
//! time.

/// How long a batch may keep a picture for the stage waiting, in ms.
const BATCH_MS: f64 = 10.0;
/// The smallest and the largest batch.
const BATCH: [usize; 2] = [4, 256];

/// The size of the next batch, by how long the ones before took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace(usize);

impl Pace {
    /// Few at first.
    pub(crate) fn new() -> Self {
        Self(16)
    }

    /// So many pictures should take about as long as a batch may.
    pub(crate) fn count(self) -> usize {
        self.0
    }

    /// So many took so many milliseconds, from sending them off to having them.
    pub(crate) fn note(&mut self, count: usize, took: f64) {
        let fitting = (count as f64 * BATCH_MS / took.max(0.1)) as usize;
        let [least, most] = BATCH;
        // One that a busy machine held up says little: no jumps.
        self.0 = fitting
            .clamp(self.0 / 2, self.0.max(count) * 2)
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
    fn one_slow_batch_halves_it_and_no_more() {
        let mut pace = Pace(128);
        pace.note(128, 1_000.0);
        assert_eq!(pace.count(), 64);
        // The last batch of many may be a small one: it says nothing against large ones.
        let mut pace = Pace(128);
        pace.note(4, 1.0);
        assert_eq!(pace.count(), 64);
        pace.note(2, 0.0);
        assert!(pace.count() <= 128);
    }

    #[test]
    fn it_stays_within_its_limits() {
        let mut pace = Pace::new();
        for _ in 0..20 {
            pace.note(pace.count(), 0.0);
        }
        assert_eq!(pace.count(), 256);
        for _ in 0..20 {
            pace.note(pace.count(), 1e6);
        }
        assert_eq!(pace.count(), 4);
    }
}
