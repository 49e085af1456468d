//! A training run: everything that changes from step to step, in one place.

use super::{
    Adam, Helper, NoHelper, SettingError, TrainingImages, TrainingSpec, WeightAverage, step::Step,
};
use crate::{Condition, ElboSummary, LikelihoodOps as _, Noise, Vae};
use burn::{
    module::Module,
    tensor::{Device, ExecutionError},
};
use thiserror::Error;

/// Steps between two states to which a run that diverges can go back.
const SAFE_EVERY: u64 = 50;
/// By how much the rate falls when a run diverges.
const RATE_AFTER_DIVERGENCE: f64 = 0.3;
/// Share of the newest batch in a σ that is learnt.
const SIGMA_SHARE: f64 = 0.05;

/// A training run between two steps. What it has come to can be put away and taken up again with
/// [`checkpoint`](Self::checkpoint) and [`resume`](Self::resume).
///
/// A σ that is to be learnt ([`TrainingSpec::learn_sigma`]) follows its maximum-likelihood estimate,
/// σ² = mean squared error, which for a σ that all pixels share has a closed form (the optimal σ of
/// Rybkin, Daniilidis & Levine 2021). It is a running mean over the batches, not a weight: it has no
/// gradient.
#[derive(Debug, Clone)]
pub struct TrainingRun {
    pub(super) config: TrainingSpec,
    pub(super) device: Device,
    pub(super) state: State,
    pub(super) best: Option<Best>,
    /// The newest state whose loss was seen to be sound.
    safe: Option<State>,
    /// −ELBO of the first batch, in nats an image; what is far above it has diverged.
    pub(super) first_loss: Option<f64>,
}

/// What a step changes.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) model: Vae,
    pub(super) adam: Adam,
    pub(super) average: WeightAverage,
}

impl State {
    /// Moves the σ of a Gaussian likelihood towards the one under which the batch is likeliest.
    fn learn_sigma(&mut self, log_prob: f64) {
        let (likelihood, pixels) = (self.model.likelihood, self.model.input_size());
        let learnt = likelihood.towards_likeliest_sigma(log_prob, pixels, SIGMA_SHARE);
        self.model.likelihood = learnt;
        self.average.set_likelihood(learnt);
    }
}

/// The model with the lowest held-out loss.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) model: Vae,
    pub(super) step: u64,
    pub(super) neg_elbo: f64,
}

/// What one step saw.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: u64,
    /// Images in the batch.
    pub images: usize,
    /// The batch's ELBO before the step.
    pub elbo: ElboSummary,
    /// The learning rate of the step.
    pub learning_rate: f64,
}

/// A step that could not be made.
#[derive(Debug, Clone, Error)]
pub enum TrainingError {
    /// The loss is not finite or has left all bounds. The run stands at its last sound state, with
    /// a lower learning rate.
    #[error(
        "training diverged in step {step} (−ELBO {neg_elbo:.1}); it went back to step {back_to} with a learning rate of {learning_rate:.1e}"
    )]
    Diverged {
        /// The step that showed it.
        step: u64,
        /// −ELBO of that step, in nats an image.
        neg_elbo: f64,
        /// The step at which the run stands now.
        back_to: u64,
        /// The highest learning rate from now on.
        learning_rate: f64,
    },
    /// There is nothing to train on.
    #[error("there are no images to train on")]
    NoImages,
    /// The model is conditional, and the images have no labels.
    #[error("the model takes a label from {classes} classes with each image; the images have none")]
    NoLabels {
        /// The model's classes.
        classes: usize,
    },
    /// A setting is out of range.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The device could not compute or hand over the numbers.
    #[error("the device failed: {0:?}")]
    Device(ExecutionError),
}

impl From<ExecutionError> for TrainingError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error)
    }
}

impl TrainingRun {
    /// A run that starts from `model`: fresh weights ([`VaeConfig::init`](crate::VaeConfig::init))
    /// or pretrained ones, to be fine-tuned.
    ///
    /// # Errors
    /// [`TrainingError::Setting`].
    pub fn new(config: TrainingSpec, model: &Vae, device: &Device) -> Result<Self, TrainingError> {
        config.validate()?;
        let model = model.valid();
        Ok(Self {
            state: State {
                adam: Adam::new(&model).with_weight_decay(config.weight_decay),
                average: WeightAverage::new(&model, config.average_decay),
                model: model.train(),
            },
            device: device.clone().autodiff(),
            config,
            best: None,
            safe: None,
            first_loss: None,
        })
    }

    /// Makes one step. `progress` is the share of the run that is done, from 0 to 1, by whatever
    /// ends it: steps or time. It sets the learning rate.
    ///
    /// The loss is read back in each step. That waits for the device, and so keeps a GPU's queue
    /// short; and a loss that is no number never gets further than one step.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`] after which the run can go on, [`TrainingError::NoImages`],
    /// [`TrainingError::NoLabels`] and [`TrainingError::Device`].
    pub async fn step(
        &mut self,
        images: &mut TrainingImages,
        progress: f64,
    ) -> Result<StepReport, TrainingError> {
        self.step_with(images, progress, None::<&mut NoHelper>)
            .await
    }

