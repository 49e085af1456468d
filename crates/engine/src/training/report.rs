//! Reports of a run.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use super::{ControlledRun as _, run::Training, statistics::losses};
use crate::grey::read_grey;
use burn::tensor::{Tensor, TensorData};
use protocol::{
    Event, Losses, ModelInfo, Objective, RequestError, TrainedModel, TrainingPhase,
    TrainingProgress, TrainingSnapshot,
};
use vae::{
    Condition, Noise, Vae,
    weights::{self, Card, DataCard, StorageType, TestCard, TrainingCard},
};
use web_time::Instant;

/// Samples from the prior in a snapshot.
const SAMPLES: usize = 32;
/// Images shown beside their reconstructions.
const RECONSTRUCTIONS: usize = 8;
/// Points on the latent plane.
const POINTS: usize = 240;
/// The stream of random numbers for z of the samples.
const SAMPLE_STREAM: u64 = (1 << 62) | 1;

impl Training {
    /// Makes the reports that are due; all of them when the run has just been paused.
    pub(super) async fn report(&mut self, events: &mut Vec<Event>) -> Result<(), RequestError> {
        let all = !self.is_running() && std::mem::take(&mut self.unreported);
        let mut held_out = None;
        if self.schedule.held_out.is_due() || all {
            let start = Instant::now();
            held_out = self.evaluate().await?;
            self.schedule.held_out.completed(start);
        }
        if self.schedule.progress.is_due() || held_out.is_some() || all {
            let start = Instant::now();
            events.push(Event::TrainingProgress(self.progress(held_out)));
            self.schedule.progress.completed(start);
        }
        if self.schedule.snapshot.is_due() || all {
            let start = Instant::now();
            events.push(Event::TrainingSnapshot(self.snapshot().await?));
            self.schedule.snapshot.completed(start);
        }
        if self.schedule.model.is_due() || all {
            let start = Instant::now();
            let model = self.trained_model(self.run.averaged()).await?;
            events.push(Event::TrainingModel {
                is_final: false,
                model,
            });
            self.schedule.model.completed(start);
        }
        if self.schedule.checkpoint.is_due() || all {
            let start = Instant::now();
            events.push(self.checkpoint().await?);
            self.schedule.checkpoint.completed(start);
        }
        Ok(())
    }

    /// Makes the last reports of a run that has ended.
    pub(super) async fn report_end(&mut self, events: &mut Vec<Event>) -> Result<(), RequestError> {
        let held_out = self.evaluate().await?;
        events.push(Event::TrainingSnapshot(self.snapshot().await?));
        events.push(self.checkpoint().await?);
        let model = self.trained_model(self.run.best()).await?;
        events.push(Event::TrainingModel {
            is_final: true,
            model,
        });
        events.push(Event::TrainingProgress(self.progress(held_out)));
        Ok(())
    }

    async fn checkpoint(&self) -> Result<Event, RequestError> {
        Ok(Event::Checkpoint {
            step: self.run.steps(),
            seconds: self.stopwatch.seconds(),
            bytes: self
                .run
                .checkpoint()
                .await
                .map_err(RequestError::backend_lost)?,
        })
    }

    /// The loss of the averaged weights on the held-out images, which also decides which weights are the best.
    async fn evaluate(&mut self) -> Result<Option<Losses>, RequestError> {
        if self.data.held_out.is_empty() {
            return Ok(None);
        }
        const SEED: u64 = 0;
        let evaluation = vae::evaluate(
            self.run.averaged(),
            &self.data.held_out,
            &[],
            1,
            SEED,
            &self.device,
        )
        .await
        .map_err(RequestError::backend_lost)?;
        if self.run.offer_best(evaluation.elbo.neg_elbo()) {
            self.without_improvement = 0;
        } else {
            self.without_improvement += 1;
        }
        Ok(Some(losses(&evaluation.elbo)))
    }

    /// Losses and speed of the run.
    fn progress(&mut self, held_out: Option<Losses>) -> TrainingProgress {
        let (steps_per_second, images_per_second) = self.recent.speed();
        let (training, objective) = self.recent.take_mean().unzip();
        TrainingProgress {
            phase: self.phase,
            step: self.run.steps(),
            seconds: self.stopwatch.seconds(),
            fraction: self.fraction(),
            steps_per_second,
            images_per_second,
            learning_rate: self.recent.learning_rate(),
            training,
            objective: objective.filter(|_| self.spec.objective != Objective::Elbo),
            held_out,
            best: self.run.best_found(),
            heap_bytes: heap_bytes(),
        }
    }

