//! Golden cases: small VAEs computed by PyTorch in float64 (`fixtures/golden.json`, `fixtures/convolution.json`) are
//! computed on any device and compared. The same code runs natively and in a worker in the browser.

pub mod evidence;
pub mod objectives;
pub mod onnx;

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Device, Tensor, TensorData},
};
use safetensors::{Dtype, tensor::TensorView};
use serde::Deserialize;
use std::collections::BTreeMap;
use vae::{
    Activation, Condition, ConvolutionConfig, ImageShape, InferenceModel, KernelPath, Likelihood,
    LikelihoodOps as _, Vae, VaeConfig,
    train::{Adam, train_step},
    weights::{self, Card, DataCard, FORMAT, StorageType, WeightsCard, sha256},
};

const GOLDEN: &str = include_str!("../fixtures/golden.json");
const CONVOLUTION: &str = include_str!("../fixtures/convolution.json");

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    /// `[logit, x, log p(x)]`.
    bernoulli_table: Vec<[f64; 3]>,
    /// `[logit, ln C]`.
    continuous_bernoulli_log_norm: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct Convolutional {
    cases: Vec<Case>,
}

/// One model and one batch; `make_golden.py` and `make_convolution.py` document each field.
#[derive(Deserialize)]
struct Case {
    name: String,
    input_size: usize,
    #[serde(default)]
    convolution: Option<ConvolutionConfig>,
    hidden: Vec<usize>,
    latent_size: usize,
    activation: Activation,
    likelihood: Likelihood,
    beta: f64,
    parameters: BTreeMap<String, Values>,
    x: Vec<Vec<f64>>,
    eps: Vec<Vec<f64>>,
    mu: Vec<Vec<f64>>,
    log_var: Vec<Vec<f64>>,
    z: Vec<Vec<f64>>,
    logits: Vec<Vec<f64>>,
    mean: Vec<Vec<f64>>,
    reconstruction: Vec<f64>,
    kl: Vec<Vec<f64>>,
    elbo: Vec<f64>,
    loss: f64,
    gradients: BTreeMap<String, Values>,
    adam_step: Option<BTreeMap<String, Values>>,
    #[serde(default)]
    d_log_scale: Vec<f64>,
}

#[derive(Deserialize)]
struct Values {
    shape: Vec<usize>,
    values: Vec<f64>,
}

/// The result of comparing a backend with the reference.
#[derive(Debug, Default)]
pub struct Report {
    /// Number of values compared.
    pub compared: usize,
    /// The largest difference, relative to the largest value of its tensor (at least 1).
    pub worst: f64,
    /// The tensor with the largest difference.
    pub worst_at: String,
    /// Tensors that exceed the tolerance, each with its difference.
    pub failures: Vec<String>,
}

impl Report {
    async fn compare<const D: usize>(
        &mut self,
        what: String,
        found: Tensor<D>,
        expected: &[f64],
        tolerance: f64,
    ) {
        match found.into_data_async().await {
            Ok(data) => {
                let found: Vec<f64> = data.iter().collect();
                self.compare_numbers(what, &found, expected, tolerance);
            }
            Err(error) => self
                .failures
                .push(format!("{what}: can't be read: {error}")),
        }
    }

    fn compare_numbers(&mut self, what: String, found: &[f64], expected: &[f64], tolerance: f64) {
        if found.len() != expected.len() {
            let lengths = format!(
                "{what}: {} values instead of {}",
                found.len(),
                expected.len()
            );
            return self.failures.push(lengths);
        }
        let scale = expected
            .iter()
            .fold(1.0_f64, |scale, value| scale.max(value.abs()));
        let worst = found
            .iter()
            .zip(expected)
            .map(|(a, b)| (a - b).abs() / scale)
            // `f64::max` ignores NaN.
            .fold(0.0, |worst: f64, d| {
                if d.is_nan() {
                    f64::INFINITY
                } else {
                    worst.max(d)
                }
            });
        self.compared += found.len();
        if worst > self.worst {
            (self.worst, self.worst_at) = (worst, what.clone());
        }
        if worst > tolerance {
            self.failures.push(format!(
                "{what}: differs by {worst:.2e}; the tolerance is {tolerance:.0e}"
            ));
        }
    }
}

