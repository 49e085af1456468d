//! Uncompressed BMP: a header, an optional palette, then rows of pixels.
//!
//! Run-length compression is rejected; no current program writes it. The fourth byte of 32-bit pixels
//! is ignored, because programs fill it with arbitrary values.
//!
//! `zune-bmp` 0.5 was tried instead: it ignores the padding of rows with 1 or 4 bits per pixel and
//! decodes truncated files without an error.

use super::{DecodeError, Decoded, check_size};

/// Size of the OS/2 1.x header, the only one with 16-bit dimensions.
const CORE_HEADER: u32 = 12;
/// Compression method: none.
const UNCOMPRESSED: u32 = 0;
/// Compression methods: uncompressed with bit masks for the channels, without and with alpha.
const BIT_FIELDS: [u32; 2] = [3, 6];

/// Reads little-endian integers at byte offsets; `None` beyond the end of the file.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn u16(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes).into())
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }
}

struct Header {
    width: usize,
    height: usize,
    top_down: bool,
    bits: usize,
    compression: u32,
    /// Offset of the palette, and bytes per entry.
    palette: (usize, usize),
    /// Offset of the pixels.
    start: usize,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let damaged = |reason: &str| DecodeError::Damaged {
        format: "BMP",
        reason: reason.into(),
    };
    let header = header(&Reader(bytes)).ok_or(DecodeError::Truncated("BMP"))?;
    let Header {
        width,
        height,
        bits,
        ..
    } = header;
    check_size(width, height)?;
    if header.compression != UNCOMPRESSED && !BIT_FIELDS.contains(&header.compression) {
        return Err(damaged("it is compressed; save it as PNG"));
    }
    if !matches!(bits, 1 | 4 | 8 | 16 | 24 | 32) {
        return Err(damaged("its number of bits per pixel is invalid"));
    }
    // Cannot overflow, even with 32-bit `usize`: `check_size` limits both sides.
    let row = (width * bits).div_ceil(32) * 4;
    let rows = bytes
        .get(header.start..)
        .and_then(|rest| rest.get(..row * height))
        .ok_or(DecodeError::Truncated("BMP"))?;
    let layout = pixel_layout(bytes, &header).ok_or(DecodeError::Truncated("BMP"))?;
    let mut samples = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let stored = if header.top_down { y } else { height - 1 - y };
        let line = &rows[stored * row..][..row];
        samples.extend((0..width).flat_map(|x| layout.color(line, x)));
    }
    Ok(Decoded {
        width,
        height,
        samples,
        channels: 3,
        orientation: 1,
        note: None,
    })
}

fn header(reader: &Reader<'_>) -> Option<Header> {
    let start = reader.u32(10)? as usize;
    let size = reader.u32(14)?;
    if size == CORE_HEADER {
        return Some(Header {
            width: reader.u16(18)? as usize,
            height: reader.u16(20)? as usize,
            top_down: false,
            bits: reader.u16(24)? as usize,
            compression: UNCOMPRESSED,
            palette: (26, 3),
            start,
        });
    }
    let height = reader.u32(22)?.cast_signed();
    Some(Header {
        width: reader.u32(18)? as usize,
        height: height.unsigned_abs() as usize,
        top_down: height < 0,
        bits: reader.u16(28)? as usize,
        compression: reader.u32(30)?,
        palette: ((size as usize).checked_add(14)?, 4),
        start,
    })
}

/// How pixels are stored in a row.
enum PixelLayout {
    /// Bits per pixel, which index this palette of colours.
    Palette(usize, Vec<[u8; 3]>),
    /// Bytes per pixel, and the bit masks of red, green and blue.
    Masks(usize, [u32; 3]),
}

fn pixel_layout(bytes: &[u8], header: &Header) -> Option<PixelLayout> {
    let reader = Reader(bytes);
    if header.bits <= 8 {
        let (start, entry) = header.palette;
        // The palette may be shorter than the number of bits allows.
        let colours = bytes.get(start..header.start)?;
        let colours = colours.chunks_exact(entry).take(1 << header.bits);
        let palette = colours.map(|c| [c[2], c[1], c[0]]).collect();
        return Some(PixelLayout::Palette(header.bits, palette));
    }
    let masks = if BIT_FIELDS.contains(&header.compression) {
        [reader.u32(54)?, reader.u32(58)?, reader.u32(62)?]
    } else if header.bits == 16 {
        [0x7c00, 0x03e0, 0x001f]
    } else {
        [0x00ff_0000, 0x0000_ff00, 0x0000_00ff]
    };
    Some(PixelLayout::Masks(header.bits / 8, masks))
}

impl PixelLayout {
    /// Red, green and blue of pixel `x` of a row.
    fn color(&self, row: &[u8], x: usize) -> [u8; 3] {
        match self {
            Self::Palette(bits, palette) => {
                let at = x * bits;
                let shift = 8 - bits - at % 8;
                let index = (usize::from(row[at / 8]) >> shift) & ((1 << bits) - 1);
                // Indices beyond the palette are black, as in other decoders.
                palette.get(index).copied().unwrap_or([0; 3])
            }
            Self::Masks(bytes, masks) => {
                let pixel = row[x * bytes..][..*bytes]
                    .iter()
                    .rev()
                    .fold(0, |pixel, &byte| pixel << 8 | u32::from(byte));
                masks.map(|mask| channel(pixel, mask))
            }
        }
    }
}

/// The masked bits of a pixel, scaled to 0 to 255.
fn channel(pixel: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let shift = mask.trailing_zeros();
    let (value, max) = ((pixel & mask) >> shift, mask >> shift);
    (u64::from(value) * 255 / u64::from(max)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bmp(bits: u16, height: i32, palette: &[u8], rows: &[u8]) -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend((54 + palette.len() as u32).to_le_bytes());
        bytes.extend(40_u32.to_le_bytes());
        bytes.extend(3_i32.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(bits.to_le_bytes());
        bytes.extend([0; 24]);
        bytes.extend(palette);
        bytes.extend(rows);
        bytes
    }

    #[test]
    fn decode_handles_row_padding_and_both_row_orders() {
        let palette = [0, 0, 0, 0, 255, 255, 255, 0];
        let rows = [0b1010_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0];
        let grey = |bytes: &[u8]| {
            decode(bytes).map(|d| d.samples.iter().copied().step_by(3).collect::<Vec<_>>())
        };
        assert_eq!(
            grey(&bmp(1, 2, &palette, &rows)),
            Ok(vec![0, 255, 0, 255, 0, 255])
        );
        assert_eq!(
            grey(&bmp(1, -2, &palette, &rows)),
            Ok(vec![255, 0, 255, 0, 255, 0])
        );
        let four = [0x10, 0x10, 0, 0];
        assert_eq!(grey(&bmp(4, 1, &palette, &four)), Ok(vec![255, 0, 255]));
        let sixteen = [0xff, 0x7f, 0, 0, 0xff, 0x7f, 0, 0];
        assert_eq!(grey(&bmp(16, 1, &[], &sixteen)), Ok(vec![255, 0, 255]));
        assert_eq!(
            grey(&bmp(24, 1, &[], &[0; 11])),
            Err(DecodeError::Truncated("BMP"))
        );
    }
}
