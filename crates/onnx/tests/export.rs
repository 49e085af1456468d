//! Exported models: read back here, and by ONNX Runtime, they compute what the model computes.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use burn::tensor::Device;
use futures_lite::future::block_on;
use onnx::{Exported, OnnxModel, convert, convert_pair, export};
use recognition::{Answers, QuestionId};
use std::{path::Path, process::Command};
use vae::{
    Activation, ChannelScales, ConvolutionConfig, ImageShape, InferenceModel, Likelihood,
    NetworkActivation, NetworkConfig, Operation, Spread, Vae, VaeConfig, Window,
    weights::{self, Card, DataCard, StorageType},
};

struct Model {
    name: String,
    model: InferenceModel,
    image: ImageShape,
    exported: Exported,
}

fn exported(name: &str, vae: Vae, image: ImageShape) -> Model {
    let (bytes, weights) = block_on(weights::save(&vae, StorageType::F32)).expect("saves");
    let data = DataCard {
        dataset: "none".into(),
        image,
        count: 0,
        class_names: Vec::new(),
        binarized: false,
        convention: "none".into(),
    };
    let card = Card {
        format: weights::FORMAT,
        name: name.to_owned(),
        architecture: vae.config(),
        data,
        training: None,
        test: None,
        class_means: None,
        weights,
    };
    let exported = export(&card.to_json(), &bytes);
    Model {
        name: name.to_owned(),
        image,
        exported: exported.unwrap_or_else(|error| panic!("{name}: {error}")),
        model: InferenceModel::new(vae),
    }
}

/// A network of every operation.
fn network(image: ImageShape, spread: Spread) -> NetworkConfig {
    let window = |kernel, stride, padding| Window::square(kernel, stride, padding);
    let activation = Operation::Activation;
    NetworkConfig {
        image,
        encoder: Some(vec![
            Operation::LabelPlanes,
            Operation::LabelMap { channels: 2 },
            Operation::Convolution {
                outputs: 4,
                window: window(3, 1, 1),
            },
            Operation::GroupNorm { groups: 2 },
            Operation::Affine,
            activation(NetworkActivation::Elu),
            Operation::MaxPool(window(2, 2, 0)),
            Operation::AveragePool(window(3, 1, 1)),
            activation(NetworkActivation::GeluTanh),
            Operation::Label,
            Operation::Linear { outputs: 7 },
            activation(NetworkActivation::Softplus),
        ]),
        spread,
        decoder: vec![
            Operation::Label,
            Operation::Linear { outputs: 2 * 2 * 3 },
            activation(NetworkActivation::LeakyRelu { slope: 0.2 }),
            Operation::Reshape {
                height: 2,
                width: 2,
                channels: 3,
            },
            Operation::TransposedConvolution {
                outputs: 5,
                window: window(3, 2, 1),
                output_padding: [1, 1],
            },
            activation(NetworkActivation::Sigmoid),
            Operation::Upsample { factor: 2 },
            Operation::Convolution {
                outputs: image.channels,
                window: window(3, 1, 1),
            },
        ],
        graphs: None,
    }
}

fn models() -> Vec<Model> {
    let device = Device::flex();
    let mut models = Vec::new();
    let mut add = |name: String, config: &VaeConfig, image: ImageShape| {
        let vae = Vae::init(config, 5, &device).expect("valid");
        models.push(exported(&name, vae, image));
    };
    for (at, activation) in Activation::ALL.into_iter().enumerate() {
        let image = ImageShape::grey(8, 9);
        let likelihood = Likelihood::of_each_kind(0.3)[at % 3];
        let config = VaeConfig {
            activation,
            classes: if at % 2 == 0 { 0 } else { 3 },
            ..VaeConfig::symmetric(72, vec![12, 10], 3, likelihood)
        };
        add(format!("mlp-{}", activation.name()), &config, image);
    }
    for (image, channels, classes) in [
        (ImageShape::color(9, 12), vec![5, 6], 0),
        (ImageShape::grey(8, 8), vec![4], 3),
    ] {
        let scales = ChannelScales::equal(0.1, image.channels);
        let convolution = ConvolutionConfig { image, channels };
        let likelihood = Likelihood::DiscretizedLogistic { scales };
        let config = VaeConfig {
            classes,
            ..VaeConfig::convolutional(convolution, vec![7], 4, likelihood)
        };
        add(format!("conv-{}", image.channels), &config, image);
    }
    for spread in Spread::ALL {
        let image = ImageShape::color(8, 8);
        let config = VaeConfig {
            network: Some(network(image, spread)),
            classes: 2,
            encoder_hidden: Vec::new(),
            decoder_hidden: Vec::new(),
            ..VaeConfig::symmetric(image.values(), Vec::new(), 3, Likelihood::Bernoulli)
        };
        add(format!("network-{}", spread.name()), &config, image);
    }
    models.extend(graphs());
    models
}

