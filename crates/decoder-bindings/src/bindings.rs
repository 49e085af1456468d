//! A decoder for JavaScript.

use decoder::{Decoder, DecoderFile};
use wasm_bindgen::prelude::wasm_bindgen;

/// A decoder for JavaScript.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WorkerDecoder(Decoder);

#[wasm_bindgen]
impl WorkerDecoder {
    /// Reads a decoder file.
    ///
    /// # Errors
    /// Why it is not a valid one.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8]) -> Result<Self, String> {
        let file = DecoderFile::read(file).map_err(|error| error.to_string())?;
        Ok(Self(Decoder::new(&file)))
    }

    /// Height and width of an image in pixels.
    #[wasm_bindgen(getter)]
    pub fn image(&self) -> Vec<u16> {
        self.0.image().to_vec()
    }

    /// The grey values of the image decoded from z; undefined if z has another length.
    pub fn decode(&self, z: &[f32]) -> Option<Vec<u8>> {
        self.0.decode(z)
    }
}
