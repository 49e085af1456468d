//! Projects that PyTorch runs: the loss of the model and its gradients, training in two processes, and the result read here.

use burn::tensor::{Device, Tensor, TensorData};
use estimate::quantile_grid;
use futures_lite::future::block_on;
use pytorch::{Check, Data, Project, ProjectError, Settings, project};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
    process::Command,
};
use vae::{
    Activation, ChannelScales, Condition, ConvolutionConfig, ImageShape, Likelihood, Vae,
    VaeConfig,
    train::{
        Adam, Objective, ObjectiveParts, TrainingSpec, exact_train_step, importance_train_step,
        train_step,
    },
    weights::{self, Card, DataCard, Parameter, StorageType},
};

const COUNT: usize = 6;
const BETA: f64 = 0.7;

struct Model {
    card: String,
    weights: Vec<u8>,
    image: ImageShape,
    settings: Settings,
    check: Check,
    /// The gradients of the loss on the images of the check.
    gradients: Vec<Parameter>,
}

/// A batch of the check.
struct Batch {
    images: Vec<u8>,
    labels: Vec<u8>,
    eps: Vec<f32>,
    offsets: Vec<f64>,
}

fn matrix(values: Vec<f32>, rows: usize, device: &Device) -> Tensor<2> {
    let columns = values.len() / rows;
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

fn floats(images: &[u8]) -> Vec<f32> {
    images.iter().map(|&byte| f32::from(byte) / 255.0).collect()
}

fn mean(values: Tensor<1>) -> f64 {
    values.mean().into_scalar::<f32>().into()
}

/// The mean of the loss and −ELBO, and the gradients, by this program.
fn losses(vae: &Vae, objective: Objective, batch: &Batch) -> (f64, f64, Vec<Parameter>) {
    let device = Device::flex().autodiff();
    let config = vae.config();
    let parameters = block_on(weights::read_parameters(vae)).expect("reads");
    let model = weights::from_parameters(&config, &parameters, &device).expect("valid");
    let mut adam = Adam::new(&model);
    let x = matrix(floats(&batch.images), COUNT, &device);
    let condition = Condition::of_labels(&batch.labels, config.classes, &device);
    let eps = matrix(
        batch.eps.clone(),
        batch.eps.len() / config.latent_size,
        &device,
    );
    // The learning rate does not matter.
    let rate = 1e-3;
    let (loss, neg_elbo) = match objective {
        Objective::Elbo => {
            let (_, parts) = train_step(model, &mut adam, x, &condition, eps, BETA, rate);
            let neg_elbo = -mean(parts.elbo());
            (mean(parts.loss(BETA)), neg_elbo)
        }
        Objective::ImportanceWeighted { samples } => {
            let (_, ObjectiveParts { elbo, value }) =
                importance_train_step(model, &mut adam, x, &condition, eps, samples, rate);
            (-mean(value), -mean(elbo.elbo()))
        }
        Objective::Exact { side } => {
            let grid = quantile_grid(side, &batch.offsets);
            let step = exact_train_step(model, &mut adam, x, eps, &grid, rate);
            let (_, ObjectiveParts { elbo, value }) = step.expect("suited");
            (-mean(value), -mean(elbo.elbo()))
        }
    };
    let mut gradients = block_on(weights::read_parameters(adam.first_moment())).expect("reads");
    // After the first step, the first moment is a tenth of the gradient.
    for parameter in &mut gradients {
        parameter.values.iter_mut().for_each(|value| *value *= 10.0);
    }
    (loss, neg_elbo, gradients)
}

fn model(name: &str, config: &VaeConfig, image: ImageShape, objective: Objective) -> Model {
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
    let classes = config.classes.max(1);
    let samples = match objective {
        Objective::ImportanceWeighted { samples } => samples,
        Objective::Elbo | Objective::Exact { .. } => 1,
    };
    let offsets = match objective {
        Objective::Exact { .. } => &[0.2, 0.7][..config.latent_size],
        Objective::Elbo | Objective::ImportanceWeighted { .. } => &[],
    };
    let batch = Batch {
        images: (0..COUNT * values)
            .map(|at| (at * 37 % 256) as u8)
            .collect(),
        labels: (0..COUNT).map(|at| (at % classes) as u8).collect(),
        eps: (0..COUNT * samples * config.latent_size)
            .map(|at| (at as f32).sin())
            .collect(),
        offsets: offsets.to_vec(),
    };
    let (loss, neg_elbo, gradients) = losses(&vae, objective, &batch);
    let has_beta = objective == Objective::Elbo;
    Model {
        card: card.to_json(),
        weights,
        image,
        settings: Settings {
            epochs: 20,
            training: TrainingSpec {
                objective,
                beta: if has_beta { BETA } else { 1.0 },
                ..TrainingSpec::default()
            },
        },
        check: Check {
            images: batch.images,
            labels: batch.labels,
            eps: batch.eps,
            offsets: batch.offsets,
            loss,
            neg_elbo,
        },
        gradients,
    }
}

/// Each likelihood with each objective that it can be trained by, fully connected and convolutional, with a label and
/// without.
fn models() -> Vec<Model> {
    let objectives = [
        Objective::Elbo,
        Objective::ImportanceWeighted { samples: 4 },
        Objective::Exact { side: 8 },
    ];
    let grey = ImageShape::grey(8, 9);
    let color = ImageShape::color(9, 12);
    let mut models = Vec::new();
    let mut activations = Activation::ALL.into_iter().cycle();
    let mut add = |config: &VaeConfig, image, objective: Objective| {
        let suits = objective.check(config.latent_size, config.classes, &config.likelihood);
        if suits.is_ok() {
            let name = format!("model-{}", models.len());
            models.push(model(&name, config, image, objective));
        }
    };
    for objective in objectives {
        for likelihood in Likelihood::of_each_kind(0.3) {
            for classes in [0, 3] {
                let config = VaeConfig {
                    activation: activations.next().expect("endless"),
                    classes,
                    ..VaeConfig::symmetric(grey.values(), vec![12, 7], 2, likelihood)
                };
                add(&config, grey, objective);
            }
        }
        let scales = ChannelScales::new(&[0.1, 0.2, 0.05]).expect("three");
        let logistic = Likelihood::DiscretizedLogistic { scales };
        for (image, likelihood, latent, classes) in [
            (grey, Likelihood::Bernoulli, 1, 0),
            (color, Likelihood::Gaussian { sigma: 0.2 }, 2, 0),
            (color, logistic, 4, 2),
        ] {
            let convolution = ConvolutionConfig {
                image,
                channels: vec![4, 5],
            };
            let config = VaeConfig {
                classes,
                ..VaeConfig::convolutional(convolution, vec![11], latent, likelihood)
            };
            add(&config, image, objective);
        }
    }
    models
}

fn archive(model: &Model) -> Vec<u8> {
    let written = project(&Project {
        card: &model.card,
        weights: &model.weights,
        settings: model.settings.clone(),
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
    assert!(root.ends_with("model-0-pytorch"));
    for name in [
        "README.md",
        "augmentation.py",
        "check.py",
        "data.npz",
        "likelihoods.py",
        "model.py",
        "objectives.py",
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
fn project_has_all_settings_of_training() {
    let model = &models()[0];
    let folder = tempfile::tempdir().expect("creates");
    let root = unpack(&archive(model), folder.path());
    let text = std::fs::read_to_string(root.join("settings.json")).expect("reads");
    let mut settings: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let epochs = settings
        .as_object_mut()
        .and_then(|all| all.remove("epochs"));
    assert_eq!(epochs, Some(20.into()));
    let training: TrainingSpec = serde_json::from_value(settings).expect("a specification");
    assert_eq!(training, model.settings.training);
}

#[test]
fn project_rejects_an_objective_that_does_not_suit_the_model() {
    let model = &models()[1];
    let exact = TrainingSpec {
        objective: Objective::Exact { side: 8 },
        ..TrainingSpec::default()
    };
    let written = project(&Project {
        card: &model.card,
        weights: &model.weights,
        settings: Settings {
            epochs: 1,
            training: exact,
        },
        data: None,
        check: model.check.clone(),
    });
    let error = written.expect_err("a model with a label").to_string();
    assert!(error.contains("without a label"), "{error}");
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
    let wrong: [fn(&mut Check); 4] = [
        |check| check.loss *= 1.0001,
        |check| check.neg_elbo *= 1.0001,
        |check| check.eps[3] += 0.1,
        |check| check.images[5] ^= 64,
    ];
    for change in wrong {
        let mut model = models().remove(0);
        change(&mut model.check);
        let folder = tempfile::tempdir().expect("creates");
        let root = unpack(&archive(&model), folder.path());
        let output = Command::new(python())
            .arg("check.py")
            .current_dir(root)
            .output();
        assert!(!output.expect("runs").status.success());
    }
}

/// The gradients of a step of training, of each objective.
#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn objectives_have_the_gradients_of_training() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gradients.py");
    let script = script.to_str().expect("UTF-8");
    for model in models() {
        let folder = tempfile::tempdir().expect("creates");
        let root = unpack(&archive(&model), folder.path());
        run(&root, &[script, root.to_str().expect("UTF-8")]);
        let bytes = std::fs::read(root.join("gradients.safetensors")).expect("written");
        let card = Card::from_json(&model.card).expect("a card");
        let found = weights::read_named(&bytes, &card.architecture).expect("gradients");
        let found: BTreeMap<_, _> = found
            .into_iter()
            .map(|parameter| (parameter.name, parameter.values))
            .collect();
        assert_eq!(found.len(), model.gradients.len());
        for Parameter { name, values, .. } in &model.gradients {
            let scale = values
                .iter()
                .fold(0.0_f32, |scale, value| scale.max(value.abs()));
            let pairs = values.iter().zip(&found[name]);
            let largest = pairs.fold(0.0_f32, |largest, (a, b)| largest.max((a - b).abs()));
            assert!(
                largest <= 1e-4 * scale.max(1e-2),
                "{}, {:?}: {name} differs by {largest}, the largest is {scale}",
                card.name,
                model.settings.training.objective
            );
        }
    }
}

#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn augmentation_moves_pixels_as_stated() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_augmentation.py");
    let script = script.to_str().expect("UTF-8");
    let folder = tempfile::tempdir().expect("creates");
    let root = unpack(&archive(&models()[0]), folder.path());
    run(&root, &[script, root.to_str().expect("UTF-8")]);
}

/// One process and two over gloo, with all settings of the page; the model that two write opens here and is better than
/// before.
#[test]
#[ignore = "needs a Python with torch: PYTHON_TORCH=python3 cargo test -p pytorch -- --ignored"]
fn train_runs_in_two_processes() {
    let trained = |model: &Model, objective| {
        let chosen = model.settings.training.objective;
        std::mem::discriminant(&chosen) == std::mem::discriminant(&objective)
    };
    let models = models();
    for objective in [
        Objective::Elbo,
        Objective::ImportanceWeighted { samples: 2 },
        Objective::Exact { side: 8 },
    ] {
        // The last one of each objective is convolutional, the first one is not.
        let mut of_objective = models.iter().filter(|model| trained(model, objective));
        let first = of_objective.next().expect("one");
        let last = of_objective.next_back().expect("another");
        for model in [first, last] {
            train_in_two_processes(model);
        }
    }
}

fn train_in_two_processes(model: &Model) {
    let has_beta = model.settings.training.objective == Objective::Elbo;
    let settings = Settings {
        training: TrainingSpec {
            learn_sigma: true,
            warp_share: 0.3,
            shift: 1,
            augmented_until: 0.5,
            weight_decay: 1e-3,
            average_decay: 0.9,
            held_out_share: 0.2,
            final_share: 0.01,
            ramp_steps: 5,
            warm_up_steps: if has_beta { 20 } else { 0 },
            ..model.settings.training.clone()
        },
        ..model.settings.clone()
    };
    let written = project(&Project {
        card: &model.card,
        weights: &model.weights,
        settings,
        data: Some(Data {
            shape: model.image,
            pixels: &model.check.images,
            labels: &model.check.labels,
        }),
        check: model.check.clone(),
    });
    let folder = tempfile::tempdir().expect("creates");
    let root = unpack(&written.expect("writes"), folder.path());
    let train = [
        "train.py", "--epochs", "100", "--batch", "4", "--lr", "0.01",
    ];
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
    let before = Card::from_json(&model.card).expect("a card");
    let is_learned = !matches!(
        card.architecture.likelihood,
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli
    );
    let has_moved = card.architecture.likelihood != before.architecture.likelihood;
    assert_eq!(is_learned, has_moved, "{}", card.architecture.likelihood);
    let batch = Batch {
        images: model.check.images.clone(),
        labels: model.check.labels.clone(),
        eps: model.check.eps.clone(),
        offsets: model.check.offsets.clone(),
    };
    let (loss, ..) = losses(&trained, model.settings.training.objective, &batch);
    assert!(
        loss < model.check.loss,
        "{}, {:?}: {loss}, before {}",
        card.name,
        model.settings.training.objective,
        model.check.loss
    );
}
