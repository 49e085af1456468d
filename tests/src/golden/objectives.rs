//! Steps for the importance-weighted bound and for log p(x), computed by PyTorch in float64
//! (`fixtures/objectives.json`; `make_objectives.py` documents each field).

use super::{Case, Parameters, Report, Values, golden, matrix};
use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use vae::{
    Condition, KernelPath, Vae,
    train::{Adam, exact_train_step, importance_train_step},
};

const OBJECTIVES: &str = include_str!("../../fixtures/objectives.json");

#[derive(Deserialize)]
struct Objectives {
    cases: Vec<ObjectiveCase>,
}

#[derive(Deserialize)]
struct ObjectiveCase {
    name: String,
    importance: Importance,
    exact: Exact,
}

#[derive(Deserialize)]
struct Importance {
    samples: usize,
    eps: Vec<Vec<f64>>,
    bound: Vec<f64>,
    gradients: BTreeMap<String, Values>,
}

#[derive(Deserialize)]
struct Exact {
    z: Vec<Vec<f64>>,
    log_evidence: Vec<f64>,
    gradients: BTreeMap<String, Values>,
}

/// Makes one step for each objective in each case. `tolerance` is relative to the largest value of each tensor.
///
/// # Panics
/// If the fixtures can't be parsed or do not belong together; they are compiled in.
pub async fn run(device: &Device, path: KernelPath, tolerance: f64) -> Report {
    let golden = golden();
    let objectives: Objectives =
        serde_json::from_str(OBJECTIVES).expect("objectives.json has this structure");
    let mut report = Report::default();
    let device = device.clone().autodiff();
    for case in &objectives.cases {
        let mut models = golden.cases.iter();
        let model = models
            .find(|model| model.name == case.name)
            .expect("a case of golden.json");
        let check = Check {
            model,
            device: &device,
            path,
            tolerance,
        };
        check.importance(&case.importance, &mut report).await;
        check.exact(&case.exact, &mut report).await;
    }
    report
}

struct Check<'a> {
    model: &'a Case,
    device: &'a Device,
    path: KernelPath,
    tolerance: f64,
}

impl Check<'_> {
    fn start(&self) -> (Vae, Adam, Tensor<2>) {
        let model = self.model.model(self.device, self.path).train();
        let adam = Adam::new(&model);
        (model, adam, matrix(&self.model.x, self.device))
    }

    async fn importance(&self, case: &Importance, report: &mut Report) {
        let (model, mut adam, x) = self.start();
        let eps = matrix(&case.eps, self.device);
        let none = Condition::none();
        let (model, parts) =
            importance_train_step(model, &mut adam, x, &none, eps, case.samples, 1e-3);
        let what = format!("{}: importance-weighted bound", self.model.name);
        report
            .compare(what.clone(), parts.value, &case.bound, self.tolerance)
            .await;
        self.gradients(&what, &model, &adam, &case.gradients, report)
            .await;
    }

    async fn exact(&self, case: &Exact, report: &mut Report) {
        let (model, mut adam, x) = self.start();
        let eps = matrix(&self.model.eps, self.device);
        let points: Vec<f32> = case.z.iter().flatten().map(|z| *z as f32).collect();
        let what = format!("{}: log p(x)", self.model.name);
        // The objective is for one or two latent dimensions.
        let (model, parts) = match exact_train_step(model, &mut adam, x, eps, &points, 1e-3) {
            Ok(result) => result,
            Err(error) => {
                if self.model.latent_size <= 2 {
                    report.failures.push(format!("{what}: {error}"));
                }
                return;
            }
        };
        report
            .compare(
                what.clone(),
                parts.value,
                &case.log_evidence,
                self.tolerance,
            )
            .await;
        // The encoder's step is that of the ELBO, whose gradients are in golden.json if it has no β.
        let elbo = format!("{}: ELBO beside log p(x)", self.model.name);
        report
            .compare(
                elbo.clone(),
                parts.elbo.elbo(),
                &self.model.elbo,
                self.tolerance,
            )
            .await;
        self.gradients(&what, &model, &adam, &case.gradients, report)
            .await;
        if self.model.beta == 1.0 {
            let encoder = self.model.gradients.iter();
            let encoder = encoder.filter(|(name, _)| name.starts_with("encoder."));
            self.gradients(&elbo, &model, &adam, encoder, report).await;
        }
    }

    async fn gradients<'a>(
        &self,
        what: &str,
        model: &Vae,
        adam: &Adam,
        expected: impl IntoIterator<Item = (&'a String, &'a Values)>,
        report: &mut Report,
    ) {
        let mut found = Parameters::collecting(None, model);
        adam.first_moment().visit(&mut found);
        for (name, expected) in expected {
            let moment = found
                .values
                .remove(name)
                .expect("the same parameters as before");
            // After the first step, the first moment is a tenth of the gradient.
            let gradient = moment.mul_scalar(10.0);
            let what = format!("{what}: gradient of {name}");
            report
                .compare(what, gradient, &expected.values, self.tolerance)
                .await;
        }
    }
}
