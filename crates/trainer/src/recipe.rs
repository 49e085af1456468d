//! How each shipped model is trained: the numbers that its card repeats.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use vae::{Activation, Likelihood, VaeConfig, train::LearningRate};

/// Everything that decides what a run ends in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) architecture: VaeConfig,
    pub(crate) epochs: usize,
    pub(crate) batch: usize,
    pub(crate) peak_rate: f64,
    pub(crate) ramp_steps: usize,
    pub(crate) final_share: f64,
    /// Decay of the weights' running average.
    pub(crate) average_decay: f64,
    /// Shifts of the training images, in pixels.
    pub(crate) shift: usize,
    /// The share of the images that is shifted.
    pub(crate) shift_share: f64,
    /// Training images kept apart to choose the best checkpoint by.
    pub(crate) held_out: usize,
    pub(crate) seed: u64,
}

impl Recipe {
    /// The recipe of a shipped model.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let recipe = |latent_size, encoder_hidden: &[usize], decoder_hidden: &[usize]| Self {
            name: name.to_owned(),
            architecture: VaeConfig {
                input_size: 28 * 28,
                encoder_hidden: encoder_hidden.to_vec(),
                decoder_hidden: decoder_hidden.to_vec(),
                latent_size,
                activation: Activation::Gelu,
                likelihood: Likelihood::Bernoulli,
            },
            epochs: 160,
            batch: 256,
            peak_rate: 3e-3,
            ramp_steps: 200,
            final_share: 0.01,
            average_decay: 0.999,
            shift: 0,
            shift_share: 0.5,
            held_out: 1_000,
            seed: 1,
        };
        Ok(match name {
            "mnist-2d" => recipe(2, &[256, 128, 64], &[64, 128, 256]),
            // After 20 epochs without shifts, training images are 1.3 nats ahead of test images.
            "mnist-16d" => Self {
                shift: 1,
                ..recipe(16, &[256, 128], &[128, 256])
            },
            _ => bail!("there is no recipe \"{name}\"; the recipes are mnist-2d and mnist-16d"),
        })
    }

    /// The learning rate for a training set of `images`.
    pub(crate) fn learning_rate(&self, images: usize) -> LearningRate {
        LearningRate {
            peak: self.peak_rate,
            ramp_steps: self.ramp_steps,
            total_steps: self.epochs * self.steps_per_epoch(images),
            final_share: self.final_share,
        }
    }

    /// Steps in an epoch over `images`; a last batch that is not full is left out.
    pub(crate) fn steps_per_epoch(&self, images: usize) -> usize {
        (images / self.batch).max(1)
    }

    /// The command that repeats the run, for the card.
    pub(crate) fn command(&self) -> Result<String> {
        let named = Self::named(&self.name)?;
        let mut command = format!(
            "cargo run --release -p trainer -- train {} --data DIR",
            self.name
        );
        if self.epochs != named.epochs {
            command += &format!(" --epochs {}", self.epochs);
        }
        if self.seed != named.seed {
            command += &format!(" --seed {}", self.seed);
        }
        Ok(command)
    }

    /// The recipe in words, for the card.
    pub(crate) fn describe(&self) -> String {
        let shift = match self.shift {
            0 => String::new(),
            reach => format!(
                ", shifts of up to {reach} px for {} of the images",
                self.shift_share
            ),
        };
        format!(
            "Adam, batch {}, rate {} after a ramp of {} steps, cosine to {} of it, running average \
             of the weights with decay {}{shift}; best of the epochs on {} held-out training images",
            self.batch,
            self.peak_rate,
            self.ramp_steps,
            self.final_share,
            self.average_decay,
            self.held_out
        )
    }
}
