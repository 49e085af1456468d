//! ONNX models and single operators, interpreted on any device and compared with ONNX Runtime
//! (`crates/onnx/tests/cases.json`; `make_cases.py` there documents each field).

use super::Report;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use burn::tensor::Device;
use onnx::{OnnxModel, convert};
use recognition::{Answers, QuestionId};
use serde::Deserialize;
use std::{collections::BTreeMap, error::Error};
use vae::{
    InferenceModel, KernelPath,
    weights::{self, Parameter},
};

const CASES: &str = include_str!("../../../crates/onnx/tests/cases.json");

#[derive(Deserialize)]
struct Case {
    name: String,
    onnx: String,
    answers: BTreeMap<String, String>,
    z: Vec<f32>,
    #[serde(default)]
    label: Vec<f32>,
    image: Vec<f32>,
    #[serde(default)]
    x: Vec<f32>,
    #[serde(default)]
    mu: Vec<f32>,
    #[serde(default)]
    sigma: Vec<f32>,
}

/// Decodes each case, and encodes those with an encoder. `tolerance` returns the largest difference of a value of the case
/// with this name: relative to the expected one where that is above 1, and absolute below.
///
/// # Panics
/// If the cases can't be parsed; they are compiled in.
pub async fn run(device: &Device, path: KernelPath, tolerance: impl Fn(&str) -> f64) -> Report {
    vae::graph::install(vae::graph::interpret);
    let cases: Vec<Case> = serde_json::from_str(CASES).expect("cases.json has this structure");
    let mut report = Report::default();
    for case in &cases {
        if let Err(error) = case
            .check(device, path, tolerance(&case.name), &mut report)
            .await
        {
            report.failures.push(format!("{}: {error}", case.name));
        }
    }
    report
}

impl Case {
    async fn check(
        &self,
        device: &Device,
        path: KernelPath,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), Box<dyn Error>> {
        let model = self.import(device, path)?;
        let image = self.decode(&model).await?;
        let mut compared = vec![("image", image, &self.image)];
        if !self.x.is_empty() {
            let q = model.encode(self.x.clone(), &[]).await?;
            compared.extend([("mu", q.mu, &self.mu), ("sigma", q.sigma, &self.sigma)]);
        }
        for (what, found, expected) in compared {
            let name = format!("{}: {what}", self.name);
            let [found, expected] = [&found, expected].map(|values| scaled(values, expected));
            report.compare_numbers(name, &found, &expected, tolerance);
        }
        Ok(())
    }

    fn import(&self, device: &Device, path: KernelPath) -> Result<InferenceModel, Box<dyn Error>> {
        let bytes = BASE64_STANDARD.decode(&self.onnx)?;
        let model = OnnxModel::read(&convert(&bytes)?).ok_or("not a converted model")??;
        let answers: Answers = self
            .answers
            .iter()
            .filter_map(|(name, answer)| Some((QuestionId::from_name(name)?, answer.clone())))
            .collect();
        let applied = model.apply(&answers)?;
        let parameters = applied.parameters.into_iter().map(|parameter| Parameter {
            name: parameter.name,
            shape: parameter.shape,
            values: parameter.values,
        });
        let parameters: Vec<Parameter> = parameters.collect();
        let vae = weights::from_parameters(&applied.config, &parameters, device)?;
        Ok(InferenceModel::new(vae.with_kernel_path(path)))
    }

    /// All rows in one batch, or with a label one after another.
    async fn decode(&self, model: &InferenceModel) -> Result<Vec<f32>, Box<dyn Error>> {
        let classes = model.model().classes();
        if classes == 0 {
            return Ok(model.decode(self.z.clone(), &[]).await?);
        }
        let rows = self.z.chunks_exact(model.model().latent_size());
        let mut image = Vec::new();
        for (z, label) in rows.zip(self.label.chunks_exact(classes)) {
            image.extend(model.decode(z.to_vec(), label).await?);
        }
        Ok(image)
    }
}

/// Values divided by the expected ones where these are above 1, so that [`Report::compare_numbers`] judges each by
/// itself.
fn scaled(values: &[f32], expected: &[f32]) -> Vec<f64> {
    // A wrong number of values keeps its length, which is then reported.
    let scales = expected.iter().map(|value| f64::from(value.abs().max(1.0)));
    let scales = scales.chain(std::iter::repeat(1.0));
    let pairs = values.iter().zip(scales);
    pairs
        .map(|(value, scale)| f64::from(*value) / scale)
        .collect()
}
