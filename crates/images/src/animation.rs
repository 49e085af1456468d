//! Writes greyscale frames as an animated GIF.

use gif::{Encoder, Frame, Repeat};
use std::borrow::Cow;
use thiserror::Error;

/// Maximum number of frames.
pub const MAX_FRAMES: usize = 500;
/// Maximum width and height of the animation, in pixels after scaling.
const MAX_SIDE: usize = 2_048;

/// Why frames cannot be written as an animation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnimationError {
    /// There are no frames, or too many.
    #[error("an animation has 1 to {MAX_FRAMES} frames, not {0}")]
    Count(usize),
    /// The scaled frames would have no pixels, or too many.
    #[error("the animation would be {0} pixels wide; it can be 1 to {MAX_SIDE}")]
    Side(usize),
    /// The number of bytes is not a multiple of the frame size.
    #[error("{bytes} bytes are not a whole number of {side}×{side} frames")]
    Bytes {
        /// Number of bytes.
        bytes: usize,
        /// Rows and columns of a frame, in pixels.
        side: usize,
    },
}

/// Encodes square frames, `[n × side × side]` grey levels, as a GIF that loops forever.
///
/// Each pixel becomes a square of `scale × scale` pixels. `delay` is the duration of a frame in
/// hundredths of a second, the unit of the GIF format.
///
/// # Errors
/// [`AnimationError`].
pub fn encode_gif(
    frames: &[u8],
    side: usize,
    scale: usize,
    delay: u16,
) -> Result<Vec<u8>, AnimationError> {
    let width = side.saturating_mul(scale);
    if !(1..=MAX_SIDE).contains(&width) {
        return Err(AnimationError::Side(width));
    }
    if !frames.len().is_multiple_of(side * side) {
        return Err(AnimationError::Bytes {
            bytes: frames.len(),
            side,
        });
    }
    let count = frames.len() / (side * side);
    if !(1..=MAX_FRAMES).contains(&count) {
        return Err(AnimationError::Count(count));
    }
    let palette: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and the size was checked above.
    let written = write(&mut bytes, frames, side, scale, delay, &palette);
    written.map_err(|_| AnimationError::Side(width))?;
    Ok(bytes)
}

fn write(
    bytes: &mut Vec<u8>,
    frames: &[u8],
    side: usize,
    scale: usize,
    delay: u16,
    palette: &[u8],
) -> Result<(), gif::EncodingError> {
    let width = (side * scale) as u16;
    let mut encoder = Encoder::new(bytes, width, width, palette)?;
    encoder.set_repeat(Repeat::Infinite)?;
    for frame in frames.chunks_exact(side * side) {
        encoder.write_frame(&Frame {
            width,
            height: width,
            delay,
            buffer: Cow::Owned(enlarge(frame, side, scale)),
            ..Frame::default()
        })?;
    }
    Ok(())
}

/// Repeats each pixel `scale` times in both directions.
fn enlarge(frame: &[u8], side: usize, scale: usize) -> Vec<u8> {
    let mut large = Vec::with_capacity(frame.len() * scale * scale);
    for row in frame.chunks_exact(side) {
        let scaled: Vec<u8> = row
            .iter()
            .flat_map(|&grey| std::iter::repeat_n(grey, scale))
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
    fn encode_gif_round_trips_through_a_decoder() {
        let frames: Vec<u8> = (0..3 * 16).map(|at| (at * 5) as u8).collect();
        let bytes = encode_gif(&frames, 4, 3, 4).unwrap();
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
        assert_eq!(encode_gif(&[], 4, 1, 4), Err(AnimationError::Count(0)));
        assert_eq!(
            encode_gif(&[0; 501], 1, 1, 4),
            Err(AnimationError::Count(501))
        );
        assert!(matches!(
            encode_gif(&[0; 17], 4, 1, 4),
            Err(AnimationError::Bytes { .. })
        ));
        assert_eq!(encode_gif(&[0; 16], 4, 0, 4), Err(AnimationError::Side(0)));
        assert!(matches!(
            encode_gif(&[0; 784], 28, 99, 4),
            Err(AnimationError::Side(_))
        ));
    }
}
