//! Weights with their card, checkpoints of training, and shards of a batch.

use crate::{Target, seeds};
use burn::tensor::Device;
use futures_lite::future::block_on;
use spec::{Activation, ImageShape, Likelihood, VaeConfig};
use vae::{
    Vae,
    train::{BatchShard, ShardGradients, TrainingRun, TrainingSpec},
    weights::{self, Card, DataCard, StorageType},
};

/// What a model may need: 256 MB of parameters as they are stored, as values and as tensors.
const MEMORY_MB: usize = 1024;

/// A card and weights: the length of the card in four bytes, the card, the weights. The card gets the weights' checksum.
pub const WEIGHTS: Target = Target {
    name: "weights",
    run: |bytes| {
        let Some((card, weights)) = parts(bytes) else {
            return;
        };
        let Ok(mut card) = Card::from_json(card) else {
            return;
        };
        card.weights.bytes = weights.len();
        card.weights.sha256 = weights::sha256(weights);
        if let Err(error) = weights::load(&card, weights, &Device::flex()) {
            assert!(!error.to_string().is_empty());
        }
        let _ = weights::read_named(weights, &card.architecture);
    },
    seeds: || {
        let storages = [StorageType::F32, StorageType::F16, StorageType::I8];
        let own = [0, 3].into_iter().flat_map(|classes| {
            storages.map(|storage| {
                let (card, weights) = model(classes, storage);
                joined(&card, &weights)
            })
        });
        let mut all: Vec<_> = own.collect();
        let previous = seeds::file("tests/fixtures/previous-version/gaussian-card.json");
        all.extend(previous.and_then(|card| Some(joined(std::str::from_utf8(&card).ok()?, b""))));
        all
    },
    memory_mb: MEMORY_MB,
    max_bytes: 8 << 10,
    mutations: 800,
};

/// Checkpoints of training.
pub const TRAINING: Target = Target {
    name: "training",
    run: |bytes| match TrainingRun::resume(bytes, &Device::flex()) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(run) => {
            let again = block_on(run.checkpoint());
            let again = again.map(|bytes| TrainingRun::resume(&bytes, &Device::flex()).map(|_| ()));
            assert_eq!(
                again,
                Ok(Ok(())),
                "a run that was read can be written and read"
            );
        }
    },
    seeds: || {
        let device = Device::flex();
        let run = |classes| {
            let model = Vae::init(&architecture(classes), 7, &device).ok()?;
            let spec = TrainingSpec::default();
            let mut run = TrainingRun::new(spec, &model, &device).ok()?;
            run.offer_best(12.0);
            block_on(run.checkpoint()).ok()
        };
        [0, 2].into_iter().filter_map(run).collect()
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// A shard of a batch, as a gradient worker gets it: a line of JSON, then arrays, each with its length in two bytes; and the
/// arrays as gradients that it returns.
pub const SHARD: Target = Target {
    name: "shard",
    run: |bytes| {
        let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
        let header = String::from_utf8_lossy(parts.next().unwrap_or_default());
        let arrays = arrays(parts.next().unwrap_or_default());
        match BatchShard::from_parts(&header, &arrays) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(shard) => {
                let mut gradients = shard.gradients();
                let returned = gradients.arrays().map(<[f32]>::to_vec).collect();
                let returned = ShardGradients::from_arrays(returned);
                gradients.add(returned.expect("all arrays"));
            }
        }
        let _ = ShardGradients::from_arrays(arrays);
    },
    seeds: shards,
    memory_mb: 64,
    max_bytes: 8 << 10,
    mutations: 2000,
};

pub(crate) fn architecture(classes: usize) -> VaeConfig {
    VaeConfig {
        input_size: 64,
        convolution: None,
        network: None,
        encoder_hidden: vec![3],
        decoder_hidden: vec![3],
        latent_size: 2,
        classes,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    }
}

/// A card and weights.
pub(crate) fn model(classes: usize, storage: StorageType) -> (String, Vec<u8>) {
    let architecture = architecture(classes);
    let Ok(model) = Vae::init(&architecture, 1, &Device::flex()) else {
        return Default::default();
    };
    let Ok((bytes, weights)) = block_on(weights::save(&model, storage)) else {
        return Default::default();
    };
    let card = Card {
        format: weights::FORMAT,
        name: "tiny".to_owned(),
        architecture,
        data: DataCard {
            dataset: "none".to_owned(),
            image: ImageShape::grey(8, 8),
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: "none".to_owned(),
        },
        training: None,
        test: None,
        class_means: None,
        weights,
    };
    (card.to_json(), bytes)
}

fn parts(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (card, weights) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((std::str::from_utf8(card).ok()?, weights))
}

fn joined(card: &str, weights: &[u8]) -> Vec<u8> {
    let length = (card.len() as u32).to_le_bytes();
    [&length[..], card.as_bytes(), weights].concat()
}

/// The arrays of an input; the last one may be cut off.
fn arrays(mut bytes: &[u8]) -> Vec<Vec<f32>> {
    let mut arrays = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)) * 4;
        let (values, rest) = rest.split_at(length.min(rest.len()));
        let (values, _) = values.as_chunks::<4>();
        arrays.push(
            values
                .iter()
                .map(|&value| f32::from_le_bytes(value))
                .collect(),
        );
        bytes = rest;
    }
    arrays
}

fn shards() -> Vec<Vec<u8>> {
    let shard = |header: &str, lengths: &[usize]| {
        let arrays = lengths.iter().flat_map(|&length| {
            let values = (0..length).flat_map(|at| ((at % 5) as f32 / 5.0).to_le_bytes());
            (length as u16).to_le_bytes().into_iter().chain(values)
        });
        [header.as_bytes(), b"\n"]
            .concat()
            .into_iter()
            .chain(arrays)
            .collect()
    };
    // A weight and a bias for each layer, then images, class weights and ε.
    let mlp = |n: usize, classes: usize| {
        let [input, hidden, latent] = [6, 4, 2];
        vec![
            (input + classes) * hidden,
            hidden,
            hidden * latent,
            latent,
            hidden * latent,
            latent,
            (latent + classes) * hidden,
            hidden,
            hidden * input,
            input,
            n * input,
            n * classes,
            n * latent,
        ]
    };
    let header = |activation: &str, likelihood: &str| {
        format!(
            r#"{{"convolution":null,"encoder_layers":1,"activation":"{activation}","likelihood":{likelihood},"beta":1.0,"n":3,"loss_images":6}}"#
        )
    };
    let bernoulli = r#"{"kind":"bernoulli"}"#;
    let convolution = r#"{"convolution":{"image":[8,8],"channels":[2]},"encoder_layers":0,"activation":"relu","likelihood":{"kind":"bernoulli"},"beta":0.5,"n":2,"loss_images":2}"#;
    vec![
        shard(&header("gelu", bernoulli), &mlp(3, 0)),
        shard(&header("relu", bernoulli), &mlp(3, 2)),
        shard(
            &header("tanh", r#"{"kind":"gaussian","sigma":0.5}"#),
            &mlp(3, 0),
        ),
        // A convolution, two heads, the layer before the feature map, and a convolution to the image.
        shard(
            convolution,
            &[18, 2, 64, 2, 64, 2, 64, 32, 18, 1, 128, 0, 4],
        ),
    ]
}
