//! The IDX format of the MNIST files, gzipped or plain.
//!
//! Big-endian: two zero bytes, the element type (8 is unsigned byte), the number of dimensions, the
//! size of each dimension as a 32-bit integer, then the elements in row-major order.

use flate2::read::GzDecoder;
use std::{borrow::Cow, io::Read};
use thiserror::Error;

/// Maximum decompressed size in bytes: five times MNIST's 60,000 training images.
pub const MAX_IDX_BYTES: u64 = 256 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UNSIGNED_BYTES: u8 = 8;

/// Greyscale images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdxImages {
    /// Rows of each image, in pixels.
    pub height: usize,
    /// Columns of each image, in pixels.
    pub width: usize,
    /// `[n × height × width]`: 0 is background, 255 full ink.
    pub pixels: Vec<u8>,
}

impl IdxImages {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / (self.height * self.width)
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// Why bytes cannot be read as an IDX file of images or labels.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdxError {
    /// The gzip stream is damaged.
    #[error("the file can't be decompressed ({0}); download it again")]
    Gzip(String),
    /// The decompressed size exceeds [`MAX_IDX_BYTES`].
    #[error("the decompressed file is larger than the limit of {} MiB", MAX_IDX_BYTES >> 20)]
    TooLarge,
    /// The header is truncated, or the magic number is wrong.
    #[error("this is not an IDX file of unsigned bytes (it starts with {0:02x?})")]
    Magic(Vec<u8>),
    /// Images where labels were expected, or the other way round.
    #[error("the IDX file has {found} dimensions instead of {expected} ({meaning})")]
    Dimensions {
        /// Expected number of dimensions.
        expected: u8,
        /// Number of dimensions in the file.
        found: u8,
        /// What the expected dimensions mean.
        meaning: &'static str,
    },
    /// The data is shorter or longer than the header declares.
    #[error(
        "the IDX header declares {declared} bytes of data ({sizes:?}), but {found} follow: the file is truncated or its header is wrong"
    )]
    Length {
        /// The size of each dimension.
        sizes: Vec<u32>,
        /// Their product.
        declared: u64,
        /// Number of bytes after the header.
        found: usize,
    },
    /// The images have zero rows or columns.
    #[error("the IDX file declares images of {height}×{width} pixels")]
    NoPixels {
        /// Rows.
        height: u32,
        /// Columns.
        width: u32,
    },
}

/// Reads an IDX file of images, gzipped or plain.
///
/// # Errors
/// [`IdxError`]. Memory is allocated for the data that is present, not for the declared size.
pub fn parse_images(bytes: &[u8]) -> Result<IdxImages, IdxError> {
    let bytes = decompress(bytes)?;
    let ([_, height, width], data) = split(&bytes, "count, rows, columns")?;
    if height == 0 || width == 0 {
        return Err(IdxError::NoPixels { height, width });
    }
    Ok(IdxImages {
        height: height as usize,
        width: width as usize,
        pixels: data.to_vec(),
    })
}

/// Reads an IDX file of labels, gzipped or plain.
///
/// # Errors
/// [`IdxError`].
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    let bytes = decompress(bytes)?;
    let ([_], data) = split(&bytes, "count")?;
    Ok(data.to_vec())
}

/// The contents of an IDX file.
pub(crate) enum IdxContents {
    Images(IdxImages),
    Labels(Vec<u8>),
}

/// Reads an IDX file of images or of labels, gzipped or plain.
pub(crate) fn parse(bytes: &[u8]) -> Result<IdxContents, IdxError> {
    let bytes = decompress(bytes)?;
    match bytes.get(3) {
        Some(1) => parse_labels(&bytes).map(IdxContents::Labels),
        _ => parse_images(&bytes).map(IdxContents::Images),
    }
}

fn decompress(bytes: &[u8]) -> Result<Cow<'_, [u8]>, IdxError> {
    if !bytes.starts_with(&GZIP_MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut decompressed = Vec::new();
    let read = GzDecoder::new(bytes)
        .take(MAX_IDX_BYTES + 1)
        .read_to_end(&mut decompressed)
        .map_err(|e| IdxError::Gzip(e.to_string()))?;
    if read as u64 > MAX_IDX_BYTES {
        return Err(IdxError::TooLarge);
    }
    Ok(Cow::Owned(decompressed))
}

/// Splits a file into the sizes of its dimensions and its elements.
fn split<'a, const DIMENSIONS: usize>(
    bytes: &'a [u8],
    meaning: &'static str,
) -> Result<([u32; DIMENSIONS], &'a [u8]), IdxError> {
    let not_idx = || IdxError::Magic(bytes.iter().take(4).copied().collect());
    let (magic, rest) = bytes.split_first_chunk::<4>().ok_or_else(not_idx)?;
    let &[0, 0, UNSIGNED_BYTES, found] = magic else {
        return Err(not_idx());
    };
    if usize::from(found) != DIMENSIONS {
        return Err(IdxError::Dimensions {
            expected: DIMENSIONS as u8,
            found,
            meaning,
        });
    }
    let (header, data) = rest.split_at_checked(4 * DIMENSIONS).ok_or_else(not_idx)?;
    let (header, _) = header.as_chunks::<4>();
    let sizes: [u32; DIMENSIONS] = std::array::from_fn(|i| u32::from_be_bytes(header[i]));
    let declared = sizes
        .iter()
        .fold(1_u64, |product, &size| product.saturating_mul(size.into()));
    if declared != data.len() as u64 {
        return Err(IdxError::Length {
            sizes: sizes.to_vec(),
            declared,
            found: data.len(),
        });
    }
    Ok((sizes, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn images(count: u32, height: u32, width: u32, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 3];
        for size in [count, height, width] {
            bytes.extend(size.to_be_bytes());
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
    fn parse_images_reads_plain_and_gzipped_files() {
        let plain = images(2, 1, 3, &[1, 2, 3, 4, 5, 6]);
        let expected = IdxImages {
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
    fn parse_images_rejects_headers_that_contradict_the_data() {
        let too_short = images(u32::MAX, u32::MAX, u32::MAX, &[0; 10]);
        assert!(matches!(
            parse_images(&too_short),
            Err(IdxError::Length { found: 10, .. })
        ));
        assert!(matches!(
            parse_images(&images(0, 0, 28, &[])),
            Err(IdxError::NoPixels { .. })
        ));
        assert!(matches!(
            parse_labels(&images(1, 1, 1, &[0])),
            Err(IdxError::Dimensions { found: 3, .. })
        ));
        assert!(matches!(parse_images(b"hello"), Err(IdxError::Magic(_))));
        let mut cut = gzip(&images(1, 28, 28, &[9; 784]));
        cut.truncate(cut.len() / 2);
        assert!(matches!(parse_images(&cut), Err(IdxError::Gzip(_))));
    }

    #[test]
    fn parse_images_stops_decompressing_at_the_limit() {
        let bomb = gzip(&vec![0; MAX_IDX_BYTES as usize + 1]);
        assert_eq!(parse_images(&bomb), Err(IdxError::TooLarge));
    }

    proptest! {
        #[test]
        fn parse_never_panics_on_arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_images(&bytes);
            let _ = parse_labels(&bytes);
            // Also after a valid magic number.
            let mut idx = vec![0, 0, 8, 3];
            idx.extend(&bytes);
            let _ = parse_images(&idx);
        }
    }
}
