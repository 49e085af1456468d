//! Models and single operators against ONNX Runtime (`make_cases.py`).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use burn::tensor::Device;
use futures_lite::future::block_on;
use onnx::{OnnxModel, convert};
use recognition::{Answers, QuestionId};
use serde::Deserialize;
use std::collections::BTreeMap;
use vae::{
    InferenceModel,
    weights::{self, Parameter},
};

#[derive(Deserialize)]
struct Case {
    name: String,
    onnx: String,
    answers: BTreeMap<String, String>,
    /// `[n, latent]`.
    z: Vec<f32>,
    /// `[n, classes]`.
    #[serde(default)]
    label: Vec<f32>,
    /// `[n, height, width, channels]`.
    image: Vec<f32>,
    #[serde(default)]
    x: Vec<f32>,
    #[serde(default)]
    mu: Vec<f32>,
    #[serde(default)]
    sigma: Vec<f32>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("cases.json")).expect("the script writes cases")
}

fn answers(case: &Case) -> Answers {
    let id = |name: &String| QuestionId::from_name(name).expect("a question");
    let answers = case.answers.iter();
    answers
        .map(|(name, answer)| (id(name), answer.clone()))
        .collect()
}

fn imported(case: &Case) -> (OnnxModel, InferenceModel) {
    let name = &case.name;
    let bytes = BASE64_STANDARD.decode(&case.onnx).expect("base64");
    let converted = convert(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let model = OnnxModel::read(&converted).expect("converted");
    let model = model.unwrap_or_else(|error| panic!("{name}: {error}"));
    let applied = model.apply(&answers(case));
    let applied = applied.unwrap_or_else(|error| panic!("{name}: {error}"));
    let parameters: Vec<Parameter> = applied
        .parameters
        .into_iter()
        .map(|parameter| Parameter {
            name: parameter.name,
            shape: parameter.shape,
            values: parameter.values,
        })
        .collect();
    vae::graph::install(vae::graph::interpret);
    let device = Device::flex();
    let vae = weights::from_parameters(&applied.config, &parameters, &device);
    let vae = vae.unwrap_or_else(|error| panic!("{name}: {error}"));
    (model, InferenceModel::new(vae))
}

fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs
        .map(|(a, b)| (a - b).abs() / b.abs().max(1.0))
        .fold(0.0, f32::max)
}

/// Rows in one batch, or with a label one after another.
fn decode(model: &InferenceModel, case: &Case) -> Vec<f32> {
    let classes = model.model().classes();
    if classes == 0 {
        return block_on(model.decode(case.z.clone(), &[])).expect("computes");
    }
    let rows = case.z.chunks_exact(model.model().latent_size());
    let labels = case.label.chunks_exact(classes);
    rows.zip(labels)
        .flat_map(|(z, label)| block_on(model.decode(z.to_vec(), label)).expect("computes"))
        .collect()
}

#[test]
fn decoders_draw_what_onnx_runtime_draws() {
    let failed = |case: &Case| {
        let (_, model) = imported(case);
        let difference = difference(&decode(&model, case), &case.image);
        (difference >= 1e-4).then(|| format!("{}: {difference}", case.name))
    };
    let failed: Vec<_> = cases().iter().filter_map(failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn encoders_give_the_posterior_of_onnx_runtime() {
    let with_encoder: Vec<_> = cases()
        .into_iter()
        .filter(|case| !case.x.is_empty())
        .collect();
    assert_eq!(with_encoder.len(), 3);
    for case in with_encoder {
        let (_, model) = imported(&case);
        assert!(model.model().has_encoder(), "{}", case.name);
        let q = block_on(model.encode(case.x.clone(), &[])).expect("computes");
        let differences = [
            difference(&q.mu, &case.mu),
            difference(&q.sigma, &case.sigma),
        ];
        assert!(
            differences.iter().all(|d| *d < 1e-4),
            "{}: {differences:?}",
            case.name
        );
    }
}

#[test]
fn models_ask_at_most_two_questions_with_doubt() {
    for case in cases() {
        let (model, _) = imported(&case);
        let doubts = model
            .questions
            .iter()
            .filter(|question| question.doubt.is_some());
        assert!(doubts.count() <= 2, "{}", case.name);
    }
}

/// A graph that is saved and loaded again computes the same.
#[test]
fn weights_of_graphs_can_be_saved_and_loaded() {
    for case in cases() {
        let (_, model) = imported(&case);
        let saved = block_on(weights::save(model.model(), weights::StorageType::F32));
        let (bytes, card) = saved.expect("saves");
        assert_eq!(card.bytes, bytes.len());
        let read = weights::read_named(&bytes, &model.model().config()).expect("reads");
        let again = weights::from_parameters(&model.model().config(), &read, &Device::flex());
        let again = InferenceModel::new(again.expect("valid"));
        assert_eq!(
            decode(&again, &case),
            decode(&model, &case),
            "{}",
            case.name
        );
    }
}
