//! Checkpoints: a training run as bytes.

use super::{Adam, TrainingRun, TrainingSpec, WeightAverage, run::Best, run::State};
use crate::{
    Vae, VaeConfig,
    weights::{Parameter, StorageType, WeightsError, from_parameters, read_parameters},
    weights::{f32_values, to_safetensors},
};
use burn::{module::Module, tensor::Device};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;

/// Version of the format.
const FORMAT: u32 = 1;
/// The key of the run's state in the file's metadata.
const METADATA_KEY: &str = "elbo-room-run";

/// Prefixes of the parameters' names, one for each model in a checkpoint.
const MODEL: &str = "model.";
const FIRST_MOMENT: &str = "adam.first.";
const SECOND_MOMENT: &str = "adam.second.";
const AVERAGE: &str = "average.";
const BEST: &str = "best.";

/// The state of a run beside its tensors.
#[derive(Debug, Serialize, Deserialize)]
struct RunState {
    format: u32,
    architecture: VaeConfig,
    config: TrainingSpec,
    steps: u64,
    average_steps: usize,
    best: Option<(u64, f64)>,
    first_loss: Option<f64>,
}

/// Bytes that are not a valid checkpoint of this version.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CheckpointError {
    /// Not a safetensors file, or a truncated one.
    #[error("the checkpoint can't be read ({0})")]
    Unreadable(String),
    /// Another format version.
    #[error("the checkpoint has format {0}, but this version reads format {FORMAT}")]
    Format(u32),
    /// Missing or inconsistent contents.
    #[error("the checkpoint is invalid: {0}")]
    Invalid(String),
}

