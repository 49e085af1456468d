//! What a run says of itself.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use super::{Training, data::IMAGE, losses};
use crate::{grey::grey_bytes, refusal::Refusal};
use burn::tensor::{Tensor, TensorData};
use protocol::{Losses, ModelInfo, Pictures, Progress, TrainedModel};
use std::collections::VecDeque;
use vae::{
    Condition, ElboSummary, Noise, Vae,
    train::StepReport,
    weights::{self, Card, DataCard, StorageType, TestCard, TrainingCard},
};
use web_time::Instant;

const PIXELS: usize = IMAGE[0] * IMAGE[1];
/// Samples from the prior on the sheet.
const SAMPLES: usize = 32;
/// Digits shown beside their reconstructions.
const SHOWN: usize = 8;
/// Points on the latent plane.
const POINTS: usize = 240;
/// The stream of randomness of the sheet's z.
const SHEET: u64 = (1 << 62) | 1;

/// The steps since the last report, and the times of the last second's.
#[derive(Debug, Default)]
pub(super) struct Recent {
    sum: Option<(ElboSummary, f64)>,
    learning_rate: f64,
    times: VecDeque<(Instant, usize)>,
}

/// Over so many seconds the speed is measured.
const SPEED_WINDOW: f64 = 2.0;

impl Recent {
    pub(super) fn add(&mut self, step: &StepReport) {
        self.learning_rate = step.learning_rate;
        self.times.push_back((Instant::now(), step.images));
        while let Some((time, _)) = self.times.front() {
            if time.elapsed().as_secs_f64() <= SPEED_WINDOW || self.times.len() <= 2 {
                break;
            }
            self.times.pop_front();
        }
        let sum = match self.sum.take() {
            None => (step.elbo.clone(), 1.0),
            Some((mut sum, count)) => {
                sum.reconstruction += step.elbo.reconstruction;
                for (sum, kl) in sum
                    .kl_per_dimension
                    .iter_mut()
                    .zip(&step.elbo.kl_per_dimension)
                {
                    *sum += kl;
                }
                (sum, count + 1.0)
            }
        };
        self.sum = Some(sum);
    }

    /// Means over the batches since this was last asked.
    fn take_mean(&mut self) -> Option<Losses> {
        self.sum.take().map(|(mut sum, count)| {
            sum.reconstruction /= count;
            sum.kl_per_dimension.iter_mut().for_each(|kl| *kl /= count);
            losses(&sum)
        })
    }

    /// Steps and images a second.
    fn speed(&self) -> (f64, f64) {
        let (Some((first, _)), Some((last, _))) = (self.times.front(), self.times.back()) else {
            return (0.0, 0.0);
        };
        let seconds = last.duration_since(*first).as_secs_f64();
        if seconds <= 0.0 {
            return (0.0, 0.0);
        }
        let images: usize = self.times.iter().skip(1).map(|(_, images)| images).sum();
        let steps = self.times.len() - 1;
        (steps as f64 / seconds, images as f64 / seconds)
    }
}

impl Training {
    /// The numbers of the run.
    pub(super) fn progress(&mut self, held_out: Option<Losses>) -> Progress {
        let (steps_per_second, images_per_second) = self.recent.speed();
        Progress {
            phase: self.phase,
            step: self.run.steps(),
            seconds: self.watch.seconds(),
            share: self.share(),
            steps_per_second,
            images_per_second,
            learning_rate: self.recent.learning_rate,
            training: self.recent.take_mean(),
            held_out,
            best: self.run.best_found(),
            heap_bytes: heap_bytes(),
        }
    }

    /// The pictures of the averaged weights.
    pub(super) async fn pictures(&self) -> Result<Pictures, Refusal> {
        let model = self.run.averaged();
        let z = Noise::seeded(self.spec.seed, SHEET)
            .normal([SAMPLES, model.latent_size()], &self.device);
        let originals = self.data.shown(SHOWN);
        let mu = self.means(model, &originals);
        let (points, indices) = if model.latent_size() == 2 {
            self.data.spread(POINTS)
        } else {
            Default::default()
        };
        let plane = if points.is_empty() {
            Vec::new()
        } else {
            let mu = self.means(model, points).into_data_async().await;
            mu.map_err(Refusal::lost)?.iter::<f32>().collect()
        };
        Ok(Pictures {
            step: self.run.steps(),
            samples: grey_bytes(model.decode(z, &Condition::none())).await?,
            reconstructions: grey_bytes(model.decode(mu, &Condition::none())).await?,
            originals,
            plane,
            plane_images: indices.to_vec(),
        })
    }

    /// μ of q(z|x) for images as bytes.
    fn means(&self, model: &Vae, images: &[u8]) -> Tensor<2> {
        let values: Vec<f32> = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        let count = images.len() / PIXELS;
        let x = Tensor::from_data(TensorData::new(values, [count, PIXELS]), &self.device);
        model.encoder.forward(x, &Condition::none()).mu
    }

    /// A model of this run with its card, as the page can load, keep and export it.
    pub(super) async fn trained(&self, model: &Vae) -> Result<TrainedModel, Refusal> {
        let saved = weights::save(model, StorageType::F32);
        let (bytes, weights) = saved.await.map_err(Refusal::lost)?;
        let count = self.data.training_count();
        let config = self.run.config();
        let steps = self.run.steps();
        let card = Card {
            format: weights::FORMAT,
            name: self.spec.name.clone(),
            architecture: model.config(),
            data: DataCard {
                dataset: "digits of one's own, drawn or loaded in the page".into(),
                image: IMAGE,
                count,
                binarized: false,
                convention: "grey pixels in [0, 1], light ink on a dark ground".into(),
            },
            training: Some(TrainingCard {
                command: "trained in the page".into(),
                seed: config.seed,
                epochs: (steps as usize * config.batch.min(count)) / count.max(1),
                steps: steps as usize,
                recipe: format!(
                    "Adam, batch {}, rate {}, β {}, shifts of up to {} px, running average of the \
                     weights with decay {}",
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

    async fn test_card(&self, model: &Vae) -> Result<Option<TestCard>, Refusal> {
        if self.phase != protocol::Phase::Done || self.data.held_out.is_empty() {
            return Ok(None);
        }
        const SAMPLES: usize = 4;
        let found = vae::evaluate(model, &self.data.held_out, &[], SAMPLES, 0, &self.device);
        let found = found.await.map_err(Refusal::lost)?;
        Ok(Some(TestCard {
            set: "held-out digits of the same set".into(),
            count: found.count,
            samples: SAMPLES,
            neg_elbo: found.elbo.neg_elbo(),
            standard_error: found.standard_error,
            reconstruction: -found.elbo.reconstruction,
            kl: found.elbo.kl(),
            kl_per_dimension: found.elbo.kl_per_dimension.clone(),
            active_units: found.active_units(),
            storage_loss: None,
        }))
    }
}

/// What the page needs to know of a model, from its card.
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

/// Bytes of wasm memory; it never shrinks, so it is also the peak.
fn heap_bytes() -> u64 {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size(0) as u64 * 65_536;
    #[cfg(not(target_arch = "wasm32"))]
    0
}
