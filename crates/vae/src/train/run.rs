//! A training run: everything that changes from step to step, in one place.

use super::{
    Adam, GradientWorker, Objective, SettingError, TrainingImages, TrainingSpec, UnsuitedObjective,
    WeightAverage, gradient_graph,
    objective::{self, exact_step, importance_step, random_quantile_grid},
    step::Step,
};
use crate::{Condition, ElboSummary, KernelPath, LikelihoodOps as _, Noise, Vae, cpu};
use burn::{
    module::Module,
    tensor::{Device, ExecutionError},
};
use thiserror::Error;

/// Steps between two snapshots to which a run that diverges can be rolled back.
const SNAPSHOT_INTERVAL: u64 = 50;
/// Factor on the learning rate when a run diverges.
const DIVERGENCE_RATE_FACTOR: f64 = 0.3;
/// Weight of the newest batch in the running mean of a learned σ², or logarithm of a scale.
const SCALE_UPDATE_WEIGHT: f64 = 0.05;

/// A training run between two steps. It is saved with [`checkpoint`](Self::checkpoint) and restored with
/// [`resume`](Self::resume).
///
/// A learned σ ([`TrainingSpec::learn_sigma`]) follows its maximum-likelihood estimate,
/// σ² = mean squared error, which for one σ shared by all pixels has a closed form (the optimal σ of Rybkin, Daniilidis &
/// Levine 2021). It is a running mean over the batches, not a parameter with a gradient. The scales of a discretized
/// logistic, one for each channel, follow theirs by Fisher scoring.
#[derive(Debug, Clone)]
pub struct TrainingRun {
    pub(super) config: TrainingSpec,
    pub(super) device: Device,
    pub(super) state: State,
    pub(super) best: Option<Best>,
    /// The newest snapshot whose loss was checked.
    snapshot: Option<State>,
    /// The loss of the first batch, in nats per image; one far above it means divergence.
    pub(super) first_loss: Option<f64>,
}

/// Everything that a step changes.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) model: Vae,
    pub(super) adam: Adam,
    pub(super) average: WeightAverage,
}

impl State {
    /// Moves the scale of the likelihood towards the batch's maximum-likelihood estimate.
    fn learn_scale(&mut self, elbo: &ElboSummary) {
        let (likelihood, values) = (self.model.likelihood, self.model.input_size());
        let learned = likelihood.towards_ml_scale(elbo, values, SCALE_UPDATE_WEIGHT);
        self.model.likelihood = learned;
        self.average.set_likelihood(learned);
    }
}

/// The model with the lowest held-out loss.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) model: Vae,
    pub(super) step: u64,
    pub(super) neg_elbo: f64,
}

/// The measurements of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// Number of steps so far, including this one.
    pub step: u64,
    /// Images in the batch.
    pub images: usize,
    /// The batch's ELBO before the step.
    pub elbo: ElboSummary,
    /// The batch's mean of what the objective maximizes before the step, in nats per image: the ELBO, its bound L_K, or
    /// log p(x).
    pub objective: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
}

/// A step that failed.
#[derive(Debug, Clone, Error)]
pub enum TrainingError {
    /// The loss is not finite, or far above that of the first step. The run was rolled back to its last snapshot, with
    /// a lower learning rate.
    #[error(
        "training diverged in step {step} (loss {loss:.1}); it went back to step {back_to} with a learning rate of {learning_rate:.1e}"
    )]
    Diverged {
        /// The step whose loss showed it.
        step: u64,
        /// The loss of that step, in nats per image.
        loss: f64,
        /// The step to which the run was rolled back.
        back_to: u64,
        /// The peak learning rate from now on.
        learning_rate: f64,
    },
    /// The training set is empty.
    #[error("there are no images to train on")]
    NoImages,
    /// The model is conditional, but the images have no labels.
    #[error("the model is conditioned on one of {classes} classes, but the images have no labels")]
    NoLabels {
        /// The model's classes.
        classes: usize,
    },
    /// A setting is out of range.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The model can't be trained by the objective.
    #[error(transparent)]
    Objective(#[from] UnsuitedObjective),
    /// The device failed to compute or to return the values.
    #[error("the device failed: {0:?}")]
    Device(ExecutionError),
}

impl From<ExecutionError> for TrainingError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error)
    }
}

