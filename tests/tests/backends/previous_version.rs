//! Data of the previous version (`fixtures/previous-version`) is still read: a checkpoint of an interrupted run is
//! resumed and ends where it did then, and cards and weights load.

use crate::{on_backend, open_device};
use engine::Session;
use protocol::{
    Backend, Event, ImageShape, Likelihood, Request, Response, TrainingPhase, TrainingSpec,
    TrainingStart,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vae::weights::{Card, load};

const RUN: &[u8] = include_bytes!("../../fixtures/previous-version/run");
const RUN_IMAGES: &[u8] = include_bytes!("../../fixtures/previous-version/run-digits");
const MODEL: &[u8] = include_bytes!("../../fixtures/previous-version/model-bars");
const GAUSSIAN_CARD: &str = include_str!("../../fixtures/previous-version/gaussian-card.json");
const GAUSSIAN_CHECKPOINT: &[u8] =
    include_bytes!("../../fixtures/previous-version/gaussian-checkpoint.safetensors");

/// −ELBO of the held-out images at the end of the run in the previous version, in nats per image.
const FINAL_NEG_ELBO: f64 = 552.1820;
/// σ that the previous version learned by the end of the Gaussian run.
const FINAL_SIGMA: f64 = 0.383_362_5;

/// Splits a record of the page's storage: the length of the JSON (little-endian `u32`), the JSON, the bytes.
fn split<T: DeserializeOwned>(record: &[u8]) -> (T, &[u8]) {
    let (length, rest) = record.split_first_chunk::<4>().expect("a length");
    let (json, bytes) = rest.split_at(u32::from_le_bytes(*length) as usize);
    (serde_json::from_slice(json).expect("JSON"), bytes)
}

/// Resumes a checkpoint and trains to the end. Returns the last held-out −ELBO and the last model's card.
async fn resume(
    session: &mut Session,
    spec: TrainingSpec,
    seconds: f64,
    bytes: &[u8],
) -> (f64, Card) {
    let request = Request::Train {
        spec: Box::new(spec),
        start: TrainingStart::Checkpoint {
            seconds,
            bytes: bytes.to_vec(),
        },
        image: ImageShape::MNIST,
        images: RUN_IMAGES.to_vec(),
    };
    let response = session.handle(request).await;
    assert!(
        matches!(response, Ok(Response::TrainingStarted { .. })),
        "{response:?}"
    );
    let (mut held_out, mut card, mut phase) = (None, None, None);
    while session.is_training() {
        let events = session.train(None).await;
        for event in events.expect("the device computes") {
            match event {
                Event::TrainingProgress(progress) => {
                    phase = Some(progress.phase);
                    held_out = progress.held_out.map(|losses| losses.neg_elbo).or(held_out);
                }
                Event::TrainingModel {
                    is_final: true,
                    model,
                } => card = Some(model.card),
                _ => {}
            }
        }
    }
    assert_eq!(phase, Some(TrainingPhase::Done));
    let card = Card::from_json(&card.expect("a model at the end")).expect("a valid card");
    (held_out.expect("an evaluation"), card)
}

async fn check_previous_version(backend: Backend) {
    let Some((device, _)) = open_device(backend).await else {
        return;
    };
    let mut session = Session::new(device.clone());

    let ((_, _, checkpoint, _), bytes): ((Value, Value, Value, Value), _) = split(RUN);
    let spec: TrainingSpec = serde_json::from_value(checkpoint["plan"].clone()).expect("a spec");
    assert_eq!(
        (spec.max_steps, checkpoint["step"].as_u64()),
        (Some(10), Some(6))
    );
    let (neg_elbo, card) = resume(&mut session, spec.clone(), 1.25, bytes).await;
    assert!(
        (neg_elbo - FINAL_NEG_ELBO).abs() < 1e-3 * FINAL_NEG_ELBO,
        "the resumed run ends at {neg_elbo}, in the previous version at {FINAL_NEG_ELBO}"
    );
    assert_eq!(card.name, "bars");

    let ((_, card), weights): ((Value, String), _) = split(MODEL);
    let card = Card::from_json(&card).expect("a card of the previous version");
    load(&card, weights, &device).expect("weights of the previous version");

    let gaussian = Card::from_json(GAUSSIAN_CARD).expect("a card of the previous version");
    let sigma = |likelihood: Likelihood| match likelihood {
        Likelihood::Gaussian { sigma } => sigma,
        other => panic!("{other:?}"),
    };
    assert!((sigma(gaussian.architecture.likelihood) - FINAL_SIGMA).abs() < 1e-6);
    let spec = TrainingSpec {
        name: "gaussian".into(),
        learn_sigma: true,
        max_steps: Some(4),
        ..spec
    };
    let (_, card) = resume(&mut session, spec, 0.5, GAUSSIAN_CHECKPOINT).await;
    let resumed = sigma(card.architecture.likelihood);
    assert!(
        (resumed - FINAL_SIGMA).abs() < 1e-3,
        "σ is {resumed} at the end, in the previous version {FINAL_SIGMA}"
    );
}

on_backend!(
    "flex",
    previous_version_is_readable_on_flex,
    check_previous_version(Backend::Flex)
);
on_backend!(
    "ndarray",
    previous_version_is_readable_on_ndarray,
    check_previous_version(Backend::NdArray)
);
