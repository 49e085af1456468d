//! What a training run is told.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use thiserror::Error;

/// The settings of a training run. With the same settings, images and number of steps, a run gives
/// the same weights on a CPU backend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Images a step.
    pub batch: usize,
    /// Adam's learning rate at its highest.
    pub learning_rate: f64,
    /// Steps of the linear ramp up to it.
    pub ramp_steps: u64,
    /// The last learning rate as a share of the highest, reached along half a cosine; 1 keeps the
    /// rate constant.
    pub final_share: f64,
    /// β, the weight of the KL divergence in the loss (Higgins et al. 2017); 1 is the ELBO.
    pub beta: f64,
    /// Steps over which β grows from 0 (KL warm-up); 0 for none.
    pub warm_up_steps: u64,
    /// Whether the σ of a Gaussian likelihood follows the data; see [`TrainingRun`](super::TrainingRun).
    pub learn_sigma: bool,
    /// Largest shift of a training image, in pixels on each axis; 0 for none.
    pub shift: usize,
    /// Share of the images that are shifted, from 0 to 1.
    pub shift_share: f64,
    /// Share of the images that are turned, stretched and slanted a little, from 0 to 1.
    pub warp_share: f64,
    /// Whether each batch is binarized anew: pixels are drawn, 0 or 1, with their grey value as probability.
    #[serde(default)]
    pub binarize: bool,
    /// The share of the run after which images are neither shifted nor warped, from 0 to 1.
    pub augmented_until: f64,
    /// Decoupled weight decay (Loshchilov & Hutter 2019); 0 for none.
    pub weight_decay: f64,
    /// Share of the old average that each update of the averaged weights keeps; 0 for no average.
    pub average_decay: f64,
    /// Seed of order, shifts and noise.
    pub seed: u64,
}

/// A setting is out of range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{setting} is {value}; it must be {needed}")]
pub struct SettingError {
    /// Which setting.
    pub setting: &'static str,
    /// What it is.
    pub value: f64,
    /// What it may be.
    pub needed: &'static str,
}

impl TrainingConfig {
    /// Says whether a run can be made with these settings.
    ///
    /// # Errors
    /// For the first setting that is out of range.
    pub fn validate(&self) -> Result<(), SettingError> {
        let check = |setting, value: f64, fits: bool, needed| {
            if fits {
                Ok(())
            } else {
                Err(SettingError {
                    setting,
                    value,
                    needed,
                })
            }
        };
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let batch = self.batch as f64;
        let rate = self.learning_rate;
        check(
            "the batch",
            batch,
            (1..=4096).contains(&self.batch),
            "from 1 to 4096 images",
        )?;
        check(
            "the learning rate",
            rate,
            rate > 0.0 && rate <= 1.0,
            "above 0 and at most 1",
        )?;
        let last = self.final_share;
        check("the last rate's share", last, share(last), "from 0 to 1")?;
        check(
            "β",
            self.beta,
            (0.0..=1000.0).contains(&self.beta),
            "from 0 to 1000",
        )?;
        check(
            "the shift",
            self.shift as f64,
            self.shift <= 8,
            "at most 8 pixels",
        )?;
        let shifted = self.shift_share;
        check(
            "the share of shifted images",
            shifted,
            share(shifted),
            "from 0 to 1",
        )?;
        let warped = self.warp_share;
        check(
            "the share of warped images",
            warped,
            share(warped),
            "from 0 to 1",
        )?;
        let until = self.augmented_until;
        check(
            "the end of the augmentation",
            until,
            share(until),
            "from 0 to 1",
        )?;
        let weight_decay = self.weight_decay;
        check(
            "the weight decay",
            weight_decay,
            share(weight_decay),
            "from 0 to 1",
        )?;
        let decay = self.average_decay;
        check(
            "the average's decay",
            decay,
            (0.0..1.0).contains(&decay),
            "from 0 up to, not including, 1",
        )
    }

    /// The learning rate of step `step`, counted from 0, when `progress` of the run, from 0 to 1,
    /// is done.
    pub fn rate_at(&self, step: u64, progress: f64) -> f64 {
        let ramp = ((step + 1) as f64 / self.ramp_steps.max(1) as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (PI * progress.clamp(0.0, 1.0)).cos());
        self.learning_rate * ramp * (self.final_share + (1.0 - self.final_share) * cosine)
    }

    /// β of step `step`, counted from 0.
    pub fn beta_at(&self, step: u64) -> f64 {
        if step < self.warm_up_steps {
            self.beta * step as f64 / self.warm_up_steps as f64
        } else {
            self.beta
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn config() -> TrainingConfig {
        TrainingConfig {
            batch: 16,
            learning_rate: 2.0e-3,
            ramp_steps: 4,
            final_share: 0.01,
            beta: 4.0,
            warm_up_steps: 10,
            learn_sigma: false,
            shift: 1,
            shift_share: 0.5,
            warp_share: 0.0,
            binarize: false,
            augmented_until: 1.0,
            weight_decay: 0.0,
            average_decay: 0.99,
            seed: 1,
        }
    }

    #[test]
    fn the_rate_ramps_and_falls_and_beta_grows() {
        let config = config();
        assert_eq!(config.rate_at(0, 0.0), 0.5e-3);
        assert_eq!(config.rate_at(3, 0.0), 2.0e-3);
        assert!((config.rate_at(99, 0.5) - 1.01e-3).abs() < 1e-12);
        assert!((config.rate_at(99, 1.0) - 2.0e-5).abs() < 1e-12);
        assert!((config.rate_at(99, 7.0) - 2.0e-5).abs() < 1e-12);
        assert_eq!(config.beta_at(0), 0.0);
        assert_eq!(config.beta_at(5), 2.0);
        assert_eq!(config.beta_at(10), 4.0);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        assert_eq!(config().validate(), Ok(()));
        let with = |change: fn(&mut TrainingConfig)| {
            let mut config = config();
            change(&mut config);
            config.validate().expect_err("must be refused").to_string()
        };
        assert_eq!(
            with(|c| c.batch = 0),
            "the batch is 0; it must be from 1 to 4096 images"
        );
        assert!(with(|c| c.learning_rate = f64::NAN).starts_with("the learning rate is NaN"));
        assert!(with(|c| c.beta = -1.0).starts_with("β is -1"));
        assert!(with(|c| c.average_decay = 1.0).contains("not including"));
    }
}