/// The fixture.
///
/// # Panics
/// If it can't be parsed; it is compiled in.
fn golden() -> Golden {
    let mut golden: Golden = serde_json::from_str(GOLDEN).expect("golden.json has this structure");
    let convolutional: Convolutional =
        serde_json::from_str(CONVOLUTION).expect("convolution.json has this structure");
    golden.cases.extend(convolutional.cases);
    golden
}

/// Runs all cases on a device: forward pass, terms of the ELBO, gradients, a step of Adam, and tables of
/// likelihoods. `tolerance` is relative to the largest value of each tensor.
pub async fn run(device: &Device, path: KernelPath, tolerance: f64) -> Report {
    let golden = golden();
    let mut report = Report::default();
    for case in &golden.cases {
        case.forward(device, path, tolerance, &mut report).await;
        case.backward(&device.clone().autodiff(), path, tolerance, &mut report)
            .await;
    }
    tables(&golden, device, path, tolerance, &mut report).await;
    report
}

impl Case {
    /// The case's model, loaded in the same way as included weights.
    fn model(&self, device: &Device, path: KernelPath) -> Vae {
        let bytes: BTreeMap<&String, Vec<u8>> = self
            .parameters
            .iter()
            .map(|(name, p)| {
                (
                    name,
                    p.values
                        .iter()
                        .flat_map(|v| (*v as f32).to_le_bytes())
                        .collect(),
                )
            })
            .collect();
        let views = self.parameters.iter().map(|(name, p)| {
            let view = TensorView::new(Dtype::F32, p.shape.clone(), &bytes[name]);
            (name, view.expect("the shape matches the values"))
        });
        let bytes = safetensors::serialize(views, None).expect("serializes");
        let card = Card {
            format: FORMAT,
            name: self.name.clone(),
            architecture: VaeConfig {
                input_size: self.input_size,
                convolution: self.convolution.clone(),
                network: None,
                encoder_hidden: self.hidden.clone(),
                decoder_hidden: self.hidden.iter().rev().copied().collect(),
                latent_size: self.latent_size,
                classes: 0,
                activation: self.activation,
                likelihood: self.likelihood,
            },
            data: DataCard {
                dataset: "synthetic".into(),
                image: match &self.convolution {
                    Some(convolution) => convolution.image,
                    None => ImageShape::grey(1, self.input_size),
                },
                count: 0,
                class_names: Vec::new(),
                binarized: false,
                convention: String::new(),
            },
            training: None,
            test: None,
            class_means: None,
            weights: WeightsCard {
                bytes: bytes.len(),
                storage: StorageType::F32,
                parameters: self.parameters.values().map(|p| p.values.len()).sum(),
                sha256: sha256(&bytes),
            },
        };
        weights::load(&card, &bytes, device)
            .expect("the fixture's weights load")
            .with_kernel_path(path)
    }

    async fn forward(
        &self,
        device: &Device,
        path: KernelPath,
        tolerance: f64,
        report: &mut Report,
    ) {
        let model = self.model(device, path);
        let (x, eps) = (matrix(&self.x, device), matrix(&self.eps, device));
        let unconditional = Condition::none();
        let q = model.encoder.forward(x.clone(), &unconditional);
        let z = q.reparameterize(eps.clone());
        let logits = model.decoder.forward(z.clone(), &unconditional);
        let mean = model.decode(z.clone(), &unconditional);
        let parts = model.elbo(x, &unconditional, eps);
        let name = |what: &str| format!("{}: {what}", self.name);
        for (what, found, expected) in [
            ("mu", q.mu, &self.mu),
            ("log_var", q.log_var, &self.log_var),
            ("z", z, &self.z),
            ("logits", logits, &self.logits),
            ("mean", mean, &self.mean),
            ("kl", parts.kl.clone(), &self.kl),
        ] {
            report
                .compare(name(what), found, &expected.concat(), tolerance)
                .await;
        }
        self.inference_model(model, tolerance, report).await;
        report
            .compare(name("elbo"), parts.elbo(), &self.elbo, tolerance)
            .await;
        let loss = parts.loss(self.beta);
        report
            .compare(name("loss"), loss, &[self.loss], tolerance)
            .await;
        let reconstruction = parts.reconstruction;
        report
            .compare(
                name("reconstruction"),
                reconstruction,
                &self.reconstruction,
                tolerance,
            )
            .await;
    }

