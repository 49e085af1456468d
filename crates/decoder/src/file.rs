//! The decoder file: `weights/NAME.decoder`.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `ELBODEC1` |
//! | 1 | activation: its index in [`ACTIVATIONS`] |
//! | 1 | number of layers |
//! | 2, 2 | height and width of an image in pixels |
//! | for each layer: 2, 2, 2 | number of inputs and of outputs, and [`Storage`] of its weights: 1 or 2 |
//! | for each layer: 4 × outputs, 4 × outputs | bias and scale, `f32` |
//! | for each layer | weights, `[outputs, inputs]` |
//!
//! Numbers are little-endian. The output of the last layer are logits of grey pixels.

use crate::{layer::IntegerLayer, reader::Reader};
use spec::Activation;

/// The first bytes of a decoder file.
const MAGIC: &[u8; 8] = b"ELBODEC1";
/// The activations in the order of their numbers, which stay the same if there are more.
const ACTIVATIONS: [Activation; 4] = [
    Activation::Relu,
    Activation::Gelu,
    Activation::Silu,
    Activation::Tanh,
];
/// The largest number of layers.
const MAX_LAYERS: usize = 16;

/// How the weights of a layer are stored, so that they compress well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    /// A byte each; −128 stands for a weight that needs two, and these follow in their order.
    Bytes = 1,
    /// The lower bytes of all, then the upper bytes.
    Halves = 2,
}

/// The byte that stands for a weight that needs two.
const ESCAPE: i8 = i8::MIN;

/// A decoder of grey images, whose outputs are logits.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderFile {
    pub(crate) activation: Activation,
    /// Height and width.
    pub(crate) image: [u16; 2],
    /// From z to the pixels.
    pub(crate) layers: Vec<IntegerLayer>,
}

/// Why bytes are not a decoder file, or layers not a decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Other first bytes.
    #[error("this is not a decoder file of this version")]
    Magic,
    /// It ends early, or has bytes behind its end.
    #[error("the decoder file has the wrong length")]
    Length,
    /// An unknown activation, or a bias or scale that is not finite.
    #[error("the decoder file has an invalid value")]
    Value,
    /// The sizes of layers and image do not fit each other.
    #[error("the layers do not fit each other")]
    Sizes,
}