    /// The same, with a helper that computes half of the batch, where the device's numbers lie in this program's
    /// memory. The gradients of the two halves are added: a run with a helper and one without differ in their
    /// last digits, and then in what becomes of them. To be awaited to its end.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub async fn step_with(
        &mut self,
        images: &mut TrainingImages,
        progress: f64,
        helper: Option<&mut impl Helper>,
    ) -> Result<StepReport, TrainingError> {
        if images.is_empty() {
            return Err(TrainingError::NoImages);
        }
        let step = self.steps();
        let mut noise = Noise::seeded(self.config.seed, step);
        let classes = self.state.model.classes();
        if classes > 0 && !images.has_labels() {
            return Err(TrainingError::NoLabels { classes });
        }
        let at = (step, progress);
        let (x, labels) = images.batch(&self.config, at, &mut noise, &self.device);
        let condition = Condition::of_labels(&labels, classes, &self.device);
        let n = x.dims()[0];
        let eps = noise.normal([n, self.state.model.latent_size()], &self.device);
        let learning_rate = self.config.rate_at(step, progress);
        let before = self.state_to_keep(step);
        let State { model, adam, .. } = &mut self.state;
        let to_make = Step {
            x,
            condition: &condition,
            eps,
            beta: self.config.beta_at(step),
            learning_rate,
        };
        let parts = to_make.make(model, adam, helper).await;
        self.state.average.update_from(&mut self.state.model);
        let elbo = parts.summary().await?;
        if self.config.learn_sigma {
            self.state.learn_sigma(elbo.reconstruction);
        }
        let neg_elbo = elbo.neg_elbo();
        if self.has_diverged(neg_elbo) {
            return Err(self.go_back(step, neg_elbo, before));
        }
        self.first_loss.get_or_insert(neg_elbo);
        // The loss belongs to the weights before the step: these are the ones known as sound.
        self.safe = before.or(self.safe.take());
        Ok(StepReport {
            step: self.steps(),
            images: n,
            elbo,
            learning_rate,
        })
    }

    /// The state before step `step` where it may be needed again. Not in each step: a CPU backend
    /// changes weights in place when nobody else has them.
    fn state_to_keep(&self, step: u64) -> Option<State> {
        let due = self.safe.is_none() || step.is_multiple_of(SAFE_EVERY);
        due.then(|| self.state.clone())
    }

    fn has_diverged(&self, neg_elbo: f64) -> bool {
        let first = self.first_loss.unwrap_or(neg_elbo);
        // Gaussian likelihoods are densities, and −ELBO may be negative.
        !neg_elbo.is_finite() || neg_elbo > first + 2.0 * first.abs() + 1000.0
    }

    fn go_back(&mut self, step: u64, neg_elbo: f64, before: Option<State>) -> TrainingError {
        // Without a sound state, the weights that gave this loss are the first: nothing to lose.
        if let Some(state) = self.safe.clone().or(before) {
            self.state = state;
        }
        self.config.learning_rate *= RATE_AFTER_DIVERGENCE;
        TrainingError::Diverged {
            step,
            neg_elbo,
            back_to: self.steps(),
            learning_rate: self.config.learning_rate,
        }
    }

    /// Offers the averaged model as the best one, with its held-out −ELBO in nats an image. Gives
    /// whether it is.
    pub fn offer_best(&mut self, neg_elbo: f64) -> bool {
        let better = neg_elbo.is_finite()
            && self
                .best
                .as_ref()
                .is_none_or(|best| neg_elbo < best.neg_elbo);
        if better {
            self.best = Some(Best {
                model: self.averaged().clone(),
                step: self.steps(),
                neg_elbo,
            });
        }
        better
    }

    /// The best model so far: that of the lowest held-out loss, where one was offered, otherwise the
    /// averaged one.
    pub fn best(&self) -> &Vae {
        self.best
            .as_ref()
            .map_or_else(|| self.averaged(), |best| &best.model)
    }

    /// The step and the held-out −ELBO of the best model.
    pub fn best_found(&self) -> Option<(u64, f64)> {
        self.best.as_ref().map(|best| (best.step, best.neg_elbo))
    }

    /// The average of the newest weights; it records no gradients.
    pub fn averaged(&self) -> &Vae {
        self.state.average.model()
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.state.adam.steps()
    }

    /// The settings; the learning rate is lower than at the start when the run has diverged.
    pub fn config(&self) -> &TrainingSpec {
        &self.config
    }
}

impl TrainingRun {
    /// A run that stands where another stopped.
    pub(super) fn standing_at(
        config: TrainingSpec,
        device: &Device,
        state: State,
        best: Option<Best>,
        first_loss: Option<f64>,
    ) -> Self {
        Self {
            config,
            device: device.clone().autodiff(),
            state,
            best,
            safe: None,
            first_loss,
        }
    }
}