    /// The forward pass of [`InferenceModel`], with all images in one batch and one by one.
    async fn inference_model(&self, model: Vae, tolerance: f64, report: &mut Report) {
        let inference_model = InferenceModel::new(model);
        let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
        let floats = |rows: &[Vec<f64>]| -> Vec<f32> {
            rows.iter().flatten().map(|value| *value as f32).collect()
        };
        let sigma: Vec<Vec<f64>> = self
            .log_var
            .iter()
            .map(|row| row.iter().map(|v| (v / 2.0).exp()).collect())
            .collect();
        for each in [self.x.len(), 1] {
            let all = self.x.chunks(each).zip(self.z.chunks(each));
            let expected = self
                .mean
                .chunks(each)
                .zip(self.mu.chunks(each).zip(sigma.chunks(each)));
            for ((x, z), (mean, (mu, sigma))) in all.zip(expected) {
                let (means, encoded) = match (
                    inference_model.decode(floats(z), &[]).await,
                    inference_model.encode(floats(x), &[]).await,
                ) {
                    (Ok(means), Ok(encoded)) => (means, encoded),
                    other => {
                        let failure = format!("{}: inference model: {other:?}", self.name);
                        return report.failures.push(failure);
                    }
                };
                for (what, found, expected) in [
                    ("mean", means, mean),
                    ("mu", encoded.mu, mu),
                    ("sigma", encoded.sigma, sigma),
                ] {
                    let name =
                        format!("{}: {what} of the inference model, batch {each}", self.name);
                    report.compare_numbers(name, &wide(found), &expected.concat(), tolerance);
                }
            }
        }
    }

    async fn backward(
        &self,
        device: &Device,
        path: KernelPath,
        tolerance: f64,
        report: &mut Report,
    ) {
        let model = self.model(device, path).train();
        let (x, eps) = (matrix(&self.x, device), matrix(&self.eps, device));
        let gradients = model
            .elbo(x.clone(), &Condition::none(), eps.clone())
            .loss(self.beta)
            .backward();
        let gradients = GradientsParams::from_grads(gradients, &model);
        let mut found = Parameters::collecting(Some(gradients), &model);
        model.visit(&mut found);
        let what = |kind: &str, name: &str| format!("{}: {kind} of {name}", self.name);
        for (name, expected) in &self.gradients {
            match found.values.remove(name) {
                Some(values) => {
                    let what = what("gradient", name);
                    report
                        .compare(what, values, &expected.values, tolerance)
                        .await;
                }
                None => report
                    .failures
                    .push(format!("{} is missing", what("gradient", name))),
            }
        }

        let mut adam = Adam::new(&model);
        let (model, parts) = train_step(
            model,
            &mut adam,
            x,
            &Condition::none(),
            eps,
            self.beta,
            1e-3,
        );
        // A step computes the ELBO and its gradients separately; on CPU backends without autodiff.
        let what = |kind: &str| format!("{}: {kind} of a step", self.name);
        let d_log_scale = parts.d_log_scale;
        let has_scale = d_log_scale.is_some();
        if has_scale == self.d_log_scale.is_empty() {
            let failure = format!("{} {has_scale}", what("whether it has d log s"));
            report.failures.push(failure);
        }
        if let Some(found) = d_log_scale {
            report
                .compare(what("d log s"), found, &self.d_log_scale, tolerance)
                .await;
        }
        let (kl, reconstruction) = (parts.kl, parts.reconstruction);
        report
            .compare(what("KL"), kl, &self.kl.concat(), tolerance)
            .await;
        report
            .compare(
                what("log p(x|z)"),
                reconstruction,
                &self.reconstruction,
                tolerance,
            )
            .await;
        let mut found = Parameters::collecting(None, &model);
        adam.first_moment().visit(&mut found);
        for (name, expected) in &self.gradients {
            let moment = found
                .values
                .remove(name)
                .expect("the same parameters as before");
            // After the first step, the first moment is a tenth of the gradient.
            let what = format!("{}: gradient of {name} in a step", self.name);
            let gradient = moment.mul_scalar(10.0);
            report
                .compare(what, gradient, &expected.values, tolerance)
                .await;
        }

        let what = |kind: &str, name: &str| format!("{}: {kind} of {name}", self.name);
        let Some(expected) = &self.adam_step else {
            return;
        };
        let mut found = Parameters::collecting(None, &model);
        model.visit(&mut found);
        for (name, expected) in expected {
            let values = found
                .values
                .remove(name)
                .expect("the same parameters as before");
            // The step size is 1e-3, so the tolerance must be smaller.
            let what = what("value after Adam", name);
            report
                .compare(what, values, &expected.values, tolerance * 1e-1)
                .await;
        }
    }
}

