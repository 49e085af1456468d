//! How a model is trained.

use crate::Objective;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use thiserror::Error;

/// The hyperparameters of a training run and the conditions that end it. With the same specification, images and
/// number of steps, a run gives the same weights on a CPU backend.
///
/// Fields with a default may be missing from stored text: checkpoints of earlier versions hold the hyperparameters
/// only, and runs saved by browsers lack those that the page could not set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSpec {
    /// The name of the resulting model.
    #[serde(default)]
    pub name: String,
    /// What is maximized.
    #[serde(default)]
    pub objective: Objective,
    /// Images in a batch, from 1 to 4096. Each step takes one batch.
    pub batch: usize,
    /// Adam's learning rate at its highest, above 0 and at most 1.
    pub learning_rate: f64,
    /// Steps of the linear ramp up to [`learning_rate`](Self::learning_rate).
    #[serde(default = "ramp_steps")]
    pub ramp_steps: u64,
    /// The last learning rate as a share of the highest, reached along half a cosine; 1 keeps the
    /// rate constant.
    pub final_share: f64,
    /// β, the weight of the KL divergence in the loss (Higgins et al. 2017); 1 is the ELBO. Other objectives have no β:
    /// it must be 1, without warm-up.
    pub beta: f64,
    /// Steps over which β grows from 0 (KL warm-up); 0 for none.
    pub warm_up_steps: u64,
    /// Whether the σ of a Gaussian likelihood, or the scales of a discretized logistic, follow their maximum-likelihood
    /// estimate.
    pub learn_sigma: bool,
    /// Largest random shift of a training image, in pixels on each axis; 0 for none.
    pub shift: usize,
    /// Share of the images that are shifted, from 0 to 1.
    #[serde(default = "shift_share")]
    pub shift_share: f64,
    /// Share of the images that are randomly rotated, scaled and sheared, from 0 to 1.
    pub warp_share: f64,
    /// Whether each batch is binarized independently: each pixel is drawn, 0 or 1, with its grey value as probability.
    #[serde(default)]
    pub binarize: bool,
    /// The share of the run after which images are neither shifted nor warped, from 0 to 1.
    #[serde(default = "augmented_until")]
    pub augmented_until: f64,
    /// Decoupled weight decay (Loshchilov & Hutter 2019), from 0 to 1; 0 for none.
    #[serde(default)]
    pub weight_decay: f64,
    /// Decay of the exponential moving average of the weights, from 0 up to, not including, 1; 0 for no average.
    #[serde(default = "average_decay")]
    pub average_decay: f64,
    /// Seed of initial weights, order, augmentation and noise.
    pub seed: u64,
    /// Share of the images that is held out, from 0 to 0.5.
    #[serde(default)]
    pub held_out_share: f64,
    /// Ends the run after this many seconds of training, pauses excluded.
    #[serde(default)]
    pub max_seconds: Option<f64>,
    /// Ends the run after this many steps.
    #[serde(default)]
    pub max_steps: Option<u64>,
    /// Ends the run when the held-out loss has not improved for this many evaluations.
    #[serde(default)]
    pub patience: Option<u32>,
}

fn ramp_steps() -> u64 {
    100
}

fn shift_share() -> f64 {
    0.8
}

fn augmented_until() -> f64 {
    1.0
}

fn average_decay() -> f64 {
    0.998
}

impl Default for TrainingSpec {
    /// Plain training of the ELBO at a constant rate, without augmentation and without a limit.
    fn default() -> Self {
        Self {
            name: String::new(),
            objective: Objective::Elbo,
            batch: 128,
            learning_rate: 1e-3,
            ramp_steps: ramp_steps(),
            final_share: 1.0,
            beta: 1.0,
            warm_up_steps: 0,
            learn_sigma: false,
            shift: 0,
            shift_share: shift_share(),
            warp_share: 0.0,
            binarize: false,
            augmented_until: augmented_until(),
            // A run in the browser is too short for the weights to grow large, and a two-dimensional latent space
            // needs no regularization: in trials of 2,600 steps a decay of 0.01 cost half a nat.
            weight_decay: 0.0,
            average_decay: average_decay(),
            seed: 0,
            held_out_share: 0.0,
            max_seconds: None,
            max_steps: None,
            patience: None,
        }
    }
}

