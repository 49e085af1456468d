//! Grey pictures in a row, as an animated GIF.

use gif::{Encoder, Frame, Repeat};
use std::borrow::Cow;
use thiserror::Error;

/// The most pictures of one animation.
pub const MAX_FRAMES: usize = 500;
/// The most pixels along a side, enlarged.
const MAX_SIDE: usize = 2_048;

/// The pictures make no animation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnimationError {
    /// There are none, or too many.
    #[error("there are {0} pictures; an animation takes 1 to {MAX_FRAMES}")]
    Count(usize),
    /// They are too small or, enlarged, too large.
    #[error("the pictures would be {0} pixels wide; from 1 to {MAX_SIDE} are possible")]
    Side(usize),
    /// There are not as many bytes as pictures of this size have.
    #[error("{bytes} bytes are not a whole number of pictures of {side}×{side}")]
    Bytes {
        /// How many there are.
        bytes: usize,
        /// The side of a picture.
        side: usize,
    },
}

/// Writes square pictures, `[n × side × side]` grey values, as a GIF that goes round and round. Each pixel
/// becomes a square of `times` pixels a side; each picture stands for `delay` hundredths of a second.
///
/// # Errors
/// See [`AnimationError`].
pub fn to_gif(
    pictures: &[u8],
    side: usize,
    times: usize,
    delay: u16,
) -> Result<Vec<u8>, AnimationError> {
    let wide = side.saturating_mul(times);
    if !(1..=MAX_SIDE).contains(&wide) {
        return Err(AnimationError::Side(wide));
    }
    if !pictures.len().is_multiple_of(side * side) {
        return Err(AnimationError::Bytes {
            bytes: pictures.len(),
            side,
        });
    }
    let count = pictures.len() / (side * side);
    if !(1..=MAX_FRAMES).contains(&count) {
        return Err(AnimationError::Count(count));
    }
    let greys: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    let mut bytes = Vec::new();
    // Writing to memory does not fail, and the size was checked.
    let written = write(&mut bytes, pictures, side, times, delay, &greys);
    written.map_err(|_| AnimationError::Side(wide))?;
    Ok(bytes)
}

fn write(
    bytes: &mut Vec<u8>,
    pictures: &[u8],
    side: usize,
    times: usize,
    delay: u16,
    greys: &[u8],
) -> Result<(), gif::EncodingError> {
    let wide = (side * times) as u16;
    let mut encoder = Encoder::new(bytes, wide, wide, greys)?;
    encoder.set_repeat(Repeat::Infinite)?;
    for picture in pictures.chunks_exact(side * side) {
        encoder.write_frame(&Frame {
            width: wide,
            height: wide,
            delay,
            buffer: Cow::Owned(enlarged(picture, side, times)),
            ..Frame::default()
        })?;
    }
    Ok(())
}

/// Each pixel as a square.
fn enlarged(picture: &[u8], side: usize, times: usize) -> Vec<u8> {
    let mut large = Vec::with_capacity(picture.len() * times * times);
    for row in picture.chunks_exact(side) {
        let wide: Vec<u8> = row
            .iter()
            .flat_map(|&grey| std::iter::repeat_n(grey, times))
            .collect();
        (0..times).for_each(|_| large.extend_from_slice(&wide));
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;
    use gif::{ColorOutput, DecodeOptions};

    #[test]
    fn what_is_written_is_read_again() {
        let pictures: Vec<u8> = (0..3 * 16).map(|at| (at * 5) as u8).collect();
        let bytes = to_gif(&pictures, 4, 3, 4).unwrap();
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (12, 12));
        let mut count = 0;
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            assert_eq!(frame.delay, 4);
            for (at, pixel) in frame.buffer.chunks_exact(4).enumerate() {
                let (row, column) = (at / 12 / 3, at % 12 / 3);
                let grey = pictures[count * 16 + row * 4 + column];
                assert_eq!(pixel, [grey, grey, grey, 255]);
            }
            count += 1;
        }
        assert_eq!(count, 3);
        // The extension that has it start again without end.
        assert!(bytes.windows(11).any(|part| part == b"NETSCAPE2.0"));
    }

    #[test]
    fn what_is_no_animation_is_refused() {
        assert_eq!(to_gif(&[], 4, 1, 4), Err(AnimationError::Count(0)));
        assert_eq!(to_gif(&[0; 501], 1, 1, 4), Err(AnimationError::Count(501)));
        assert!(matches!(
            to_gif(&[0; 17], 4, 1, 4),
            Err(AnimationError::Bytes { .. })
        ));
        assert_eq!(to_gif(&[0; 16], 4, 0, 4), Err(AnimationError::Side(0)));
        assert!(matches!(
            to_gif(&[0; 784], 28, 99, 4),
            Err(AnimationError::Side(_))
        ));
    }
}