impl TrainingRun {
    /// Everything needed to resume: weights, moments of the optimizer, weight average, best model, settings and counters.
    ///
    /// # Errors
    /// [`WeightsError::Store`] when the device fails to return the values.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, WeightsError> {
        let mut models = vec![
            (MODEL, &self.state.model),
            (FIRST_MOMENT, self.state.adam.first_moment()),
            (SECOND_MOMENT, self.state.adam.second_moment()),
            (AVERAGE, self.state.average.model()),
        ];
        models.extend(self.best.as_ref().map(|best| (BEST, &best.model)));
        let mut named = Vec::new();
        for (prefix, model) in models {
            let parameters = read_parameters(model).await;
            let parameters = parameters.map_err(|e| WeightsError::Store {
                reason: e.to_string(),
            })?;
            named.extend(
                parameters
                    .into_iter()
                    .map(|parameter| (format!("{prefix}{}", parameter.name), parameter)),
            );
        }
        let run_state = RunState {
            format: FORMAT,
            architecture: self.averaged().config(),
            config: self.config.clone(),
            steps: self.steps(),
            average_steps: self.state.average.steps(),
            best: self.best_found(),
            first_loss: self.first_loss,
        };
        // Serializing plain data with string keys cannot fail.
        let run_state = serde_json::to_string(&run_state).unwrap_or_default();
        to_safetensors(
            named
                .iter()
                .map(|(name, parameter)| (name.as_str(), parameter)),
            StorageType::F32,
            Some(HashMap::from([(METADATA_KEY.to_owned(), run_state)])),
        )
    }

    /// The run that [`checkpoint`](Self::checkpoint) saved. On a CPU backend it continues exactly as without the
    /// interruption.
    ///
    /// # Errors
    /// See [`CheckpointError`]. All contents are validated, so untrusted bytes are safe.
    pub fn resume(bytes: &[u8], device: &Device) -> Result<Self, CheckpointError> {
        let invalid = |why: &dyn std::fmt::Display| CheckpointError::Invalid(why.to_string());
        let unreadable =
            |e: safetensors::SafeTensorError| CheckpointError::Unreadable(e.to_string());
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
        let run_state: RunState = header
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get(METADATA_KEY))
            .ok_or_else(|| invalid(&"it contains no training run"))
            .and_then(|json| serde_json::from_str(json).map_err(|e| invalid(&e)))?;
        if run_state.format != FORMAT {
            return Err(CheckpointError::Format(run_state.format));
        }
        run_state.config.validate().map_err(|e| invalid(&e))?;
        run_state.architecture.validate().map_err(|e| invalid(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(unreadable)?;
        let model = |prefix: &str| -> Result<Vae, CheckpointError> {
            let parameters = run_state
                .architecture
                .parameter_shapes()
                .into_iter()
                .map(|(name, shape)| {
                    let view = tensors
                        .tensor(&format!("{prefix}{name}"))
                        .map_err(|e| invalid(&e))?;
                    let values = f32_values(&name, &view).map_err(|e| invalid(&e))?;
                    if view.shape() != shape {
                        return Err(invalid(&format!("{name} has the shape {:?}", view.shape())));
                    }
                    Ok(Parameter {
                        name,
                        shape,
                        values,
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            from_parameters(&run_state.architecture, &parameters, device).map_err(|e| invalid(&e))
        };
        let state = State {
            adam: Adam::resumed(model(FIRST_MOMENT)?, model(SECOND_MOMENT)?, run_state.steps)
                .with_weight_decay(run_state.config.weight_decay),
            average: WeightAverage::resumed(
                model(AVERAGE)?,
                run_state.config.average_decay,
                run_state.average_steps,
            ),
            model: model(MODEL)?.train(),
        };
        let best = match run_state.best {
            Some((step, neg_elbo)) => Some(Best {
                model: model(BEST)?,
                step,
                neg_elbo,
            }),
            None => None,
        };
        Ok(Self::from_state(
            run_state.config,
            device,
            state,
            best,
            run_state.first_loss,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Activation, Condition, Likelihood,
        train::{TrainingError, TrainingImages},
    };
    use burn::tensor::{Tensor, read_sync};

    fn images() -> TrainingImages {
        TrainingImages::new(
            crate::ImageShape::grey(4, 5),
            (0..40 * 20).map(|i| (i * 37 % 256) as u8).collect(),
        )
    }

    fn run(learning_rate: f64) -> TrainingRun {
        run_with(learning_rate, 0)
    }

    fn run_with(learning_rate: f64, classes: usize) -> TrainingRun {
        let device = Device::flex();
        let architecture = VaeConfig {
            input_size: 20,
            convolution: None,
            network: None,
            encoder_hidden: vec![12],
            decoder_hidden: vec![10],
            latent_size: 2,
            classes,
            activation: Activation::Gelu,
            likelihood: Likelihood::Bernoulli,
        };
        let config = TrainingSpec {
            batch: 16,
            learning_rate,
            ramp_steps: 5,
            final_share: 0.1,
            beta: 1.0,
            warm_up_steps: 10,
            learn_sigma: false,
            shift: 1,
            shift_share: 0.5,
            warp_share: 0.25,
            binarize: false,
            augmented_until: 0.9,
            weight_decay: 0.01,
            average_decay: 0.9,
            seed: 4,
            ..TrainingSpec::default()
        };
        let model = Vae::init(&architecture, 7, &device).expect("valid");
        TrainingRun::new(config, &model, &device).expect("valid")
    }

    fn steps(run: &mut TrainingRun, count: usize) {
        let mut images = images();
        for _ in 0..count {
            read_sync(run.step(&mut images, 0.3)).expect("steps");
        }
    }

    fn decoded(run: &TrainingRun) -> Vec<f32> {
        let z = Tensor::ones([1, 2], &Device::flex());
        let means = run.averaged().decode(z, &Condition::none()).into_data();
        means.try_to_vec().expect("f32")
    }

    #[test]
    fn training_run_resumes_exactly() {
        let mut straight = run(1e-2);
        steps(&mut straight, 30);

        let mut first = run(1e-2);
        steps(&mut first, 17);
        assert!(first.offer_best(12.0) && !first.offer_best(f64::NAN) && !first.offer_best(13.0));
        let bytes = read_sync(first.checkpoint()).expect("writes");
        let mut resumed = TrainingRun::resume(&bytes, &Device::flex()).expect("reads");
        assert_eq!(
            (resumed.steps(), resumed.best_found()),
            (17, Some((17, 12.0)))
        );
        assert_eq!(decoded(&resumed), decoded(&first));
        steps(&mut resumed, 13);

        assert_eq!(decoded(&straight), decoded(&resumed));
        assert_ne!(decoded(&straight), decoded(&first));
    }

    #[test]
    fn training_run_resume_rejects_damaged_checkpoints() {
        let bytes = read_sync(run(1e-2).checkpoint()).expect("writes");
        let resume = |bytes: &[u8]| TrainingRun::resume(bytes, &Device::flex()).map(|_| ());
        assert_eq!(resume(&bytes), Ok(()));
        for length in [0, 7, 100, bytes.len() - 1] {
            assert!(resume(&bytes[..length]).is_err(), "cut to {length}");
        }
        let mut infinite = bytes.clone();
        let end = infinite.len();
        infinite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(matches!(
            resume(&infinite),
            Err(CheckpointError::Invalid(_))
        ));
        let (weights, _) = read_sync(crate::weights::save(run(1e-2).averaged(), StorageType::F32))
            .expect("writes");
        let error = resume(&weights).expect_err("no run");
        assert!(error.to_string().contains("training run"), "{error}");
    }

    #[test]
    fn training_run_rolls_back_on_divergence_and_lowers_its_rate() {
        let mut run = run(1.0);
        let mut images = images();
        let mut found = None;
        // A learning rate with which every network diverges.
        run.config.learning_rate = 1e12;
        run.config.ramp_steps = 0;
        for _ in 0..20 {
            if let Err(error) = read_sync(run.step(&mut images, 0.0)) {
                found = Some(error);
                break;
            }
        }
        let Some(TrainingError::Diverged {
            back_to,
            learning_rate,
            ..
        }) = found
        else {
            panic!("{found:?}")
        };
        assert!((back_to, learning_rate) == (0, 0.3e12), "{found:?}");
        run.config.learning_rate = 1e-3;
        let report = read_sync(run.step(&mut images, 0.0)).expect("converges again");
        assert!(report.elbo.neg_elbo().is_finite());
    }

    #[test]
    fn conditional_training_run_needs_labels_and_keeps_its_classes() {
        let mut run = run_with(1e-2, 10);
        let step = |run: &mut TrainingRun, images: &mut TrainingImages| {
            read_sync(run.step(images, 0.3)).map(|report| report.step)
        };
        let error = step(&mut run, &mut images()).expect_err("there are no labels");
        assert!(matches!(error, TrainingError::NoLabels { classes: 10 }));
        let labels = (0..40).map(|i| i % 10).collect();
        let mut images = images().with_labels(labels).expect("as many");
        assert!(matches!(step(&mut run, &mut images), Ok(1)));
        let bytes = read_sync(run.checkpoint()).expect("writes");
        let mut resumed = TrainingRun::resume(&bytes, &Device::flex()).expect("reads");
        assert_eq!(resumed.averaged().classes(), 10);
        assert!(matches!(step(&mut resumed, &mut images), Ok(2)));
    }
}
