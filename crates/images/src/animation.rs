//! Writes frames, grey or in colour, as an animated GIF.

use gif::{Encoder, Frame, Repeat};
use spec::ImageShape;
use std::borrow::Cow;
use thiserror::Error;

/// Maximum number of frames.
pub const MAX_FRAMES: usize = 500;
/// Maximum width and height of the animation, in pixels after scaling.
const MAX_SIDE: usize = 2_048;
/// Quality of a frame's palette from 1, the best, to 30. It matters only for frames of more than 256 colours.
const PALETTE_SPEED: i32 = 1;

/// Why frames cannot be written as an animation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnimationError {
    /// There are no frames, or too many.
    #[error("an animation has 1 to {MAX_FRAMES} frames, not {0}")]
    Count(usize),
    /// The scaled frames would have no pixels, or too many.
    #[error("a side of the animation would have {0} pixels; it can have 1 to {MAX_SIDE}")]
    Side(usize),
    /// The number of bytes is not a multiple of the frame size.
    #[error("{bytes} bytes are not a whole number of frames of {shape}")]
    Bytes {
        /// Number of bytes.
        bytes: usize,
        /// The shape of a frame.
        shape: ImageShape,
    },
}

/// Encodes frames, `[n, height, width, channels]`, as a GIF that loops forever.
///
/// Each pixel becomes a square of `scale × scale` pixels. `delay` is the duration of a frame in hundredths of a second,
/// the unit of the GIF format. A frame in colour has a palette of its own, of up to 256 colours.
///
/// # Errors
/// [`AnimationError`].
pub fn encode_gif(
    frames: &[u8],
    shape: ImageShape,
    scale: usize,
    delay: u16,
) -> Result<Vec<u8>, AnimationError> {
    for side in [shape.width, shape.height] {
        let side = side.saturating_mul(scale);
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(AnimationError::Side(side));
        }
    }
    if shape.channels != 1 && !shape.is_color() || !frames.len().is_multiple_of(shape.values()) {
        let bytes = frames.len();
        return Err(AnimationError::Bytes { bytes, shape });
    }
    let count = frames.len() / shape.values();
    if !(1..=MAX_FRAMES).contains(&count) {
        return Err(AnimationError::Count(count));
    }
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and the sizes were checked above.
    let written = write(&mut bytes, frames, shape, scale, delay);
    written.map_err(|_| AnimationError::Side(shape.width * scale))?;
    Ok(bytes)
}

fn write(
    bytes: &mut Vec<u8>,
    frames: &[u8],
    shape: ImageShape,
    scale: usize,
    delay: u16,
) -> Result<(), gif::EncodingError> {
    let [width, height] = [shape.width, shape.height].map(|side| (side * scale) as u16);
    // Frames in colour have palettes of their own.
    let greys: Vec<u8> = match shape.is_color() {
        true => Vec::new(),
        false => (0..=255).flat_map(|grey| [grey; 3]).collect(),
    };
    let mut encoder = Encoder::new(bytes, width, height, &greys)?;
    encoder.set_repeat(Repeat::Infinite)?;
    for frame in frames.chunks_exact(shape.values()) {
        let (indices, palette) = if shape.is_color() {
            let [width, height] = [shape.width, shape.height].map(|side| side as u16);
            let frame = Frame::from_rgb_speed(width, height, frame, PALETTE_SPEED);
            (frame.buffer, frame.palette)
        } else {
            (Cow::Borrowed(frame), None)
        };
        encoder.write_frame(&Frame {
            width,
            height,
            delay,
            palette,
            buffer: Cow::Owned(enlarge(&indices, shape.width, scale)),
            ..Frame::default()
        })?;
    }
    Ok(())
}

/// Repeats each pixel `scale` times in both directions.
fn enlarge(frame: &[u8], width: usize, scale: usize) -> Vec<u8> {
    let mut large = Vec::with_capacity(frame.len() * scale * scale);
    for row in frame.chunks_exact(width) {
        let scaled: Vec<u8> = row
            .iter()
            .flat_map(|&index| std::iter::repeat_n(index, scale))
            .collect();
        (0..scale).for_each(|_| large.extend_from_slice(&scaled));
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;
    use gif::{ColorOutput, DecodeOptions};

    #[test]
    fn encode_gif_keeps_the_colours_of_small_frames() {
        let shape = ImageShape::color(8, 12);
        let frames: Vec<u8> = (0..2 * shape.values()).map(|at| (at * 37) as u8).collect();
        let bytes = encode_gif(&frames, shape, 2, 9).unwrap();
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (24, 16));
        let mut decoded = 0;
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            for (at, pixel) in frame.buffer.chunks_exact(4).enumerate() {
                let (row, column) = (at / 24 / 2, at % 24 / 2);
                let from = decoded * shape.values() + (row * 12 + column) * 3;
                assert_eq!(pixel[..3], frames[from..from + 3]);
            }
            decoded += 1;
        }
        assert_eq!(decoded, 2);
    }

    #[test]
    fn encode_gif_approximates_frames_of_many_colours() {
        let shape = ImageShape::color(32, 32);
        let pixels = (0..32_u8).flat_map(|y| (0..32_u8).map(move |x| [x * 8, y * 8, 255 - x * 4]));
        let frame: Vec<u8> = pixels.flatten().collect();
        let bytes = encode_gif(&frame, shape, 1, 4).unwrap();
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes.as_slice()).unwrap();
        let decoded = decoder.read_next_frame().unwrap().unwrap();
        let pairs = decoded.buffer.chunks_exact(4).zip(frame.chunks_exact(3));
        let errors = pairs.flat_map(|(a, b)| (0..3).map(move |i| f64::from(a[i].abs_diff(b[i]))));
        let mean = errors.sum::<f64>() / frame.len() as f64;
        assert!(mean < 8.0, "{mean}");
    }

    #[test]
    fn encode_gif_round_trips_through_a_decoder() {
        let frames: Vec<u8> = (0..3 * 16).map(|at| (at * 5) as u8).collect();
        let bytes = encode_gif(&frames, ImageShape::grey(4, 4), 3, 4).unwrap();
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (12, 12));
        let mut count = 0;
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            assert_eq!(frame.delay, 4);
            for (at, pixel) in frame.buffer.chunks_exact(4).enumerate() {
                let (row, column) = (at / 12 / 3, at % 12 / 3);
                let grey = frames[count * 16 + row * 4 + column];
                assert_eq!(pixel, [grey, grey, grey, 255]);
            }
            count += 1;
        }
        assert_eq!(count, 3);
        // The extension that makes it loop.
        assert!(bytes.windows(11).any(|part| part == b"NETSCAPE2.0"));
    }

    #[test]
    fn encode_gif_rejects_invalid_frames() {
        let square = ImageShape::grey(4, 4);
        assert_eq!(encode_gif(&[], square, 1, 4), Err(AnimationError::Count(0)));
        assert_eq!(
            encode_gif(&[0; 501], ImageShape::grey(1, 1), 1, 4),
            Err(AnimationError::Count(501))
        );
        assert!(matches!(
            encode_gif(&[0; 17], square, 1, 4),
            Err(AnimationError::Bytes { .. })
        ));
        assert_eq!(
            encode_gif(&[0; 16], square, 0, 4),
            Err(AnimationError::Side(0))
        );
        assert!(matches!(
            encode_gif(&[0; 784], ImageShape::MNIST, 99, 4),
            Err(AnimationError::Side(_))
        ));
    }
}
