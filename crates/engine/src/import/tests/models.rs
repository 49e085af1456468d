//! Models of `models/make_models.py`, with unusual names and choices: what they encode and decode, and their ELBO, equal
//! what the script computes.

use super::super::{
    converted,
    reading::Reading,
    recognized::{self, Recognized},
    scoring,
};
use super::cases::numbers;
use burn::tensor::{Device, Tensor, TensorData};
use futures_lite::future::block_on;
use recognition::{Answers, QuestionId};
use serde_json::Value;
use vae::{Condition, InferenceModel, Vae, weights};

const MODELS: &str = include_str!("models/models.json");

fn file(name: &str) -> &'static [u8] {
    match name {
        "leaky" => include_bytes!("models/leaky.safetensors"),
        "weight-norm" => include_bytes!("models/weight-norm.safetensors"),
        "embedded" => include_bytes!("models/embedded.safetensors"),
        "tanh-output" => include_bytes!("models/tanh-output.safetensors"),
        "pooling" => include_bytes!("models/pooling.safetensors"),
        "transposed" => include_bytes!("models/transposed.safetensors"),
        "linear-output" => include_bytes!("models/linear-output.safetensors"),
        "label-first" => include_bytes!("models/label-first.safetensors"),
        "decoder-alone" => include_bytes!("models/decoder-alone.safetensors"),
        "odd-sides" => include_bytes!("models/odd-sides.safetensors"),
        other => panic!("no file of {other}"),
    }
}

fn floats(value: &Value) -> Vec<f32> {
    numbers(value)
        .into_iter()
        .map(|value| value as f32)
        .collect()
}

fn answers(model: &Value) -> Answers {
    let given = model["answers"].as_object().expect("answers");
    let answer = |(subject, answer): (&String, &Value)| {
        let id = QuestionId::from_name(subject).expect("a subject");
        (id, answer.as_str().expect("text").to_owned())
    };
    given.iter().map(answer).collect()
}

fn recognized(model: &Value) -> Recognized {
    let name = model["name"].as_str().expect("a name");
    let dicts = checkpoints::read(file(name)).expect(name);
    let candidates = recognized::read(&dicts[0], &[]).expect(name);
    recognized::apply(&candidates[0], &answers(model)).expect(name)
}

fn vae(model: &Value) -> Vae {
    let recognized = recognized(model);
    weights::from_parameters(&recognized.config, &recognized.parameters, &Device::flex())
        .expect("builds")
}

/// Checks values up to an absolute and a relative difference.
fn close(what: &str, found: &[f32], expected: &[f64], absolute: f64, relative: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let off = (f64::from(*found) - expected).abs();
        assert!(
            off <= absolute + relative * expected.abs(),
            "{what}: {found}, not {expected}"
        );
    }
}

#[test]
fn import_of_unusual_models_agrees_with_plain_loops() {
    let models: Value = serde_json::from_str(MODELS).expect("JSON");
    for model in models.as_array().expect("a list") {
        let name = model["name"].as_str().expect("a name");
        agrees(name, &vae(model), model);
    }
}

/// Compares what a model decodes and encodes, and its ELBO, with the cases of its description.
pub(super) fn agrees(name: &str, vae: &Vae, model: &Value) {
    let device = Device::flex();
    let classes = model["classes"].as_u64().expect("a number") as usize;
    assert_eq!(vae.classes(), classes, "{name}");
    let inference = InferenceModel::new(vae.clone());
    for case in model["cases"].as_array().expect("a list") {
        let label = case["label"].as_u64().expect("a label") as usize;
        let class_weights: Vec<f32> = (0..classes)
            .map(|class| f32::from(u8::from(class == label)))
            .collect();
        let found = block_on(inference.decode(floats(&case["z"]), &class_weights));
        close(
            name,
            &found.expect("computes"),
            &numbers(&case["means"]),
            1e-4,
            0.0,
        );
        assert_eq!(vae.has_encoder(), case["mu"].is_array(), "{name}");
        if !vae.has_encoder() {
            continue;
        }
        let image = floats(&case["image"]);
        let q = block_on(inference.encode(image.clone(), &class_weights)).expect("computes");
        close(name, &q.mu, &numbers(&case["mu"]), 1e-4, 1e-3);
        close(name, &q.sigma, &numbers(&case["sigma"]), 0.0, 1e-3);
        let row = |values: Vec<f32>| {
            let width = values.len();
            Tensor::<2>::from_data(TensorData::new(values, [1, width]), &device)
        };
        let condition = Condition::shared(&class_weights, 1, &device);
        let parts = vae.elbo(row(image), &condition, row(floats(&case["eps"])));
        let summary = block_on(parts.summary()).expect("computes");
        let expected = |key: &str| case[key].as_f64().expect("a number");
        for (found, expected) in [
            (summary.kl(), expected("kl")),
            (summary.neg_elbo(), expected("neg_elbo")),
        ] {
            close(name, &[found as f32], &[expected], 0.0, 1e-3);
        }
    }
}