/// The imported graphs of `cases.json`.
fn graphs() -> Vec<Model> {
    vae::graph::install(vae::graph::interpret);
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("cases.json")).expect("the script writes cases");
    let model = |case: &serde_json::Value| {
        let name = case["name"].as_str().expect("text").replace(' ', "-");
        let bytes = BASE64_STANDARD.decode(case["onnx"].as_str().expect("text"));
        let converted = convert(&bytes.expect("base64")).expect("converts");
        let read = OnnxModel::read(&converted)
            .expect("converted")
            .expect("reads");
        let applied = read.apply(&Answers::new()).expect("a model");
        let parameters: Vec<_> = applied
            .parameters
            .into_iter()
            .map(|parameter| weights::Parameter {
                name: parameter.name,
                shape: parameter.shape,
                values: parameter.values,
            })
            .collect();
        let vae = weights::from_parameters(&applied.config, &parameters, &Device::flex());
        exported(&name, vae.expect("valid"), applied.image)
    };
    cases.iter().map(model).collect()
}

const SAMPLES: usize = 2;

fn values(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 0.7).sin()).collect()
}

/// Images `[n, height, width, channels]` as `[n, channels, height, width]`.
fn channels_first(images: &[f32], image: ImageShape) -> Vec<f32> {
    let pixels = image.pixels();
    let of_image = |values: &[f32]| -> Vec<f32> {
        (0..image.channels)
            .flat_map(|channel| (0..pixels).map(move |at| at * image.channels + channel))
            .map(|at| values[at])
            .collect()
    };
    images
        .chunks_exact(image.values())
        .flat_map(of_image)
        .collect()
}

/// Inputs, and what the model makes of them. All samples have the same class weights.
struct Expected {
    z: Vec<f32>,
    label: Vec<f32>,
    image: Vec<f32>,
    means: Vec<f32>,
    mu: Vec<f32>,
    log_var: Vec<f32>,
}

fn expected(model: &Model) -> Expected {
    let vae = model.model.model();
    let label = values(vae.classes());
    let z = values(SAMPLES * vae.latent_size());
    let image: Vec<f32> = values(SAMPLES * model.image.values());
    let image: Vec<f32> = image.iter().map(|value| value.abs()).collect();
    let means = block_on(model.model.decode(z.clone(), &label)).expect("computes");
    let (mut mu, mut log_var) = (Vec::new(), Vec::new());
    if vae.has_encoder() {
        let q = block_on(model.model.encode(image.clone(), &label)).expect("computes");
        mu = q.mu;
        log_var = q.sigma.iter().map(|sigma| 2.0 * sigma.ln()).collect();
    }
    Expected {
        z,
        label,
        image,
        means,
        mu,
        log_var,
    }
}

/// The model of a converted file; its output is taken as it is.
fn read_back(model: &Model, converted: &[u8]) -> InferenceModel {
    let name = &model.name;
    let read = OnnxModel::read(converted).expect("converted");
    let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
    let answers = Answers::from([(QuestionId::Output, "none".to_owned())]);
    let answers = match read.question(QuestionId::Output) {
        Some(_) => answers,
        None => Answers::new(),
    };
    let applied = read.apply(&answers).expect("a model");
    assert_eq!(applied.image, model.image, "{name}");
    let parameters: Vec<_> = applied
        .parameters
        .into_iter()
        .map(|parameter| weights::Parameter {
            name: parameter.name,
            shape: parameter.shape,
            values: parameter.values,
        })
        .collect();
    let vae = weights::from_parameters(&applied.config, &parameters, &Device::flex());
    InferenceModel::new(vae.expect("valid"))
}

