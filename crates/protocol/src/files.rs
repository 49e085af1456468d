//! Requests to the file worker, and its responses.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use spec::{ImageShape, ReadOptions, TrainingSpec};

/// A file as the browser provides it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name, or for a file of a folder the path from that folder on (`webkitRelativePath`): shown in messages; the
    /// folders are read as labels.
    pub name: String,
    /// Its content.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A rectangle on a sheet, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetBox {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// Width in columns.
    pub width: usize,
    /// Height in rows.
    pub height: usize,
}

/// A request to the file worker. Its response is the variant of [`FileResponse`] that is named below, or a
/// [`RequestError`](crate::RequestError).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FileRequest {
    /// Reads images from files that were selected together. Response: [`FileResponse::Images`].
    ///
    /// Large files are attached to the message as `File`s instead of bytes, so that the worker reads them piece by piece.
    Read {
        /// Files in memory.
        files: Vec<NamedFile>,
        /// The name or path of each attached file, as in [`NamedFile::name`].
        attached: Vec<String>,
        /// What the user chose.
        options: ReadOptions,
    },
    /// Cuts digits out of a sheet, which is then discarded. Response: [`FileResponse::Images`].
    CutSheet {
        /// The sheet's number.
        sheet: u32,
        /// Where the digits are; empty to discard the sheet.
        boxes: Vec<SheetBox>,
    },
    /// Converts a PyTorch checkpoint or an ONNX model to a safetensors file. Response: [`FileResponse::File`].
    ConvertCheckpoint {
        /// The checkpoint, as `torch.save` writes it, or the ONNX model.
        #[serde(with = "serde_bytes")]
        checkpoint: Vec<u8>,
    },
    /// Converts two files, a decoder and an encoder in any order, both PyTorch checkpoints or both ONNX models, to one
    /// safetensors file. Response: [`FileResponse::File`].
    ConvertPair {
        /// The files.
        files: [NamedFile; 2],
    },
    /// Writes a model as ONNX: its decoder, and its encoder if it has one. Response: [`FileResponse::Files`].
    ExportOnnx {
        /// The model's card, JSON.
        card: String,
        /// Its safetensors.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
    },
    /// Writes a model with its data as a PyTorch project, a ZIP archive. Response: [`FileResponse::File`].
    ExportProject {
        /// The model's card, JSON.
        card: String,
        /// Its safetensors.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
        /// The settings of training.
        settings: Box<ProjectSettings>,
        /// The images of training; `None` to leave them out.
        data: Option<ProjectData>,
        /// What the loss is compared on.
        check: ProjectCheck,
    },
    /// Encodes images as an animated GIF. Response: [`FileResponse::File`].
    EncodeGif {
        /// `[n, height, width, channels]`.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
        /// The shape of an image.
        shape: ImageShape,
        /// Magnification: pixels of the GIF for each pixel of an image, along each axis.
        scale: usize,
        /// Hundredths of a second for each image.
        delay: u16,
    },
}

/// The settings of training in a PyTorch project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectSettings {
    /// Passes over the images.
    pub epochs: u64,
    /// The objective and all other settings.
    pub training: TrainingSpec,
}

/// The images of a PyTorch project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectData {
    /// The shape of an image.
    pub shape: ImageShape,
    /// `[n, height, width, channels]`.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
    /// `[n]`.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
}

/// Images and noise, and the loss of this program's model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectCheck {
    /// `[n, height, width, channels]`.
    #[serde(with = "serde_bytes")]
    pub images: Vec<u8>,
    /// `[n]`; 0 for a model without labels.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// ε of each image, `[n · samples, latent]`, the samples of an image next to each other; one sample but for the
    /// importance-weighted bound.
    pub eps: Vec<f32>,
    /// Where the grid of quantiles lies, `[latent]`: parts of a cell. Empty but for log p(x) by quadrature.
    pub offsets: Vec<f64>,
    /// The mean of what training minimizes, with β and z = μ + σ·ε, in nats per image.
    pub loss: f64,
    /// −ELBO, whose log p(x|z) is the mean over an image's samples, in nats per image.
    pub neg_elbo: f64,
}

