//! Requests to the file worker, and its responses.

use serde::{Deserialize, Serialize};

/// A file as the browser provides it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name: shown in messages; the folders of a ZIP archive are read as labels.
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
    Read {
        /// The files.
        files: Vec<NamedFile>,
    },
    /// Cuts digits out of a sheet, which is then discarded. Response: [`FileResponse::Images`].
    CutSheet {
        /// The sheet's number.
        sheet: u32,
        /// Where the digits are; empty to discard the sheet.
        boxes: Vec<SheetBox>,
    },
    /// Converts a PyTorch checkpoint to a safetensors file. Response: [`FileResponse::File`].
    ConvertCheckpoint {
        /// The checkpoint, as `torch.save` writes it.
        #[serde(with = "serde_bytes")]
        checkpoint: Vec<u8>,
    },
    /// Encodes images as an animated GIF. Response: [`FileResponse::File`].
    EncodeGif {
        /// Grey values, `[n × side × side]`.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
        /// Pixels along a side of an image.
        side: usize,
        /// Magnification: pixels of the GIF for each pixel of an image, along each axis.
        scale: usize,
        /// Hundredths of a second for each image.
        delay: u16,
    },
}

/// The response of the file worker to a [`FileRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FileResponse {
    /// To [`FileRequest::Read`] and [`FileRequest::CutSheet`].
    Images(ReadImages),
    /// To [`FileRequest::ConvertCheckpoint`] and [`FileRequest::EncodeGif`].
    File {
        /// The tensors as safetensors, or the GIF.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// The contents of files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadImages {
    /// Digits that are ready: `[n × 784]`, light ink on a dark ground.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
    /// The label of each, 0 to 9; [`NO_LABEL`] where none is known.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// Sheets of several digits, to be reviewed before they are cut.
    pub sheets: Vec<SheetFound>,
    /// Files that could not be read.
    pub problems: Vec<FileProblem>,
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
