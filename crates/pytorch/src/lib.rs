//! A model, its objective and its data as a project for PyTorch, in one ZIP archive: what is too large for a browser tab
//! goes on there, on one machine or several, and the result can be imported again.
//!
//! The programs are the files of `project/`; they read the architecture from the card. Depends on neither burn nor the
//! web.

mod npy;

use serde::{Deserialize, Serialize};
use spec::{ImageShape, TrainingSpec, UnsuitedObjective, VaeConfig};
use std::io::{Cursor, Write as _};
use thiserror::Error;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The programs.
const FILES: [(&str, &str); 9] = [
    ("README.md", include_str!("../project/README.md")),
    (
        "augmentation.py",
        include_str!("../project/augmentation.py"),
    ),
    ("check.py", include_str!("../project/check.py")),
    ("likelihoods.py", include_str!("../project/likelihoods.py")),
    ("model.py", include_str!("../project/model.py")),
    ("objectives.py", include_str!("../project/objectives.py")),
    (
        "requirements.txt",
        include_str!("../project/requirements.txt"),
    ),
    ("train.py", include_str!("../project/train.py")),
    ("weights.py", include_str!("../project/weights.py")),
];

/// A model and what it was trained with.
#[derive(Debug, Clone)]
pub struct Project<'a> {
    /// The card, JSON.
    pub card: &'a str,
    /// Safetensors.
    pub weights: &'a [u8],
    /// The settings of training.
    pub settings: Settings,
    /// The images of training; `None` to leave them out.
    pub data: Option<Data<'a>>,
    /// What the loss is compared on.
    pub check: Check,
}

/// The settings of training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Passes over the images, unless the training specification has a number of steps.
    pub epochs: u64,
    /// The objective and all other settings.
    #[serde(flatten)]
    pub training: TrainingSpec,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 20,
            training: TrainingSpec::default(),
        }
    }
}

/// Images with labels.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    /// The shape of an image.
    pub shape: ImageShape,
    /// `[n, height, width, channels]`.
    pub pixels: &'a [u8],
    /// `[n]`.
    pub labels: &'a [u8],
}

/// Images and noise, and the loss of this program's model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// `[n, height, width, channels]`.
    pub images: Vec<u8>,
    /// `[n]`; 0 for a model without labels.
    pub labels: Vec<u8>,
    /// `[n · samples, latent]`, the samples of an image next to each other; one sample but for the importance-weighted
    /// bound.
    pub eps: Vec<f32>,
    /// Where the grid of quantiles lies, `[latent]`: parts of a cell. Empty but for log p(x) by quadrature.
    pub offsets: Vec<f64>,
    /// The mean of what training minimizes, with β and z = μ + σ·ε, in nats per image.
    pub loss: f64,
    /// −ELBO, whose log p(x|z) is the mean over an image's samples, in nats per image.
    pub neg_elbo: f64,
}

/// Why no project can be written.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The card is damaged.
    #[error("the model's card can't be read ({0})")]
    Card(#[from] serde_json::Error),
    /// The model was imported and has operations of its own.
    #[error(
        "a model with imported layers can't be trained in this project; download it as ONNX instead"
    )]
    Imported,
    /// The model has no encoder.
    #[error("a decoder alone can't be trained")]
    NoEncoder,
    /// The model can't be trained by the objective.
    #[error("{0}; choose another objective in the advanced settings, or another model")]
    Objective(#[from] UnsuitedObjective),
    /// Pixels and labels do not fit the shape.
    #[error("the images have another number of values than their shape and labels say")]
    Data,
    /// The archive can't be written.
    #[error("the archive can't be written ({0})")]
    Zip(#[from] zip::result::ZipError),
    /// The archive can't be written.
    #[error("the archive can't be written ({0})")]
    Write(#[from] std::io::Error),
}

/// What is read of a card.
#[derive(Deserialize)]
struct Card {
    name: String,
    architecture: VaeConfig,
}

/// The project as a ZIP archive with one folder, which has the model's name.
///
/// # Errors
/// [`ProjectError`].
pub fn project(project: &Project<'_>) -> Result<Vec<u8>, ProjectError> {
    let card: Card = serde_json::from_str(project.card)?;
    if !card.architecture.has_encoder() {
        return Err(ProjectError::NoEncoder);
    }
    if card.architecture.network.is_some() {
        return Err(ProjectError::Imported);
    }
    let objective = project.settings.training.objective;
    objective.check(
        card.architecture.latent_size,
        card.architecture.classes,
        &card.architecture.likelihood,
    )?;
    let mut archive = Archive {
        folder: format!("{}-pytorch", card.name),
        zip: ZipWriter::new(Cursor::new(Vec::new())),
    };
    for (name, text) in FILES {
        archive.add(name, text.as_bytes(), CompressionMethod::Deflated)?;
    }
    archive.add(
        "card.json",
        project.card.as_bytes(),
        CompressionMethod::Deflated,
    )?;
    let settings = serde_json::to_vec_pretty(&project.settings)?;
    archive.add("settings.json", &settings, CompressionMethod::Deflated)?;
    let check = serde_json::to_vec(&project.check)?;
    archive.add("check.json", &check, CompressionMethod::Deflated)?;
    archive.add(
        "model.safetensors",
        project.weights,
        CompressionMethod::Stored,
    )?;
    if let Some(data) = &project.data {
        archive.add("data.npz", &npz(data)?, CompressionMethod::Stored)?;
    }
    Ok(archive.zip.finish()?.into_inner())
}

/// The images and labels as NumPy's archive.
fn npz(data: &Data<'_>) -> Result<Vec<u8>, ProjectError> {
    let Data {
        shape,
        pixels,
        labels,
    } = *data;
    let count = labels.len();
    if count.checked_mul(shape.values()) != Some(pixels.len()) {
        return Err(ProjectError::Data);
    }
    let axes = [count, shape.height, shape.width, shape.channels];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, axes, bytes) in [
        ("images", &axes[..], pixels),
        ("labels", &axes[..1], labels),
    ] {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(format!("{name}.npy"), options)?;
        zip.write_all(&npy::header(axes))?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

struct Archive {
    folder: String,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    fn add(
        &mut self,
        name: &str,
        bytes: &[u8],
        method: CompressionMethod,
    ) -> Result<(), ProjectError> {
        let options = SimpleFileOptions::default().compression_method(method);
        self.zip
            .start_file(format!("{}/{name}", self.folder), options)?;
        Ok(self.zip.write_all(bytes)?)
    }
}
