//! The cases of `ELBO_CASES`, a folder with `cases.json`: files that PyTorch wrote, with the images that it decoded.

use super::super::{
    reading::Reading,
    recognized::{self, Recognized},
};
use burn::tensor::Device;
use futures_lite::future::block_on;
use onnx::OnnxModel;
use recognition::{Answers, QuestionId};
use serde_json::Value;
use std::path::PathBuf;
use vae::{InferenceModel, weights};

/// Differences of pixels from 0 to 255: the expected ones are rounded to a tenth.
const TOLERANCE: f64 = 0.06;

fn folder() -> Option<PathBuf> {
    std::env::var_os("ELBO_CASES").map(PathBuf::from)
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().map_or(&[][..], Vec::as_slice);
    values.iter().filter_map(Value::as_f64).collect()
}

/// The answers that the case's user knows.
fn answers(choose: &Value) -> Answers {
    let mut answers = Answers::new();
    if let Some(activation) = choose["activation"].as_str() {
        let name = activation.replace("leaky", "leaky-relu");
        answers.insert(QuestionId::Activation, name);
    }
    if let Some(spread) = choose["spread"].as_str() {
        answers.insert(QuestionId::Head, spread.replace("log_", "log-"));
    }
    answers
}

/// The model that a file of a case becomes.
fn model(file: &str, choose: &Value) -> InferenceModel {
    let bytes = std::fs::read(folder().expect("set").join(file)).expect("the case's file");
    if file.ends_with(".onnx") {
        vae::graph::install(vae::graph::interpret);
        let converted = onnx::convert(&bytes).expect("converts");
        let model = OnnxModel::read(&converted)
            .expect("converted")
            .expect("reads");
        let reading: &dyn Reading = &model;
        return prepared(&reading.apply(&answers(choose)).expect("builds"));
    }
    let dicts = checkpoints::read(&bytes).expect("reads");
    let converted = checkpoints::to_safetensors(&dicts).expect("converts");
    let dicts = checkpoints::read_safetensors(&converted).expect("reads");
    let candidates = recognized::read(&dicts[0], &[]).expect("recognized");
    let recognized = recognized::apply(&candidates[0], &answers(choose)).expect("builds");
    prepared(&recognized)
}

fn prepared(recognized: &Recognized) -> InferenceModel {
    let device = Device::flex();
    let model = weights::from_parameters(&recognized.config, &recognized.parameters, &device);
    InferenceModel::new(model.expect("builds"))
}

#[test]
fn import_decodes_the_cases_as_pytorch_does() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases.json");
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    let mut compared = 0;
    for case in cases["cases"].as_array().expect("a list") {
        for part in case["parts"].as_array().unwrap_or(&Vec::new()) {
            let means = part["expected"]["means"].as_array();
            let file = part["files"][0].as_str().unwrap_or_default();
            // A whole module is identified instead.
            let other = case["id"] == "W12a";
            let Some(means) = means.filter(|_| case["kind"] == "weights" && !other) else {
                continue;
            };
            let model = model(file, &part["choose"]);
            for mean in means {
                let z: Vec<f32> = numbers(&mean["z"]).iter().map(|&z| z as f32).collect();
                let classes = model.model().classes();
                let label = mean["label"].as_u64().unwrap_or(0) as usize;
                let weights: Vec<f32> = (0..classes)
                    .map(|class| f32::from(u8::from(class == label)))
                    .collect();
                let found = block_on(model.decode(z, &weights)).expect("computes");
                let expected = numbers(&mean["pixels"]);
                assert_eq!(found.len(), expected.len(), "{file}");
                for (found, expected) in found.iter().zip(&expected) {
                    let off = (f64::from(*found) * 255.0 - expected).abs();
                    assert!(off < TOLERANCE, "{file}: {off} of 255");
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 30, "{compared} images");
}