/// A hyperparameter is out of range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{setting} is {value}; it must be {needed}")]
pub struct SettingError {
    /// The name of the setting.
    pub setting: &'static str,
    /// Its value.
    pub value: f64,
    /// The values that are allowed.
    pub needed: &'static str,
}

impl TrainingSpec {
    /// Checks the hyperparameters. The conditions that end a run are checked where they are applied.
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
        self.validate_objective()?;
        let decay = self.average_decay;
        check(
            "the average's decay",
            decay,
            (0.0..1.0).contains(&decay),
            "from 0 up to, not including, 1",
        )
    }

    fn validate_objective(&self) -> Result<(), SettingError> {
        let (setting, value, fits, needed) = match self.objective {
            Objective::Elbo => return Ok(()),
            _ if self.beta != 1.0 => ("β", self.beta, false, "1 for this objective"),
            _ if self.warm_up_steps > 0 => {
                let steps = self.warm_up_steps as f64;
                ("the KL warm-up", steps, false, "0 for this objective")
            }
            Objective::ImportanceWeighted { samples } => {
                let fits = Objective::SAMPLES.contains(&samples);
                (
                    "the number of samples",
                    samples as f64,
                    fits,
                    "from 2 to 64",
                )
            }
            Objective::Exact { side } => {
                let fits = Objective::SIDES.contains(&side);
                ("the number of quantiles", side as f64, fits, "from 8 to 64")
            }
        };
        match fits {
            true => Ok(()),
            false => Err(SettingError {
                setting,
                value,
                needed,
            }),
        }
    }

    /// The learning rate of step `step`, counted from 0, when `progress` of the run, from 0 to 1,
    /// is done.
    pub fn rate_at(&self, step: u64, progress: f64) -> f64 {
        let ramp = ((step + 1) as f64 / self.ramp_steps.max(1) as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (PI * progress.clamp(0.0, 1.0)).cos());
        self.learning_rate * ramp * (self.final_share + (1.0 - self.final_share) * cosine)
    }

    /// Whether training images are shifted or warped at random.
    pub fn augments(&self) -> bool {
        let shifts = self.shift > 0 && self.shift_share > 0.0;
        (shifts || self.warp_share > 0.0) && self.augmented_until > 0.0
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

    fn spec() -> TrainingSpec {
        TrainingSpec {
            batch: 16,
            learning_rate: 2.0e-3,
            ramp_steps: 4,
            final_share: 0.01,
            beta: 4.0,
            warm_up_steps: 10,
            ..TrainingSpec::default()
        }
    }

    #[test]
    fn rate_at_ramps_and_decays_and_beta_at_grows() {
        let spec = spec();
        assert_eq!(spec.rate_at(0, 0.0), 0.5e-3);
        assert_eq!(spec.rate_at(3, 0.0), 2.0e-3);
        assert!((spec.rate_at(99, 0.5) - 1.01e-3).abs() < 1e-12);
        assert!((spec.rate_at(99, 1.0) - 2.0e-5).abs() < 1e-12);
        assert!((spec.rate_at(99, 7.0) - 2.0e-5).abs() < 1e-12);
        assert_eq!(spec.beta_at(0), 0.0);
        assert_eq!(spec.beta_at(5), 2.0);
        assert_eq!(spec.beta_at(10), 4.0);
    }

    #[test]
    fn augments_if_images_are_shifted_or_warped() {
        let with = |shift, shift_share, warp_share, augmented_until| {
            TrainingSpec {
                shift,
                shift_share,
                warp_share,
                augmented_until,
                ..spec()
            }
            .augments()
        };
        assert!(with(1, 0.8, 0.0, 1.0) && with(0, 0.8, 0.3, 1.0));
        assert!(!with(0, 0.8, 0.0, 1.0) && !with(1, 0.0, 0.0, 1.0) && !with(1, 0.8, 0.3, 0.0));
    }

    #[test]
    fn validate_names_the_setting_that_is_out_of_range() {
        assert_eq!(spec().validate(), Ok(()));
        let with = |change: fn(&mut TrainingSpec)| {
            let mut spec = spec();
            change(&mut spec);
            spec.validate().expect_err("must be rejected").to_string()
        };
        assert_eq!(
            with(|c| c.batch = 0),
            "the batch is 0; it must be from 1 to 4096 images"
        );
        assert!(with(|c| c.learning_rate = f64::NAN).starts_with("the learning rate is NaN"));
        assert!(with(|c| c.beta = -1.0).starts_with("β is -1"));
        let exact = Objective::Exact { side: 32 };
        let other = TrainingSpec {
            objective: exact,
            beta: 1.0,
            warm_up_steps: 0,
            ..spec()
        };
        assert_eq!(other.validate(), Ok(()));
        assert!(
            with(|c| c.objective = Objective::Exact { side: 32 }).contains("for this objective")
        );
        let few = TrainingSpec {
            objective: Objective::ImportanceWeighted { samples: 1 },
            ..other
        };
        let error = few.validate().expect_err("one sample").to_string();
        assert_eq!(error, "the number of samples is 1; it must be from 2 to 64");
        assert!(with(|c| c.average_decay = 1.0).contains("not including"));
    }

    #[test]
    fn training_spec_reads_checkpoints_of_earlier_versions() {
        let json = r#"{
            "batch": 256, "learning_rate": 0.003, "ramp_steps": 200, "final_share": 0.01, "beta": 1.0,
            "warm_up_steps": 0, "learn_sigma": false, "shift": 1, "shift_share": 0.5, "warp_share": 0.25,
            "augmented_until": 0.9, "weight_decay": 0.01, "average_decay": 0.999, "seed": 1
        }"#;
        let read: TrainingSpec = serde_json::from_str(json).expect("parses");
        let expected = TrainingSpec {
            batch: 256,
            learning_rate: 3e-3,
            ramp_steps: 200,
            final_share: 0.01,
            shift: 1,
            shift_share: 0.5,
            warp_share: 0.25,
            augmented_until: 0.9,
            weight_decay: 0.01,
            average_decay: 0.999,
            seed: 1,
            ..TrainingSpec::default()
        };
        assert_eq!(read, expected);
        let unknown = json.replace("\"seed\"", "\"momentum\": 0.9, \"seed\"");
        assert!(serde_json::from_str::<TrainingSpec>(&unknown).is_err());
    }

    #[test]
    fn training_spec_reads_runs_saved_by_earlier_versions() {
        let json = r#"{
            "name": "mine", "batch": 64, "learning_rate": 0.002, "final_share": 0.01, "beta": 1.0,
            "warm_up_steps": 100, "learn_sigma": true, "shift": 1, "warp_share": 0.3, "seed": 3,
            "held_out_share": 0.1, "max_seconds": 120.0, "max_steps": null, "patience": 20
        }"#;
        let read: TrainingSpec = serde_json::from_str(json).expect("parses");
        let expected = TrainingSpec {
            name: "mine".to_owned(),
            batch: 64,
            learning_rate: 2e-3,
            final_share: 0.01,
            warm_up_steps: 100,
            learn_sigma: true,
            shift: 1,
            warp_share: 0.3,
            seed: 3,
            held_out_share: 0.1,
            max_seconds: Some(120.0),
            patience: Some(20),
            ..TrainingSpec::default()
        };
        assert_eq!(read, expected);
    }
}
