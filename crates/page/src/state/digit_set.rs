//! The digits that people have gathered for training.

use leptos::prelude::*;

/// Pixels of a digit: 28×28.
pub(crate) const PIXELS: usize = 28 * 28;

/// The set of digits, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DigitSet {
    /// `[n × 784]`, light ink on a dark ground.
    pixels: StoredValue<Vec<u8>>,
    count: RwSignal<usize>,
}

impl DigitSet {
    /// An empty set.
    pub(crate) fn new() -> Self {
        Self {
            pixels: StoredValue::new(Vec::new()),
            count: RwSignal::new(0),
        }
    }

    /// Number of digits.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// All pixels, `[n × 784]`, light ink on a dark ground.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        self.pixels.get_value()
    }

    /// Adds digits, `[n × 784]`.
    pub(crate) fn add(&self, pixels: &[u8]) {
        self.pixels
            .update_value(|all| all.extend_from_slice(pixels));
        self.count
            .set(self.pixels.with_value(|all| all.len() / PIXELS));
    }
}
