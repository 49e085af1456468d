//! The IDX format of the MNIST files.
//!
//! Big-endian: two zero bytes, the element type, the number of axes, the size of each axis as a 32-bit integer, then
//! the elements in row-major order.

use super::{ArrayError, ArrayHeader, Element, Kind, LabelColumn, Meaning, Range, Values};
use super::{ArrayStack, Stack, interpret};
use crate::{content::Content, file_format::FileFormat};
use std::io::Read;

const DAMAGED: ArrayError = ArrayError::Header("IDX");

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

/// Reads a header. Returns its length in bytes, too.
///
/// # Errors
/// When it is damaged.
pub(crate) fn header(reader: &mut dyn Read) -> Result<(ArrayHeader, u64), ArrayError> {
    let mut magic = [0; 4];
    reader.read_exact(&mut magic).map_err(|_| DAMAGED)?;
    let [0, 0, element, axes @ 1..=8] = magic else {
        return Err(DAMAGED);
    };
    let kind = match element {
        0x08 => Kind::U8,
        0x09 => Kind::I8,
        0x0b => Kind::I16,
        0x0c => Kind::I32,
        0x0d => Kind::F32,
        0x0e => Kind::F64,
        _ => return Err(DAMAGED),
    };
    let mut sizes = Vec::new();
    for _ in 0..axes {
        let mut size = [0; 4];
        reader.read_exact(&mut size).map_err(|_| DAMAGED)?;
        sizes.push(u64::from(u32::from_be_bytes(size)));
    }
    let header = ArrayHeader {
        element: Element {
            kind,
            is_big_endian: true,
        },
        axes: sizes,
        is_column_major: false,
    };
    Ok((header, 4 + 4 * u64::from(axes)))
}

/// Reads an IDX file of grey images, gzipped or plain.
///
/// # Errors
/// [`ArrayError`]. Memory is allocated for the data that is present, not for the declared size.
pub fn parse_images(bytes: &[u8]) -> Result<IdxImages, ArrayError> {
    with_content(bytes, |content| {
        let (header, start) = header(&mut content.open()?)?;
        let layout = match interpret(&header, "")? {
            Meaning::Images(layout) if layout.channels == 1 => layout,
            _ => return Err(ArrayError::Shape(header.axes)),
        };
        let stack = ArrayStack::new(content, start, header, layout)?;
        let mut range = Range::default();
        stack.each(&mut |values, _| {
            match values {
                Values::Bytes(_) => {}
                Values::Numbers(numbers) => range.observe(numbers),
            }
            true
        })?;
        let mapping = range.mapping();
        let mut pixels = Vec::new();
        stack.each(&mut |values, _| {
            match values {
                Values::Bytes(bytes) => pixels.extend_from_slice(bytes),
                Values::Numbers(numbers) => {
                    pixels.extend(numbers.iter().map(|&number| mapping.level(number)));
                }
            }
            true
        })?;
        Ok(IdxImages {
            height: layout.height,
            width: layout.width,
            pixels,
        })
    })
}

/// Reads an IDX file of labels from 0 to 255, gzipped or plain.
///
/// # Errors
/// [`ArrayError`].
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u8>, ArrayError> {
    with_content(bytes, |content| {
        let mut reader = content.open()?;
        let (header, _) = header(&mut reader)?;
        let Meaning::Labels(columns) = interpret(&header, "labels")? else {
            return Err(ArrayError::Shape(header.axes));
        };
        let labels = LabelColumn::read("", &header, columns, &mut reader)?;
        let values: Option<Vec<u8>> = labels
            .classes
            .iter()
            .map(|&class| labels.names.names()[usize::from(class)].parse().ok())
            .collect();
        values.ok_or(ArrayError::NotLabels)
    })
}

fn with_content<T>(
    bytes: &[u8],
    read: impl FnOnce(&Content<'_>) -> Result<T, ArrayError>,
) -> Result<T, ArrayError> {
    let content = Content::Source(&bytes);
    match FileFormat::detect(bytes) {
        FileFormat::Gzip => read(&Content::Gzip(&content)),
        _ => read(&content),
    }
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
        let plain = images(2, 2, 3, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let expected = IdxImages {
            height: 2,
            width: 3,
            pixels: (1..=12).collect(),
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
    fn parse_labels_takes_the_first_column_of_qmnist() {
        let mut bytes = vec![0, 0, 0x0c, 2, 0, 0, 0, 3, 0, 0, 0, 8];
        for label in [5_i32, 0, 4] {
            for value in [label, 9, 9, 9, 9, 9, 9, 9] {
                bytes.extend(value.to_be_bytes());
            }
        }
        assert_eq!(parse_labels(&bytes), Ok(vec![5, 0, 4]));
    }

    #[test]
    fn parse_images_maps_numbers_of_other_types_to_levels() {
        let mut bytes = vec![0, 0, 0x0d, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2];
        for value in [0.0_f32, 0.5, 0.25, 1.0] {
            bytes.extend(value.to_be_bytes());
        }
        let read = parse_images(&bytes).expect("valid");
        assert_eq!(read.pixels, [0, 128, 64, 255]);
    }

    #[test]
    fn parse_images_rejects_headers_that_contradict_the_data() {
        let too_short = images(u32::MAX, 28, 28, &[0; 10]);
        assert!(matches!(
            parse_images(&too_short),
            Err(ArrayError::Length { found: 10, .. })
        ));
        let too_large = images(u32::MAX, u32::MAX, u32::MAX, &[0; 10]);
        assert!(matches!(
            parse_images(&too_large),
            Err(ArrayError::Shape(_))
        ));
        assert!(matches!(
            parse_images(&images(0, 0, 28, &[])),
            Err(ArrayError::Shape(_))
        ));
        assert!(matches!(
            parse_labels(&images(1, 2, 2, &[0; 4])),
            Err(ArrayError::Shape(_))
        ));
        assert!(matches!(parse_images(b"hello"), Err(ArrayError::Header(_))));
        let mut cut = gzip(&images(1, 28, 28, &[9; 784]));
        cut.truncate(cut.len() / 2);
        assert!(matches!(
            parse_images(&cut),
            Err(ArrayError::Unreadable(_) | ArrayError::Length { .. } | ArrayError::Header(_))
        ));
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
