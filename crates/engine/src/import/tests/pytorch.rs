//! Models that `tests/pytorch/make_models.py` wrote with PyTorch: each is imported with at most two answers, and encodes and
//! decodes what PyTorch does.

use super::super::{StateDictFile, import};
use super::models::agrees;
use burn::tensor::Device;
use futures_lite::future::block_on;
use protocol::{ImageShape, ImportOptions};
use serde_json::Value;
use std::{fs, path::PathBuf};
use vae::weights::{self, Card};

/// Answers that an import may need.
const MAX_ANSWERS: usize = 2;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../tests/pytorch/models"]
        .iter()
        .collect()
}

fn models() -> Vec<Value> {
    let text = fs::read_to_string(folder().join("models.json")).expect("models.json");
    serde_json::from_str(&text).expect("JSON")
}

/// The file as the file worker converts it.
fn converted(file: &str) -> Vec<u8> {
    let bytes = fs::read(folder().join(file)).expect("the file of a model");
    let dicts = checkpoints::read(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
    checkpoints::to_safetensors(&dicts).expect("converts")
}

#[test]
fn import_of_models_of_pytorch_needs_two_answers_and_agrees() {
    let device = Device::flex();
    let models = models();
    assert!(models.len() >= 10);
    for model in &models {
        let file = model["file"].as_str().expect("a file");
        let answers: Vec<(String, String)> = model["answers"]
            .as_object()
            .expect("answers")
            .iter()
            .map(|(id, answer)| (id.clone(), answer.as_str().expect("text").to_owned()))
            .collect();
        assert!(answers.len() <= MAX_ANSWERS, "{file}");
        let options = ImportOptions {
            answers,
            ..ImportOptions::default()
        };
        let weights = converted(file);
        let state_dict = StateDictFile {
            name: "theirs".into(),
            weights: &weights,
            card: None,
        };
        let imported = block_on(import(state_dict, options.clone(), &device));
        let imported = imported.unwrap_or_else(|error| panic!("{file}: {}", error.message));
        let size = |at: usize| model["image"][at].as_u64().expect("a size") as usize;
        let image = match size(2) {
            1 => ImageShape::grey(size(0), size(1)),
            _ => ImageShape::color(size(0), size(1)),
        };
        assert_eq!(imported.model.info.image, image, "{file}");
        // Each answer is one to a question that the import asks.
        for (id, answer) in &options.answers {
            let question = imported
                .questions
                .iter()
                .find(|question| question.id == *id);
            let question = question.unwrap_or_else(|| panic!("{file}: {id} is not asked"));
            assert_eq!(question.choices[question.chosen].value, *answer, "{file}");
        }
        let card = Card::from_json(&imported.model.card).expect("a card");
        let vae = weights::load(&card, &imported.model.weights, &device).expect("loads");
        agrees(file, &vae, model);
    }
}