async fn tables(
    golden: &Golden,
    device: &Device,
    path: KernelPath,
    tolerance: f64,
    report: &mut Report,
) {
    let column =
        |values: Vec<f64>| matrix(&values.iter().map(|v| vec![*v]).collect::<Vec<_>>(), device);
    let table = &golden.bernoulli_table;
    let logits = column(table.iter().map(|row| row[0]).collect());
    let x = column(table.iter().map(|row| row[1]).collect());
    let expected: Vec<f64> = table.iter().map(|row| row[2]).collect();
    let found = Likelihood::Bernoulli.log_prob(logits, x, path);
    report
        .compare("Bernoulli table".into(), found, &expected, tolerance)
        .await;

    let table = &golden.continuous_bernoulli_log_norm;
    let logits = column(table.iter().map(|row| row[0]).collect());
    let x = logits.zeros_like();
    let found = Likelihood::ContinuousBernoulli.log_prob(logits.clone(), x.clone(), path)
        - Likelihood::Bernoulli.log_prob(logits, x, path);
    let expected: Vec<f64> = table.iter().map(|row| row[1]).collect();
    report
        .compare(
            "continuous Bernoulli table".into(),
            found,
            &expected,
            tolerance,
        )
        .await;
}

/// Collects the gradients (or, without gradients, the values) of a model's parameters, each flattened in
/// PyTorch's layout.
struct Parameters {
    gradients: Option<GradientsParams>,
    /// Names of the enclosing modules.
    path: Vec<String>,
    shapes: BTreeMap<String, Vec<usize>>,
    values: BTreeMap<String, Tensor<1>>,
}

impl Parameters {
    fn collecting(gradients: Option<GradientsParams>, model: &Vae) -> Self {
        Self {
            gradients,
            path: Vec::new(),
            shapes: model.config().parameter_shapes().into_iter().collect(),
            values: BTreeMap::new(),
        }
    }
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let values = match &self.gradients {
            Some(gradients) => gradients.get::<D>(parameter.id),
            None => Some(parameter.val().inner()),
        };
        if let Some(values) = values {
            let count = values.shape().num_elements();
            let name = self.path.join(".");
            let values = match self.shapes.get(&name).map(Vec::as_slice) {
                // The weight of a convolution is [3 · 3 · in, out] here and [out, in, 3, 3] there.
                Some(&[output, input, height, width]) => values
                    .reshape([height * width, input, output])
                    .permute([2, 1, 0])
                    .reshape([count]),
                // Other weights are [in, out] here and [out, in] there.
                _ => values.swap_dims(0, D - 1).reshape([count]),
            };
            self.values.insert(name, values);
        }
    }
}

fn matrix(rows: &[Vec<f64>], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = rows.iter().flatten().map(|value| *value as f32).collect();
    Tensor::from_data(TensorData::new(values, [rows.len(), rows[0].len()]), device)
}
