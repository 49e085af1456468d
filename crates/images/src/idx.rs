//! The IDX format of the MNIST files, gzipped or plain.
//!
//! Big-endian: two zero bytes, the type of the values (8 is unsigned bytes), the number of axes,
//! the length of each axis as 32 bits, the values row by row.

use flate2::read::GzDecoder;
use std::{borrow::Cow, io::Read};
use thiserror::Error;

/// The most bytes that a file may unpack to: five times MNIST's 60,000 images.
pub const MAX_BYTES: u64 = 256 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UNSIGNED_BYTES: u8 = 8;

/// Grey images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Rows of an image, in pixels.
    pub height: usize,
    /// Columns of an image, in pixels.
    pub width: usize,
    /// `[n × height × width]`: 0 is the ground, 255 full ink.
    pub pixels: Vec<u8>,
}

impl Images {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / (self.height * self.width)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// Bytes that are no IDX file of images or labels.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdxError {
    /// The gzip container is damaged.
    #[error("the file can't be unpacked ({0}); fetch it again")]
    Gzip(String),
    /// It would unpack to more than [`MAX_BYTES`].
    #[error("the file unpacks to more than {} MiB, which is the limit", MAX_BYTES >> 20)]
    TooLarge,
    /// Too short for a header, or the first bytes are not IDX's.
    #[error("this is no IDX file of unsigned bytes (its first bytes are {0:02x?})")]
    Magic(Vec<u8>),
    /// Images where labels were wanted, or the other way round.
    #[error("the IDX file has {found} axes where {expected} are needed ({what})")]
    Axes {
        /// Axes needed.
        expected: u8,
        /// Axes found.
        found: u8,
        /// What they mean.
        what: &'static str,
    },
    /// The header promises another number of bytes than follow.
    #[error(
        "the IDX header promises {promised} bytes of data ({axes:?}), {found} follow: the file is cut off or its header wrong"
    )]
    Length {
        /// The lengths of the axes.
        axes: Vec<u32>,
        /// Their product.
        promised: u64,
        /// Bytes found.
        found: usize,
    },
    /// An image without pixels.
    #[error("the IDX file says that an image has {height}×{width} pixels")]
    NoPixels {
        /// Rows.
        height: u32,
        /// Columns.
        width: u32,
    },
}

/// Reads a file of images, gzipped or plain.
///
/// # Errors
/// See [`IdxError`]. Nothing is allocated on the word of the header alone.
pub fn parse_images(bytes: &[u8]) -> Result<Images, IdxError> {
    let bytes = unpack(bytes)?;
    let ([_, height, width], data) = parse(&bytes, "count, rows, columns")?;
    if height == 0 || width == 0 {
        return Err(IdxError::NoPixels { height, width });
    }
    Ok(Images {
        height: height as usize,
        width: width as usize,
        pixels: data.to_vec(),
    })
}

/// Reads a file of labels, gzipped or plain.
///
/// # Errors
/// See [`IdxError`].
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    let bytes = unpack(bytes)?;
    let ([_], data) = parse(&bytes, "count")?;
    Ok(data.to_vec())
}

/// A file of images or of labels.
pub(crate) enum Idx {
    Images(Images),
    Labels(Vec<u8>),
}

/// Reads either kind of file, gzipped or plain.
pub(crate) fn parse_either(bytes: &[u8]) -> Result<Idx, IdxError> {
    let bytes = unpack(bytes)?;
    match bytes.get(3) {
        Some(1) => parse_labels(&bytes).map(Idx::Labels),
        _ => parse_images(&bytes).map(Idx::Images),
    }
}

fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, IdxError> {
    if !bytes.starts_with(&GZIP_MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(bytes)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(|e| IdxError::Gzip(e.to_string()))?;
    if read as u64 > MAX_BYTES {
        return Err(IdxError::TooLarge);
    }
    Ok(Cow::Owned(unpacked))
}

/// The axes' lengths and the values.
fn parse<'a, const AXES: usize>(
    bytes: &'a [u8],
    what: &'static str,
) -> Result<([u32; AXES], &'a [u8]), IdxError> {
    let not_idx = || IdxError::Magic(bytes.iter().take(4).copied().collect());
    let (magic, rest) = bytes.split_first_chunk::<4>().ok_or_else(not_idx)?;
    let &[0, 0, UNSIGNED_BYTES, found] = magic else {
        return Err(not_idx());
    };
    if usize::from(found) != AXES {
        return Err(IdxError::Axes {
            expected: AXES as u8,
            found,
            what,
        });
    }
    let (axes, data) = rest.split_at_checked(4 * AXES).ok_or_else(not_idx)?;
    let (axes, _) = axes.as_chunks::<4>();
    let axes: [u32; AXES] = std::array::from_fn(|i| u32::from_be_bytes(axes[i]));
    let promised = axes
        .iter()
        .fold(1_u64, |product, &axis| product.saturating_mul(axis.into()));
    if promised != data.len() as u64 {
        return Err(IdxError::Length {
            axes: axes.to_vec(),
            promised,
            found: data.len(),
        });
    }
    Ok((axes, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn images(count: u32, height: u32, width: u32, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 3];
        for axis in [count, height, width] {
            bytes.extend(axis.to_be_bytes());
        }
        bytes.extend(pixels);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    #[test]
    fn reads_plain_and_gzipped() {
        let plain = images(2, 1, 3, &[1, 2, 3, 4, 5, 6]);
        let expected = Images {
            height: 1,
            width: 3,
            pixels: vec![1, 2, 3, 4, 5, 6],
        };
        assert_eq!(parse_images(&plain), Ok(expected.clone()));
        assert_eq!(parse_images(&gzip(&plain)), Ok(expected.clone()));
        assert_eq!(expected.len(), 2);
        assert_eq!(
            parse_labels(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 9]),
            Ok(vec![7, 9])
        );
    }

    #[test]
    fn a_header_that_lies_is_named() {
        let lying = images(u32::MAX, u32::MAX, u32::MAX, &[0; 10]);
        assert!(matches!(
            parse_images(&lying),
            Err(IdxError::Length { found: 10, .. })
        ));
        assert!(matches!(
            parse_images(&images(0, 0, 28, &[])),
            Err(IdxError::NoPixels { .. })
        ));
        assert!(matches!(
            parse_labels(&images(1, 1, 1, &[0])),
            Err(IdxError::Axes { found: 3, .. })
        ));
        assert!(matches!(parse_images(b"hello"), Err(IdxError::Magic(_))));
        let mut cut = gzip(&images(1, 28, 28, &[9; 784]));
        cut.truncate(cut.len() / 2);
        assert!(matches!(parse_images(&cut), Err(IdxError::Gzip(_))));
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = gzip(&vec![0; MAX_BYTES as usize + 1]);
        assert_eq!(parse_images(&bomb), Err(IdxError::TooLarge));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_images(&bytes);
            let _ = parse_labels(&bytes);
            // Also behind a right magic number.
            let mut idx = vec![0, 0, 8, 3];
            idx.extend(&bytes);
            let _ = parse_images(&idx);
        }
    }
}
