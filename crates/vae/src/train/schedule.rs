//! The learning rate over a run.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A linear ramp up to the peak, then half a cosine down to a share of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LearningRate {
    /// The highest rate.
    pub peak: f64,
    /// Steps of the ramp.
    pub ramp_steps: usize,
    /// Steps of the whole run, the ramp included.
    pub total_steps: usize,
    /// The last rate as a share of the peak.
    pub final_share: f64,
}

impl LearningRate {
    /// The rate of step `step`, counted from 0. Past the end it stays at the last rate.
    pub fn at(&self, step: usize) -> f64 {
        if step < self.ramp_steps {
            return self.peak * (step + 1) as f64 / self.ramp_steps as f64;
        }
        let rest = self.total_steps.saturating_sub(self.ramp_steps).max(1);
        let progress = ((step - self.ramp_steps) as f64 / rest as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (PI * progress).cos());
        self.peak * (self.final_share + (1.0 - self.final_share) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_peaks_and_falls() {
        let rate = LearningRate {
            peak: 2.0,
            ramp_steps: 4,
            total_steps: 104,
            final_share: 0.01,
        };
        assert_eq!(rate.at(0), 0.5);
        assert_eq!(rate.at(3), 2.0);
        assert_eq!(rate.at(4), 2.0);
        assert!((rate.at(54) - 1.01).abs() < 1e-9);
        assert!((rate.at(104) - 0.02).abs() < 1e-9);
        assert!((rate.at(10_000) - 0.02).abs() < 1e-9);
    }
}