impl TrainingRun {
    /// A run that starts from `model`: randomly initialized ([`Vae::init`]), or pretrained
    /// and to be fine-tuned.
    ///
    /// # Errors
    /// [`TrainingError::Setting`] and [`TrainingError::Objective`].
    pub fn new(config: TrainingSpec, model: &Vae, device: &Device) -> Result<Self, TrainingError> {
        config.validate()?;
        objective::check(config.objective, model)?;
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
            snapshot: None,
            first_loss: None,
        })
    }

    /// Sets how the run's models compute; a new run computes as the model it starts from, a resumed one by default by
    /// [`KernelPath::Fused`].
    pub fn with_kernel_path(mut self, path: KernelPath) -> Self {
        let State {
            model,
            adam,
            average,
        } = self.state;
        self.state = State {
            model: model.with_kernel_path(path),
            adam: adam.with_kernel_path(path),
            average: average.with_kernel_path(path),
        };
        self.best = self.best.map(|best| Best {
            model: best.model.with_kernel_path(path),
            ..best
        });
        self
    }

    /// Runs one step. `progress` is the completed fraction of the run, from 0 to 1, by steps or by time, whichever ends
    /// it. It determines the learning rate.
    ///
    /// The loss is read back in each step. This waits for the device, which keeps a GPU's queue short, and detects a NaN
    /// at once.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`], after which the run can continue, [`TrainingError::NoImages`],
    /// [`TrainingError::NoLabels`] and [`TrainingError::Device`].
    pub async fn step(
        &mut self,
        images: &mut TrainingImages,
        progress: f64,
    ) -> Result<StepReport, TrainingError> {
        self.step_with(images, progress, None).await
    }

    /// As [`step`](Self::step), with a worker that computes half of the batch, on a CPU backend. The gradients of the two
    /// halves are added, so runs with and without a worker differ by rounding errors, which then grow. The future must
    /// be awaited to its end.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub async fn step_with(
        &mut self,
        images: &mut TrainingImages,
        progress: f64,
        worker: Option<&mut dyn GradientWorker>,
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
        let latent = self.state.model.latent_size();
        let objective = self.config.objective;
        let rows = match objective {
            Objective::ImportanceWeighted { samples } => n * samples,
            Objective::Elbo | Objective::Exact { .. } => n,
        };
        let eps = noise.normal([rows, latent], &self.device);
        let learning_rate = self.config.rate_at(step, progress);
        let before = self.snapshot_if_due(step);
        let State { model, adam, .. } = &mut self.state;
        let inputs = Step {
            x,
            condition: &condition,
            eps,
            beta: self.config.beta_at(step),
            learning_rate,
        };
        let (parts, value) = match objective {
            Objective::Elbo => (inputs.run(model, adam, worker).await, None),
            Objective::ImportanceWeighted { samples } => {
                let parts = importance_step(inputs, samples, model, adam);
                (parts.elbo, Some(parts.value))
            }
            Objective::Exact { side } => {
                let points = random_quantile_grid(side, latent, &mut noise);
                let parts = exact_step(inputs, &points, model, adam);
                (parts.elbo, Some(parts.value))
            }
        };
        self.state.average.update_from(&mut self.state.model);
        let weight = self.state.model.decoder.output.weight.val();
        if step.is_multiple_of(gradient_graph::CLEAR_INTERVAL)
            && cpu::uses_kernels(&weight, self.state.model.kernel_path())
        {
            gradient_graph::clear(&self.device);
        }
        drop(weight);
        let elbo = parts.summary().await?;
        let objective = match value {
            Some(value) => {
                let mean = value.mean().into_data_async().await?;
                mean.iter::<f64>().next().unwrap_or(f64::NAN)
            }
            None => -elbo.neg_elbo(),
        };
        if self.config.learn_sigma {
            self.state.learn_scale(&elbo);
        }
        if self.has_diverged(-objective) {
            return Err(self.roll_back(step, -objective, before));
        }
        self.first_loss.get_or_insert(-objective);
        // The loss is that of the weights before the step, so these are the ones that were checked.
        self.snapshot = before.or(self.snapshot.take());
        Ok(StepReport {
            step: self.steps(),
            images: n,
            elbo,
            objective,
            learning_rate,
        })
    }

    /// The state before step `step` if a snapshot is due. Not in each step, because a CPU backend can update weights in
    /// place only while no snapshot shares them.
    fn snapshot_if_due(&self, step: u64) -> Option<State> {
        let due = self.snapshot.is_none() || step.is_multiple_of(SNAPSHOT_INTERVAL);
        due.then(|| self.state.clone())
    }

    fn has_diverged(&self, loss: f64) -> bool {
        let first = self.first_loss.unwrap_or(loss);
        // Gaussian likelihoods are densities, and the loss may be negative.
        !loss.is_finite() || loss > first + 2.0 * first.abs() + 1000.0
    }

    fn roll_back(&mut self, step: u64, loss: f64, before: Option<State>) -> TrainingError {
        // Without a snapshot the run diverged in its first step.
        if let Some(state) = self.snapshot.clone().or(before) {
            self.state = state;
        }
        self.config.learning_rate *= DIVERGENCE_RATE_FACTOR;
        TrainingError::Diverged {
            step,
            loss,
            back_to: self.steps(),
            learning_rate: self.config.learning_rate,
        }
    }

    /// Keeps the averaged model as the best one if its held-out −ELBO, in nats per image, is the lowest so far. Returns
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

    /// The best model so far: that with the lowest held-out loss if any was measured, otherwise the averaged one.
    pub fn best(&self) -> &Vae {
        self.best
            .as_ref()
            .map_or_else(|| self.averaged(), |best| &best.model)
    }

    /// The step and the held-out −ELBO of the best model, in nats per image.
    pub fn best_found(&self) -> Option<(u64, f64)> {
        self.best.as_ref().map(|best| (best.step, best.neg_elbo))
    }

    /// The average of the newest weights; it records no gradients.
    pub fn averaged(&self) -> &Vae {
        self.state.average.model()
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u64 {
        self.state.adam.steps()
    }

    /// The settings, with a lower learning rate than at the start if the run has diverged.
    pub fn config(&self) -> &TrainingSpec {
        &self.config
    }
}

impl TrainingRun {
    /// A run in a saved state.
    pub(super) fn from_state(
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
            snapshot: None,
            first_loss,
        }
    }
}