    /// Images of the averaged weights.
    async fn snapshot(&self) -> Result<TrainingSnapshot, RequestError> {
        let model = self.run.averaged();
        let z = Noise::seeded(self.spec.seed, SAMPLE_STREAM)
            .normal([SAMPLES, model.latent_size()], &self.device);
        let originals = self.data.examples(RECONSTRUCTIONS);
        let mu = self.means(model, &originals);
        let (points, indices) = if model.latent_size() == 2 {
            self.data.first_images(POINTS)
        } else {
            Default::default()
        };
        let plane = if points.is_empty() {
            Vec::new()
        } else {
            let mu = self.means(model, &points).into_data_async().await;
            mu.map_err(RequestError::backend_lost)?
                .iter::<f32>()
                .collect()
        };
        Ok(TrainingSnapshot {
            step: self.run.steps(),
            samples: read_grey(model.decode(z, &Condition::none())).await?,
            reconstructions: read_grey(model.decode(mu, &Condition::none())).await?,
            originals,
            plane,
            plane_images: indices.to_vec(),
        })
    }

    /// μ of q(z|x) for images of grey values.
    fn means(&self, model: &Vae, images: &[u8]) -> Tensor<2> {
        let values: Vec<f32> = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        let each = self.data.shape().values();
        let count = images.len() / each;
        let x = Tensor::from_data(TensorData::new(values, [count, each]), &self.device);
        model.encoder.forward(x, &Condition::none()).mu
    }

    /// A model of this run with its card, ready to be loaded, saved and exported.
    async fn trained_model(&self, model: &Vae) -> Result<TrainedModel, RequestError> {
        let saved = weights::save(model, StorageType::F32);
        let (bytes, weights) = saved.await.map_err(RequestError::backend_lost)?;
        let count = self.data.training_count();
        let config = self.run.config();
        let steps = self.run.steps();
        let card = Card {
            format: weights::FORMAT,
            name: self.spec.name.clone(),
            architecture: model.config(),
            data: DataCard {
                dataset: "images of one's own, drawn or loaded in the page".into(),
                image: self.data.shape(),
                count,
                class_names: Vec::new(),
                binarized: false,
                convention: match self.data.shape().is_color() {
                    true => "red, green and blue in [0, 1]".into(),
                    false => "grey pixels in [0, 1], light ink on a dark ground".into(),
                },
            },
            training: Some(TrainingCard {
                command: "trained in the page".into(),
                seed: config.seed,
                epochs: (steps as usize * config.batch.min(count)) / count.max(1),
                steps: steps as usize,
                seconds: None,
                recipe: format!(
                    "{}, Adam, batch {}, rate {}, β {}, shifts of up to {} px, running average of the \
                     weights with decay {}",
                    config.objective,
                    config.batch,
                    config.learning_rate,
                    config.beta,
                    config.shift,
                    config.average_decay
                ),
            }),
            test: self.test_card(model).await?,
            class_means: None,
            weights,
        };
        Ok(TrainedModel {
            info: model_info(&card),
            card: card.to_json(),
            weights: bytes,
        })
    }

    async fn test_card(&self, model: &Vae) -> Result<Option<TestCard>, RequestError> {
        if self.phase != TrainingPhase::Done || self.data.held_out.is_empty() {
            return Ok(None);
        }
        const SAMPLES: usize = 4;
        let evaluation = vae::evaluate(model, &self.data.held_out, &[], SAMPLES, 0, &self.device);
        let evaluation = evaluation.await.map_err(RequestError::backend_lost)?;
        Ok(Some(TestCard {
            set: "held-out images of the same set".into(),
            count: evaluation.count,
            samples: SAMPLES,
            neg_elbo: evaluation.elbo.neg_elbo(),
            standard_error: evaluation.standard_error,
            reconstruction: -evaluation.elbo.reconstruction,
            kl: evaluation.elbo.kl(),
            kl_per_dimension: evaluation.elbo.kl_per_dimension.clone(),
            active_units: evaluation.active_units(),
            storage_loss: None,
        }))
    }
}

/// The description of a model, from its card.
pub(crate) fn model_info(card: &Card) -> ModelInfo {
    ModelInfo {
        name: card.name.clone(),
        latent_size: card.architecture.latent_size,
        classes: card.architecture.classes,
        image: card.data.image,
        parameters: card.weights.parameters,
        likelihood: card.architecture.likelihood,
        binarized: card.data.binarized,
        test_neg_elbo: card.test.as_ref().map(|test| test.neg_elbo),
        kl_per_dimension: card
            .test
            .as_ref()
            .map(|test| test.kl_per_dimension.clone())
            .unwrap_or_default(),
        class_means: card.class_means.clone().unwrap_or_default(),
    }
}

/// Size of the wasm memory in bytes. It never shrinks, so this is also the peak.
fn heap_bytes() -> u64 {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size(0) as u64 * 65_536;
    #[cfg(not(target_arch = "wasm32"))]
    0
}
