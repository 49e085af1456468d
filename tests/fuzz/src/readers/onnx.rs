//! ONNX, and what its import makes of it.

use crate::{Target, seeds};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use onnx::OnnxModel;
use recognition::Answers;

/// ONNX files.
pub const ONNX: Target = Target {
    name: "onnx",
    run: |bytes| match onnx::convert(bytes) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(converted) => {
            assert!(OnnxModel::read(&converted).is_some(), "just converted");
            apply(&converted);
        }
    },
    seeds: cases,
    memory_mb: 1024,
    max_bytes: 8 << 10,
    mutations: 1000,
};

/// Graphs in the metadata of safetensors, which the import writes and the engine reads.
pub const GRAPH: Target = Target {
    name: "graph",
    run: apply,
    seeds: || {
        let mut all: Vec<_> = cases()
            .iter()
            .filter_map(|case| onnx::convert(case).ok())
            .collect();
        all.sort_by_key(Vec::len);
        all.truncate(40);
        all
    },
    memory_mb: 1024,
    max_bytes: 8 << 10,
    mutations: 1000,
};

fn apply(converted: &[u8]) {
    let Some(Ok(model)) = OnnxModel::read(converted) else {
        return;
    };
    let _ = model.apply(&Answers::new());
    let last = |question: &recognition::Question| {
        Some((question.id, question.choices.last()?.value.clone()))
    };
    let answers: Answers = model.questions.iter().filter_map(last).collect();
    if let Ok(model) = model.apply(&answers) {
        let _ = model.config.validate();
    }
}

/// The cases of the crate's tests, short ones.
fn cases() -> Vec<Vec<u8>> {
    let json = seeds::file("crates/onnx/tests/cases.json").unwrap_or_default();
    let cases: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap_or_default();
    let bytes = cases
        .iter()
        .filter_map(|case| BASE64_STANDARD.decode(case["onnx"].as_str()?).ok());
    bytes.filter(|bytes| bytes.len() <= 8 << 10).collect()
}
