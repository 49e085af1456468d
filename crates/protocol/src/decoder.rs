//! The messages between the page and the decoder worker, which draws images until an engine is ready
//! (`www/decoder-worker.js`).

use serde::{Deserialize, Serialize};

/// A request to the decoder worker. Its reply has the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecoderRequest {
    /// Identifies the request.
    pub id: u32,
    /// `[latent_size]`
    pub z: Vec<f32>,
}

/// A message of the decoder worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DecoderMessage {
    /// The reply to a request.
    Decoded {
        /// The id of the request.
        id: u32,
        /// Height of the image in pixels.
        height: usize,
        /// Width of the image in pixels.
        width: usize,
        /// Grey values, `[height × width]`.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
    /// It can't be used, and why.
    Failed(String),
}