fn assert_close(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let off = (found - expected).abs() / expected.abs().max(1.0);
        assert!(off < 1e-5, "{what}: {found}, not {expected}");
    }
}

#[test]
fn exported_decoders_read_back_compute_the_same() {
    for model in models() {
        let name = &model.name;
        let converted = convert(&model.exported.decoder);
        let converted = converted.unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = read_back(&model, &converted);
        let expected = expected(&model);
        let found = block_on(again.decode(expected.z, &expected.label)).expect("computes");
        assert_close(name, &found, &expected.means);
    }
}

/// Both files, in either order, make the whole model again.
#[test]
fn exported_decoders_and_encoders_read_back_as_one_model() {
    let mut compared = 0;
    for model in models() {
        let name = &model.name;
        let Some(encoder) = &model.exported.encoder else {
            continue;
        };
        let decoder = &model.exported.decoder;
        let expected = expected(&model);
        for files in [[encoder.as_slice(), decoder], [decoder, encoder.as_slice()]] {
            let converted = convert_pair(files).unwrap_or_else(|error| panic!("{name}: {error}"));
            let again = read_back(&model, &converted);
            let found = block_on(again.decode(expected.z.clone(), &expected.label));
            assert_close(name, &found.expect("computes"), &expected.means);
            let q = block_on(again.encode(expected.image.clone(), &expected.label));
            let q = q.expect("computes");
            assert_close(name, &q.mu, &expected.mu);
            let log_var: Vec<f32> = q.sigma.iter().map(|sigma| 2.0 * sigma.ln()).collect();
            assert_close(name, &log_var, &expected.log_var);
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared} pairs");
}

#[test]
fn convert_pair_rejects_two_decoders_and_two_encoders() {
    let all = models();
    let model = &all[0].exported;
    let encoder = model.encoder.as_ref().expect("has one");
    for files in [[&model.decoder, &model.decoder], [encoder, encoder]] {
        let error = convert_pair(files.map(Vec::as_slice)).expect_err("no pair");
        assert!(error.to_string().contains("one model"), "{error}");
    }
}

fn write(model: &Model, folder: &Path) {
    let path = |end: &str| folder.join(format!("{}{end}", model.name));
    std::fs::write(path("-decoder.onnx"), &model.exported.decoder).expect("writes");
    if let Some(encoder) = &model.exported.encoder {
        std::fs::write(path("-encoder.onnx"), encoder).expect("writes");
    }
    let expected = expected(model);
    let about = serde_json::json!({
        "samples": SAMPLES,
        "given": {
            "z": expected.z,
            "label": expected.label.repeat(SAMPLES),
            "image": channels_first(&expected.image, model.image),
        },
        "expected": {
            "image": channels_first(&expected.means, model.image),
            "mu": expected.mu,
            "log_var": expected.log_var,
        },
    });
    std::fs::write(path(".json"), about.to_string()).expect("writes");
}

/// `PYTHON_ONNX` is a Python that has onnxruntime.
#[test]
#[ignore = "needs a Python with onnxruntime: PYTHON_ONNX=python3 cargo test -p onnx --test export -- --ignored"]
fn exported_models_agree_with_onnx_runtime() {
    let python = std::env::var("PYTHON_ONNX").expect("PYTHON_ONNX names a Python with onnxruntime");
    let folder = std::env::temp_dir().join(format!("elbo-room-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("creates");
    models().iter().for_each(|model| write(model, &folder));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_export.py");
    let status = Command::new(python).arg(script).arg(&folder).status();
    std::fs::remove_dir_all(&folder).ok();
    assert!(status.expect("runs").success());
}
