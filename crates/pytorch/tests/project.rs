//! Projects that PyTorch runs: the loss of the model, training in two processes, and the result read here.

use burn::tensor::{Device, Tensor, TensorData};
use futures_lite::future::block_on;
use pytorch::{Check, Data, Project, ProjectError, Settings, project};
use std::{
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
    process::Command,
};
use vae::{
    Activation, ChannelScales, Condition, ConvolutionConfig, ImageShape, Likelihood, Vae,
    VaeConfig,
    weights::{self, Card, DataCard, StorageType},
};

const COUNT: usize = 6;

struct Model {
    card: String,
    weights: Vec<u8>,
    image: ImageShape,
    check: Check,
}

fn model(name: &str, config: &VaeConfig, image: ImageShape) -> Model {
    let device = Device::flex();
    let vae = Vae::init(config, 3, &device).expect("valid");
    let (weights, about) = block_on(weights::save(&vae, StorageType::F32)).expect("saves");
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
        architecture: config.clone(),
        data,
        training: None,
        test: None,
        class_means: None,
        weights: about,
    };
    let values = image.values();
    let images: Vec<u8> = (0..COUNT * values)
        .map(|at| (at * 37 % 256) as u8)
        .collect();
    let classes = config.classes.max(1);
    let labels: Vec<u8> = (0..COUNT).map(|at| (at % classes) as u8).collect();
    let eps: Vec<f32> = (0..COUNT * config.latent_size)
        .map(|at| (at as f32).sin())
        .collect();
    let x = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let x = Tensor::<2>::from_data(TensorData::new::<f32, _>(x, [COUNT, values]), &device);
    let noise = TensorData::new(eps.clone(), [COUNT, config.latent_size]);
    let noise = Tensor::<2>::from_data(noise, &device);
    let condition = Condition::of_labels(&labels, config.classes, &device);
    let loss = vae.elbo(x, &condition, noise).loss(1.0).into_data();
    let loss = loss.iter::<f64>().next().expect("one value");
    Model {
        card: card.to_json(),
        weights,
        image,
        check: Check {
            images,
            labels,
            eps,
            loss,
        },
    }
}

fn models() -> Vec<Model> {
    let grey = ImageShape::grey(8, 9);
    let mut models: Vec<Model> = Likelihood::of_each_kind(0.3)
        .into_iter()
        .zip(Activation::ALL.into_iter().cycle())
        .enumerate()
        .map(|(at, (likelihood, activation))| {
            let config = VaeConfig {
                activation,
                classes: at % 2 * 3,
                ..VaeConfig::symmetric(grey.values(), vec![12, 7], 3, likelihood)
            };
            model(&format!("mlp-{at}"), &config, grey)
        })
        .collect();
    let image = ImageShape::color(9, 12);
    let convolution = ConvolutionConfig {
        image,
        channels: vec![4, 5],
    };
    let scales = ChannelScales::equal(0.1, 3);
    let likelihood = Likelihood::DiscretizedLogistic { scales };
    let config = VaeConfig {
        classes: 2,
        ..VaeConfig::convolutional(convolution, vec![11], 4, likelihood)
    };
    models.push(model("conv", &config, image));
    models
}

fn archive(model: &Model) -> Vec<u8> {
    let written = project(&Project {
        card: &model.card,
        weights: &model.weights,
        settings: Settings::default(),
        data: Some(Data {
            shape: model.image,
            pixels: &model.check.images,
            labels: &model.check.labels,
        }),
        check: model.check.clone(),
    });
    written.expect("writes")
}

/// Unpacks an archive; the project's folder.
fn unpack(bytes: &[u8], folder: &Path) -> PathBuf {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut root = PathBuf::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).expect("an entry");
        let path = folder.join(entry.enclosed_name().expect("inside"));
        root = path.parent().expect("a folder").to_owned();
        std::fs::create_dir_all(&root).expect("creates");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("reads");
        std::fs::write(path, bytes).expect("writes");
    }
    root
}