/// A card and weights of an imported network load again, and a batch that is divided gives the same images.
#[test]
fn import_of_a_network_survives_saving() {
    let models: Value = serde_json::from_str(MODELS).expect("JSON");
    let device = Device::flex();
    for model in models.as_array().expect("a list") {
        let name = model["name"].as_str().expect("a name");
        let recognized = recognized(model);
        let latent = recognized.config.latent_size;
        let expected_config = recognized.config.clone();
        let imported = converted(name.into(), recognized, "PyTorch", "ReLU".into(), &device);
        let imported = block_on(imported).expect("converts");
        let card = weights::Card::from_json(&imported.model.card).expect("a card");
        assert!(
            card.data.convention.contains("ReLU"),
            "choices are recorded"
        );
        let bytes = imported.model.weights;
        let again = weights::load(&card, &bytes, &device).expect("loads");
        assert_eq!(again.config(), expected_config, "{name}");
        let class_weights = vec![0.5; again.classes()];
        let z: Vec<f32> = (0..5 * latent).map(|i| (i as f32).sin()).collect();
        let inference = InferenceModel::new(again);
        let before = InferenceModel::new(vae(model));
        let found = block_on(inference.decode(z.clone(), &class_weights)).expect("computes");
        let expected = block_on(before.decode(z, &class_weights)).expect("computes");
        assert_eq!(found, expected, "{name}");
    }
}

/// The images of a model that is trained on digits tell its activation and its heads.
#[test]
fn compare_finds_the_answers_that_explain_images() {
    let Some(folder) = std::env::var_os("ELBO_CASES").map(std::path::PathBuf::from) else {
        return;
    };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("the case's file");
    let images: Vec<f32> = (0..10)
        .flat_map(|digit| digits(&read("P10a/scans-images-idx3-ubyte"), digit))
        .collect();
    for (case, activation) in [
        ("W11a/vae_silu.pth", "silu"),
        ("W11a/vae_tanh.pth", "tanh"),
        ("W05a/vae.pth", "relu"),
        ("W13a/conv_vae.pth", "relu"),
    ] {
        let dicts = checkpoints::read(&read(case)).expect("reads");
        let candidates = recognition::candidates(&dicts[0]).expect("recognized");
        let sample = scoring::Sample {
            images: images.clone(),
            labels: vec![0; 10],
        };
        let (given, device) = (Answers::new(), Device::flex());
        let readings: Vec<_> = candidates.iter().map(|it| it as &dyn Reading).collect();
        let compared = scoring::compare(&readings, None, &given, &sample, &device);
        let compared = block_on(compared).expect("computes");
        let found = compared.answers.get(&QuestionId::Activation);
        let found = found.map_or("relu", String::as_str);
        assert_eq!((compared.reading, found), (0, activation), "{case}");
        let score = compared.score.expect("scored");
        assert!(score.neg_elbo < 250.0, "{case}: {score:?}");
        let scores = &compared.choices[&QuestionId::Activation];
        let lowest = scores
            .iter()
            .flatten()
            .copied()
            .fold(f64::INFINITY, f64::min);
        assert!(
            (lowest - score.neg_elbo).abs() < 0.02 * lowest,
            "{case}: {scores:?}"
        );
    }
}

/// A digit of an IDX file of dark ink on white, as light ink on black from 0 to 1.
fn digits(idx: &[u8], index: usize) -> Vec<f32> {
    let start = 16 + index * 784;
    idx[start..start + 784]
        .iter()
        .map(|&byte| 1.0 - f32::from(byte) / 255.0)
        .collect()
}