/// The response of the file worker to a [`FileRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "there is one for each request")
)]
pub enum FileResponse {
    /// To [`FileRequest::Read`] and [`FileRequest::CutSheet`].
    Images(ReadImages),
    /// To [`FileRequest::ConvertCheckpoint`], [`FileRequest::ConvertPair`], [`FileRequest::ExportProject`] and
    /// [`FileRequest::EncodeGif`].
    File {
        /// The tensors as safetensors, or the GIF.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// To [`FileRequest::ExportOnnx`]: the files to download.
    Files {
        /// With names that end in the part's name.
        files: Vec<NamedFile>,
    },
}

/// The contents of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadImages {
    /// The shape of the images.
    pub shape: ImageShape,
    /// The images that are ready, in blocks of whole images, each `[n × height × width × channels]`. As digits they are
    /// light ink on a dark ground. The worker sends them beside the message instead, so that the page need not copy them.
    pub blocks: Vec<ByteBuf>,
    /// The label of each image, 0 to 9; [`NO_LABEL`] where none is known, or where the classes are not digits.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// The class of each image, an index of `class_names`; [`NO_LABEL`] where none is known.
    #[serde(with = "serde_bytes")]
    pub classes: Vec<u8>,
    /// The names of the classes, at most 200: numbers by value, then text.
    pub class_names: Vec<String>,
    /// Sheets of several digits, to be reviewed before they are cut.
    pub sheets: Vec<SheetFound>,
    /// Files, and parts of files, that were left out.
    pub problems: Vec<FileProblem>,
    /// What was changed or assumed.
    pub notes: Vec<FileProblem>,
    /// The sizes of the images in the files, the most frequent first.
    pub own_shapes: Vec<OwnShape>,
    /// Some images as they are in the files, for previews of other choices.
    pub samples: Vec<SampleImage>,
    /// Whether the images were found dark on light, by their borders and mean levels. As digits they were inverted, unless
    /// the options say otherwise.
    pub is_dark_on_light: bool,
    /// Whether rows and columns were swapped.
    pub is_transposed: bool,
    /// The sets in an archive of several, such as EMNIST's; empty if there is one.
    pub subsets: Vec<String>,
}

impl Default for ReadImages {
    fn default() -> Self {
        Self {
            shape: ImageShape::MNIST,
            blocks: Vec::new(),
            labels: Vec::new(),
            classes: Vec::new(),
            class_names: Vec::new(),
            sheets: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            own_shapes: Vec::new(),
            samples: Vec::new(),
            is_dark_on_light: false,
            is_transposed: false,
            subsets: Vec::new(),
        }
    }
}

impl ReadImages {
    /// Each block of pixels with the labels of its images.
    pub fn labelled_blocks(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let values = self.shape.values().max(1);
        let mut start = 0;
        self.blocks.iter().map(move |block| {
            let end = (start + block.len() / values).min(self.labels.len());
            let labels = &self.labels[start.min(end)..end];
            start = end;
            (block.as_slice(), labels)
        })
    }

    /// All pixels, `[n × height × width × channels]`.
    pub fn into_pixels(self) -> Vec<u8> {
        let mut blocks = self.blocks.into_iter().map(ByteBuf::into_vec);
        let mut pixels = blocks.next().unwrap_or_default();
        blocks.for_each(|block| pixels.extend_from_slice(&block));
        pixels
    }
}

/// A size of images in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnShape {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Whether they have colours.
    pub is_color: bool,
    /// Number of images.
    pub count: usize,
}

/// An image as it is in a file; large ones are scaled down to 256 pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleImage {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// `[height × width × channels]`.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
}

/// The file worker sends no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileEvent {}

/// The label of a digit whose label is unknown.
pub const NO_LABEL: u8 = 255;

/// A photo or scan with several digits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetFound {
    /// Its number, for [`FileRequest::CutSheet`].
    pub sheet: u32,
    /// The file's name.
    pub file: String,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// The image with corrected lighting: `[height × width]` grey values.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
    /// Where digits were found, in reading order.
    pub boxes: Vec<SheetBox>,
}

/// A file, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// Its name.
    pub file: String,
    /// What is wrong with it and what to do, to be shown to the user.
    pub reason: String,
}
