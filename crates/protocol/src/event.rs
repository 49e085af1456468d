//! What a worker tells the page.

use crate::{
    Backend, ModelInfo, Phase, Pictures, Progress, RequestId, TrainedModel, evidence::Found,
};
use serde::{Deserialize, Serialize};

/// From a worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker listens. Always first, and of the same shape in every version of the protocol.
    Hello {
        /// The worker's [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
        protocol: u32,
        /// The backend that this bundle holds.
        backend: Backend,
    },
    /// The backend is set up; requests are served from now on.
    Ready {
        /// What the backend runs on, in words (the GPU adapter's name), where it says.
        device: Option<String>,
    },
    /// Answers [`Request::LoadModel`](crate::Request::LoadModel).
    ModelLoaded {
        /// The request's id.
        id: RequestId,
        /// The model that is now in use.
        model: ModelInfo,
    },
    /// Answers [`Request::Decode`](crate::Request::Decode).
    Decoded {
        /// The request's id.
        id: RequestId,
        /// `[n × height × width]` grey values of the mean of p(x|z): 0 is black, 255 is white.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
    /// Answers [`Request::Encode`](crate::Request::Encode): q(z|x) for each image.
    Encoded {
        /// The request's id.
        id: RequestId,
        /// `[n × latent]`, μ.
        #[serde(with = "crate::floats")]
        mu: Vec<f32>,
        /// `[n × latent]`, σ.
        #[serde(with = "crate::floats")]
        sigma: Vec<f32>,
    },
    /// Answers [`Request::Examine`](crate::Request::Examine).
    Examined {
        /// The request's id.
        id: RequestId,
        /// What was found.
        found: Found,
    },
    /// Answers [`Request::SelfCheck`](crate::Request::SelfCheck).
    SelfChecked {
        /// The request's id.
        id: RequestId,
        /// The numbers to compare.
        check: SelfCheck,
    },
    /// Answers [`Request::TimeDecode`](crate::Request::TimeDecode).
    DecodeTimed {
        /// The request's id.
        id: RequestId,
        /// Median time of one decode, in milliseconds.
        median_ms: f64,
    },
    /// Answers [`Request::Import`](crate::Request::Import).
    Imported {
        /// The request's id.
        id: RequestId,
        /// The model, as it can be loaded.
        model: TrainedModel,
        /// For each layer of ours, the name of the one in the file.
        mapping: Vec<(String, String)>,
        /// Whether μ and log σ² could not be told apart, and may have to be swapped.
        heads_guessed: bool,
    },
    /// Answers [`Request::Train`](crate::Request::Train).
    TrainingStarted {
        /// The request's id.
        id: RequestId,
        /// Number of images to train on.
        training_images: usize,
        /// Number of images held out.
        held_out_images: usize,
        /// Number of latent dimensions.
        latent_size: usize,
        /// Steps done before, when the run goes on from a checkpoint.
        step: u64,
        /// Workers that share each batch.
        workers: u32,
    },
    /// Answers [`Request::ControlTraining`](crate::Request::ControlTraining).
    TrainingControlled {
        /// The request's id.
        id: RequestId,
        /// How the run stands now.
        phase: Phase,
    },
    /// Answers [`Request::WarmUp`](crate::Request::WarmUp).
    WarmedUp {
        /// The request's id.
        id: RequestId,
    },
    /// Said by a run, several times a second.
    TrainingProgress(Progress),
    /// Said by a run, some times a second.
    TrainingPictures(Pictures),
    /// Said by a run: its newest averaged weights or, at its end, the best ones.
    TrainingModel {
        /// Whether the run is at its end and this is the best model.
        last: bool,
        /// The model.
        model: TrainedModel,
    },
    /// Said by a run, every few seconds: all that is needed to go on after an interruption.
    Checkpoint {
        /// Steps done.
        step: u64,
        /// Seconds spent on training, pauses left out.
        seconds: f64,
        /// For [`Start::Checkpoint`](crate::Start::Checkpoint).
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Said by a run whose loss has left all bounds: it went back to a sound state and holds.
    Diverged {
        /// What happened and at which learning rate it would go on, for people.
        message: String,
        /// The learning rate that it would go on with.
        learning_rate: f64,
    },
    /// The request could not be served, or (without an id) the backend can't go on.
    Failed {
        /// The request's id; none when it is the backend that failed.
        id: Option<RequestId>,
        /// What kind of failure, for the page to act on.
        code: ErrorCode,
        /// What happened and what to do, for people.
        message: String,
    },
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// The card or the weights are broken, foreign or do not belong together.
    BadModel,
    /// The request does not fit: a z of the wrong length, a setting out of range, no run to pause.
    BadRequest,
    /// The backend could not be set up: no adapter, no device.
    BackendUnavailable,
    /// The backend was lost on the way: device loss, a failed read, a panic. The worker is of no
    /// further use.
    BackendLost,
}

/// Results of a small fixed forward and backward pass; equal on every backend up to rounding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// −ELBO of the fixed batch, in nats an image.
    pub neg_elbo: f32,
    /// Decoded means of the fixed batch.
    pub decoded: Vec<f32>,
    /// Gradients of −ELBO for the parameters, in the order of the layers.
    pub gradients: Vec<f32>,
}

impl SelfCheck {
    /// Compares with a reference: the largest difference over all numbers, each relative to
    /// `1 + |reference|`. Not finite when a number is not, or when the counts differ.
    pub fn max_difference(&self, reference: &Self) -> f32 {
        if self.decoded.len() != reference.decoded.len()
            || self.gradients.len() != reference.gradients.len()
        {
            return f32::INFINITY;
        }
        let ours = std::iter::once(&self.neg_elbo)
            .chain(&self.decoded)
            .chain(&self.gradients);
        let theirs = std::iter::once(&reference.neg_elbo)
            .chain(&reference.decoded)
            .chain(&reference.gradients);
        ours.zip(theirs)
            .map(|(a, b)| (a - b).abs() / (1.0 + b.abs()))
            // `f32::max` drops NaN, which is just what must not pass.
            .fold(0.0, |worst, d| {
                if d.is_nan() || worst.is_nan() {
                    f32::NAN
                } else {
                    worst.max(d)
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(gradients: Vec<f32>) -> SelfCheck {
        SelfCheck {
            neg_elbo: 10.0,
            decoded: vec![0.5],
            gradients,
        }
    }

    #[test]
    fn difference_is_relative_and_never_hides_nan() {
        let reference = check(vec![1.0, 2.0]);
        assert_eq!(reference.max_difference(&reference), 0.0);
        assert!((check(vec![1.0, 2.3]).max_difference(&reference) - 0.1).abs() < 1e-6);
        assert!(
            check(vec![f32::NAN, 2.0])
                .max_difference(&reference)
                .is_nan()
        );
        assert_eq!(check(vec![1.0]).max_difference(&reference), f32::INFINITY);
    }
}
