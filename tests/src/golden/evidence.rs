//! Golden values of log p(x, z), of bounds on log p(x) and of log p(x) itself under the golden models, computed by
//! PyTorch in float64 (`fixtures/evidence.json`).

use super::{Case, Report, golden};
use burn::tensor::Device;
use serde::Deserialize;
use vae::{
    KernelPath, Vae,
    evidence::{EvidenceError, GridPass, LatentGrid, LogJoint, LogWeights},
};

const EVIDENCE: &str = include_str!("../../fixtures/evidence.json");

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Expected>,
}

/// Expected values for the golden case of the same name; `make_evidence.py` documents each field.
#[derive(Deserialize)]
struct Expected {
    name: String,
    z: Vec<Vec<f64>>,
    log_likelihood: Vec<Vec<f64>>,
    log_joint: Vec<Vec<f64>>,
    gradients: Vec<Vec<Vec<f64>>>,
    eps: Vec<Vec<f64>>,
    bounds: Vec<ExpectedBound>,
    log_evidence: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct ExpectedBound {
    k: usize,
    values: Vec<f64>,
}

/// Runs all cases on a device: log p(x|z) and log p(x, z) with its gradient, importance-weighted bounds with
/// the same ε, and quadrature. `tolerance` is relative to the largest value of each list.
///
/// # Panics
/// If a fixture can't be parsed; both are compiled in.
pub async fn run(device: &Device, path: KernelPath, tolerance: f64) -> Report {
    let fixture: Fixture =
        serde_json::from_str(EVIDENCE).expect("evidence.json has this structure");
    let golden = golden();
    let mut report = Report::default();
    for expected in &fixture.cases {
        let case = golden.cases.iter().find(|case| case.name == expected.name);
        let case = case.expect("each has a golden case");
        let run = expected.run(case, device, path, tolerance, &mut report);
        if let Err(error) = run.await {
            report.failures.push(format!("{}: {error}", expected.name));
        }
    }
    report
}

impl Expected {
    async fn run(
        &self,
        case: &Case,
        device: &Device,
        path: KernelPath,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), EvidenceError> {
        let model = case.model(device, path);
        let images: Vec<Vec<f32>> = case.x.iter().map(|image| floats(image)).collect();
        let z = floats(&self.z.concat());
        let eps = floats(&self.eps.concat());
        let what = |kind: &str, image: usize| format!("{}: {kind} of image {image}", self.name);
        for (i, image) in images.iter().enumerate() {
            let joint = LogJoint::new(&model, image, &[], device)?;
            let results = joint.log_joint_with_gradient(&z).await?;
            let logs: Vec<f64> = results.iter().map(|result| result.value).collect();
            let gradients: Vec<f64> = results
                .into_iter()
                .flat_map(|result| result.gradient)
                .collect();
            let log_likelihood = joint.log_likelihood(&z).await?;
            let log_joint = joint.log_joint(&z).await?;
            for (kind, found, expected) in [
                ("log p(x|z)", &log_likelihood, &self.log_likelihood[i]),
                ("log p(x, z)", &log_joint, &self.log_joint[i]),
                ("log p(x, z) with its gradient", &logs, &self.log_joint[i]),
                (
                    "the gradient of log p(x, z)",
                    &gradients,
                    &self.gradients[i].concat(),
                ),
            ] {
                report.compare_numbers(what(kind, i), found, expected, tolerance);
            }

            let weights = LogWeights::from_posterior_with(&model, image, &[], &eps, device).await?;
            for bound in &self.bounds {
                let kind = format!("the bound for K = {}", bound.k);
                let found = weights.bound(bound.k)?.value;
                report.compare_numbers(what(&kind, i), &[found], &[bound.values[i]], tolerance);
            }
        }
        match &self.log_evidence {
            Some(expected) => {
                let found = quadrature(&model, &images, device).await?;
                let what = format!("{}: log p(x)", self.name);
                report.compare_numbers(what, &found, expected, tolerance);
            }
            None => assert_ne!(model.latent_size(), 2, "{} has none", self.name),
        }
        Ok(())
    }
}

/// log p(x) of each image.
async fn quadrature(
    model: &Vae,
    images: &[Vec<f32>],
    device: &Device,
) -> Result<Vec<f64>, EvidenceError> {
    let grid = LatentGrid::new(160, LatentGrid::REACH)?;
    let mut pass = GridPass::new(model, grid, device)?;
    while !pass.is_done() {
        pass.advance(model, &[]).await?;
    }
    let mut found = Vec::with_capacity(images.len());
    for image in images {
        found.push(pass.exact(image).await?.log_evidence);
    }
    Ok(found)
}

fn floats(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}