impl DecoderFile {
    /// A decoder of these layers, from z to the pixels.
    ///
    /// # Errors
    /// [`FileError::Sizes`]
    pub fn new(
        activation: Activation,
        image: [u16; 2],
        layers: Vec<IntegerLayer>,
    ) -> Result<Self, FileError> {
        let fit = layers
            .windows(2)
            .all(|pair| pair[0].outputs() == pair[1].inputs);
        let pixels = usize::from(image[0]) * usize::from(image[1]);
        let outputs = layers.last().map(IntegerLayer::outputs);
        let mut sizes = layers
            .iter()
            .flat_map(|layer| [layer.inputs, layer.outputs()]);
        let is_valid = |size| (1..=usize::from(u16::MAX)).contains(&size);
        if layers.len() > MAX_LAYERS || outputs != Some(pixels) || !fit || !sizes.all(is_valid) {
            return Err(FileError::Sizes);
        }
        Ok(Self {
            activation,
            image,
            layers,
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Why it is not a valid one.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader(bytes);
        if reader.bytes(MAGIC.len()) != Some(MAGIC) {
            return Err(FileError::Magic);
        }
        let activation = reader.byte().ok_or(FileError::Length)?;
        let activation = *ACTIVATIONS
            .get(usize::from(activation))
            .ok_or(FileError::Value)?;
        let count = usize::from(reader.byte().ok_or(FileError::Length)?);
        if count > MAX_LAYERS {
            return Err(FileError::Sizes);
        }
        let mut size = || reader.size().ok_or(FileError::Length);
        let image = [size()? as u16, size()? as u16];
        let mut sizes = Vec::new();
        for _ in 0..count {
            sizes.push([size()?, size()?, size()?]);
        }
        let layers = sizes
            .into_iter()
            .map(|sizes| read_layer(&mut reader, sizes));
        let layers = layers.collect::<Result<_, _>>()?;
        if !reader.0.is_empty() {
            return Err(FileError::Length);
        }
        Self::new(activation, image, layers)
    }

    /// The bytes of the file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let activation = ACTIVATIONS
            .iter()
            .position(|&known| known == self.activation);
        out.push(activation.unwrap_or_default() as u8);
        out.push(self.layers.len() as u8);
        let sizes = self.layers.iter().flat_map(|layer| {
            [
                layer.inputs as u16,
                layer.outputs() as u16,
                storage_of(&layer.weight) as u16,
            ]
        });
        for size in self.image.into_iter().chain(sizes) {
            out.extend(size.to_le_bytes());
        }
        for layer in &self.layers {
            for value in layer.bias.iter().chain(&layer.scale) {
                out.extend(value.to_le_bytes());
            }
            write_weights(&layer.weight, &mut out);
        }
        out
    }
}

fn read_layer(
    reader: &mut Reader<'_>,
    [inputs, outputs, storage]: [usize; 3],
) -> Result<IntegerLayer, FileError> {
    let mut floats = || reader.floats(outputs).ok_or(FileError::Length);
    let (bias, scale) = (floats()?, floats()?);
    if !bias.iter().chain(&scale).all(|value| value.is_finite()) {
        return Err(FileError::Value);
    }
    let count = inputs.checked_mul(outputs).ok_or(FileError::Sizes)?;
    let storage = match storage {
        1 => Storage::Bytes,
        2 => Storage::Halves,
        _ => return Err(FileError::Value),
    };
    Ok(IntegerLayer {
        inputs,
        bias,
        scale,
        weight: read_weights(reader, storage, count).ok_or(FileError::Length)?,
    })
}

/// `None` if there are too few bytes.
fn read_weights(reader: &mut Reader<'_>, storage: Storage, count: usize) -> Option<Vec<i16>> {
    let lower = reader.bytes(count)?;
    match storage {
        Storage::Bytes => lower
            .iter()
            .map(|&byte| match byte as i8 {
                ESCAPE => reader.size().map(|value| value as i16),
                value => Some(i16::from(value)),
            })
            .collect(),
        Storage::Halves => {
            let pairs = lower.iter().zip(reader.bytes(count)?);
            Some(
                pairs
                    .map(|(&lower, &upper)| i16::from_le_bytes([lower, upper]))
                    .collect(),
            )
        }
    }
}

fn write_weights(weights: &[i16], out: &mut Vec<u8>) {
    match storage_of(weights) {
        Storage::Bytes => {
            out.extend(
                weights
                    .iter()
                    .map(|&value| short(value).unwrap_or(ESCAPE) as u8),
            );
            let long = weights.iter().filter(|&&value| short(value).is_none());
            out.extend(long.flat_map(|value| value.to_le_bytes()));
        }
        Storage::Halves => {
            for byte in 0..2 {
                out.extend(weights.iter().map(|value| value.to_le_bytes()[byte]));
            }
        }
    }
}

/// Bytes, unless a tenth of the weights need two.
fn storage_of(weights: &[i16]) -> Storage {
    let long = weights
        .iter()
        .filter(|&&value| short(value).is_none())
        .count();
    if long * 10 < weights.len() {
        Storage::Bytes
    } else {
        Storage::Halves
    }
}

/// The weight as a byte; `None` if it needs two.
fn short(weight: i16) -> Option<i8> {
    i8::try_from(weight).ok().filter(|&weight| weight != ESCAPE)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A decoder of two hidden units for images of 2×2 pixels.
    pub(crate) fn small() -> DecoderFile {
        let first = IntegerLayer::new(&[1.0, -0.5, 0.25, 2.0], vec![0.1, -0.2]);
        let weight = [0.3, 0.1, -1.0, 0.7, 0.0, 0.0, 2.0, -3.0];
        let output = IntegerLayer::new(&weight, vec![0.0, 1.0, -1.0, 0.5]);
        DecoderFile::new(Activation::Gelu, [2, 2], vec![first, output]).expect("they fit")
    }

    #[test]
    fn decoder_file_is_read_as_it_was_written() {
        let file = small();
        assert_eq!(DecoderFile::read(&file.write()), Ok(file));
    }

    #[test]
    fn weights_are_read_as_they_were_written() {
        let few = [0, 1, -1, 127, -127, -128, 128, 3000, -32768, 32767];
        let many: Vec<i16> = [5, -7].repeat(100).into_iter().chain(few).collect();
        for (weights, storage) in [(few.to_vec(), Storage::Halves), (many, Storage::Bytes)] {
            assert_eq!(storage_of(&weights), storage);
            let mut bytes = Vec::new();
            write_weights(&weights, &mut bytes);
            let mut reader = Reader(&bytes);
            assert_eq!(
                read_weights(&mut reader, storage, weights.len()),
                Some(weights)
            );
            assert!(reader.0.is_empty());
        }
    }

    #[test]
    fn decoder_file_stores_every_activation() {
        for activation in Activation::ALL {
            let file = DecoderFile {
                activation,
                ..small()
            };
            assert_eq!(DecoderFile::read(&file.write()), Ok(file));
        }
    }

    #[test]
    fn read_rejects_what_is_not_a_decoder_file() {
        let bytes = small().write();
        for length in 0..bytes.len() {
            assert!(DecoderFile::read(&bytes[..length]).is_err(), "{length}");
        }
        let changed = |at: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            DecoderFile::read(&bytes)
        };
        assert_eq!(changed(0, b'x'), Err(FileError::Magic));
        assert_eq!(changed(8, 9), Err(FileError::Value));
        assert_eq!(changed(9, 200), Err(FileError::Sizes));
        assert_eq!(changed(10, 3), Err(FileError::Sizes), "another image");
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(DecoderFile::read(&longer), Err(FileError::Length));
        // Any single byte: no panic.
        for at in 0..bytes.len() {
            for value in [0, 1, 127, 255] {
                let _ = changed(at, value);
            }
        }
    }

    #[test]
    fn new_rejects_layers_that_do_not_fit() {
        let layer = || IntegerLayer::new(&[1.0; 6], vec![0.0; 2]);
        let new = |image, layers| DecoderFile::new(Activation::Relu, image, layers);
        assert!(new([1, 2], vec![layer()]).is_ok());
        assert_eq!(new([1, 3], vec![layer()]), Err(FileError::Sizes));
        assert_eq!(new([1, 2], vec![layer(), layer()]), Err(FileError::Sizes));
        assert_eq!(new([0, 0], vec![]), Err(FileError::Sizes));
    }
}
