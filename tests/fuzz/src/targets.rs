//! The list of targets.

use crate::Target;
#[cfg(feature = "page")]
use crate::readers::page;
use crate::readers::{
    archives, arrays, checkpoints, decoder, messages, onnx, pictures, recognition,
};
#[cfg(feature = "models")]
use crate::readers::{engine, weights};

/// All targets.
pub const TARGETS: &[Target] = &[
    pictures::PNG,
    pictures::JPEG,
    pictures::WEBP,
    pictures::GIF,
    pictures::TIFF,
    pictures::BITMAP,
    pictures::SHEET,
    arrays::IDX,
    arrays::NUMPY,
    arrays::CSV,
    archives::ZIP,
    archives::TAR,
    checkpoints::PICKLE,
    checkpoints::CHECKPOINT,
    checkpoints::SAFETENSORS,
    recognition::RECOGNITION,
    onnx::ONNX,
    onnx::GRAPH,
    decoder::DECODER,
    #[cfg(feature = "page")]
    page::LINK,
    #[cfg(feature = "page")]
    page::STORED,
    messages::MESSAGE,
    #[cfg(feature = "models")]
    weights::WEIGHTS,
    #[cfg(feature = "models")]
    weights::TRAINING,
    #[cfg(feature = "models")]
    weights::SHARD,
    #[cfg(feature = "models")]
    engine::REQUEST,
];