#[test]
fn project_has_programs_model_and_data() {
    let model = &models()[0];
    let folder = tempfile::tempdir().expect("creates");
    let root = unpack(&archive(model), folder.path());
    assert!(root.ends_with("mlp-0-pytorch"));
    for name in [
        "README.md",
        "check.py",
        "data.npz",
        "model.py",
        "requirements.txt",
        "settings.json",
        "train.py",
        "weights.py",
    ] {
        assert!(root.join(name).exists(), "{name}");
    }
    assert_eq!(
        std::fs::read(root.join("model.safetensors")).expect("reads"),
        model.weights
    );
    let npz = std::fs::read(root.join("data.npz")).expect("reads");
    let mut npz = zip::ZipArchive::new(Cursor::new(npz)).expect("an archive");
    let mut images = Vec::new();
    npz.by_name("images.npy")
        .expect("there")
        .read_to_end(&mut images)
        .expect("reads");
    assert_eq!(images.len() % 64, model.check.images.len() % 64);
    assert!(images.ends_with(&model.check.images));
}

#[test]
fn project_rejects_data_of_another_size() {
    let model = &models()[0];
    let written = project(&Project {
        card: &model.card,
        weights: &model.weights,
        settings: Settings::default(),
        data: Some(Data {
            shape: model.image,
            pixels: &[0; 10],
            labels: &[0],
        }),
        check: model.check.clone(),
    });
    assert!(matches!(written, Err(ProjectError::Data)));
}

/// `PYTHON_TORCH` is a Python that has torch.
fn python() -> String {
    std::env::var("PYTHON_TORCH").expect("PYTHON_TORCH names a Python with torch")
}

fn run(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(python());
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
}

#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn check_reproduces_the_loss() {
    for model in models() {
        let folder = tempfile::tempdir().expect("creates");
        run(&unpack(&archive(&model), folder.path()), &["check.py"]);
    }
}

#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn check_finds_a_wrong_loss() {
    let mut model = models().remove(0);
    model.check.loss *= 1.0001;
    let folder = tempfile::tempdir().expect("creates");
    let root = unpack(&archive(&model), folder.path());
    let output = Command::new(python())
        .arg("check.py")
        .current_dir(root)
        .output();
    assert!(!output.expect("runs").status.success());
}

/// One process and two over gloo; the model that two write opens here and is better than before.
#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn train_runs_in_two_processes() {
    for model in models().into_iter().rev().take(2) {
        let folder = tempfile::tempdir().expect("creates");
        let root = unpack(&archive(&model), folder.path());
        let train = ["train.py", "--epochs", "60", "--batch", "4", "--lr", "0.01"];
        run(
            &root,
            &[&train[..], &["--steps", "5", "--out", "one.safetensors"]].concat(),
        );
        let processes = [
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc_per_node=2",
            "--redirects=1",
            "--tee=1",
        ];
        run(&root, &[&processes[..], &train[..]].concat());
        let card = std::fs::read_to_string(root.join("trained.json")).expect("written");
        let card = Card::from_json(&card).expect("a card");
        let bytes = std::fs::read(root.join("trained.safetensors")).expect("written");
        let trained = weights::load(&card, &bytes, &Device::flex()).expect("opens");
        let x = model
            .check
            .images
            .iter()
            .map(|&byte| f32::from(byte) / 255.0);
        let shape = [COUNT, model.image.values()];
        let device = Device::flex();
        let x = Tensor::<2>::from_data(TensorData::new(x.collect::<Vec<f32>>(), shape), &device);
        let noise = TensorData::new(model.check.eps.clone(), [COUNT, trained.latent_size()]);
        let noise = Tensor::<2>::from_data(noise, &device);
        let condition = Condition::of_labels(&model.check.labels, trained.classes(), &device);
        let loss = trained.elbo(x, &condition, noise).loss(1.0).into_data();
        let loss = loss.iter::<f64>().next().expect("one value");
        assert!(
            loss < model.check.loss,
            "{loss}, before {}",
            model.check.loss
        );
    }
}
