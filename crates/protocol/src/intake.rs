//! What the page asks of the intake worker, which reads the files that people bring.

use crate::RequestId;
use serde::{Deserialize, Serialize};

/// A file, as the browser hands it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name, for messages and for labels of a ZIP's folders.
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
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// From the page to the intake worker. Each is answered by one event of the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum IntakeRequest {
    /// Reads files that were brought together. Answer: [`IntakeEvent::Taken`].
    Read {
        /// Ties the answer to this request.
        id: RequestId,
        /// The files.
        files: Vec<NamedFile>,
    },
    /// Cuts the digits out of a sheet, which is then forgotten. Answer: [`IntakeEvent::Taken`].
    Cut {
        /// Ties the answer to this request.
        id: RequestId,
        /// The sheet's number.
        sheet: u32,
        /// Where the digits are; none to forget the sheet.
        boxes: Vec<SheetBox>,
    },
    /// Turns a PyTorch checkpoint into a safetensors file. Answer: [`IntakeEvent::Converted`].
    Convert {
        /// Ties the answer to this request.
        id: RequestId,
        /// The checkpoint, as `torch.save` writes it.
        #[serde(with = "serde_bytes")]
        checkpoint: Vec<u8>,
    },
    /// Makes an animated GIF of pictures. Answer: [`IntakeEvent::Converted`].
    Animate {
        /// Ties the answer to this request.
        id: RequestId,
        /// Grey values, `[n × side × side]`.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
        /// Pixels along a side.
        side: usize,
        /// So many pixels for each.
        times: usize,
        /// Hundredths of a second for each picture.
        delay: u16,
    },
}

/// From the intake worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum IntakeEvent {
    /// The worker listens. Always first.
    Hello {
        /// The worker's [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION).
        protocol: u32,
    },
    /// What was read.
    Taken {
        /// The request's id.
        id: RequestId,
        /// Digits that are ready: `[n × 784]`, light ink on a dark ground.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
        /// The label of each, 0 to 9; [`NO_LABEL`] where none is known.
        #[serde(with = "serde_bytes")]
        labels: Vec<u8>,
        /// Sheets of several digits, to be looked over before they are cut.
        sheets: Vec<SheetFound>,
        /// What was left out.
        problems: Vec<FileProblem>,
    },
    /// Answers [`IntakeRequest::Convert`] and [`IntakeRequest::Animate`].
    Converted {
        /// The request's id.
        id: RequestId,
        /// The tensors as safetensors, or the GIF.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
    },
    /// The request could not be served, or (without an id) the worker can't go on.
    Failed {
        /// The request's id.
        id: Option<RequestId>,
        /// What happened and what to do, for people.
        message: String,
    },
}

/// Stands for the label of a digit that has none.
pub const NO_LABEL: u8 = 255;

/// A photo or scan with several digits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetFound {
    /// Its number, for [`IntakeRequest::Cut`].
    pub sheet: u32,
    /// The file's name.
    pub file: String,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// The picture with even light: `[height × width]` grey values.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
    /// Where digits were found, in reading order.
    pub boxes: Vec<SheetBox>,
}

/// A file, or a part of one, that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// Its name.
    pub file: String,
    /// What is wrong with it and what to do.
    pub reason: String,
}

impl IntakeRequest {
    /// The id that the answer will carry.
    pub fn id(&self) -> RequestId {
        match self {
            Self::Read { id, .. }
            | Self::Cut { id, .. }
            | Self::Convert { id, .. }
            | Self::Animate { id, .. } => *id,
        }
    }
}

impl IntakeEvent {
    /// The id of the request that it answers.
    pub fn id(&self) -> Option<RequestId> {
        match self {
            Self::Hello { .. } => None,
            Self::Taken { id, .. } | Self::Converted { id, .. } => Some(*id),
            Self::Failed { id, .. } => *id,
        }
    }
}
