//! TIFF, the first page.

use super::{
    DecodeError, Decoded, check_size, contrast,
    formats::{MEMORY_LIMIT, damaged, text},
};
use std::io::Cursor;
use tiff::{
    ColorType, TiffError,
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let failed = |error: TiffError| match error {
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated("TIFF")
        }
        TiffError::UnsupportedError(e) => damaged("TIFF")(format!("{e}; save it as PNG or JPEG")),
        e => damaged("TIFF")(text(e)),
    };
    let indices = as_grey_indices(bytes);
    let bytes = indices.as_deref().unwrap_or(bytes);
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let (width, height) = (width as usize, height as usize);
    check_size(width, height)?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MEMORY_LIMIT;
    limits.intermediate_buffer_size = MEMORY_LIMIT;
    limits.ifd_value_size = 1 << 20;
    decoder = decoder.with_limits(limits);
    let color = decoder.colortype().map_err(failed)?;
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let orientation = orientation.ok().flatten().unwrap_or(1);
    let palette = match indices {
        Some(_) => decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?,
        None => Vec::new(),
    };
    let has_palette = !palette.is_empty() && matches!(color, ColorType::Gray(1..=8));
    let result = decoder.read_image().map_err(failed)?;
    let has_more = decoder.more_images();
    let (mut samples, stretched) = match result {
        DecodingResult::U8(samples) => (samples, None),
        DecodingResult::U16(deep) => contrast::eight_bits(&deep, channels(color)),
        DecodingResult::F32(numbers) => (levels(&numbers), None),
        DecodingResult::F64(numbers) => {
            let numbers: Vec<f32> = numbers.into_iter().map(|n| n as f32).collect();
            (levels(&numbers), None)
        }
        DecodingResult::U32(numbers) => {
            let numbers: Vec<f32> = numbers.into_iter().map(|n| n as f32).collect();
            (levels(&numbers), None)
        }
        _ => {
            return Err(damaged("TIFF")(
                "its numbers are of an unusual type; save it as PNG".into(),
            ));
        }
    };
    let depth = usize::from(color.bit_depth());
    if depth < 8 {
        samples = unpack(&samples, width * channels(color), depth, has_palette);
    }
    let channels = match color {
        _ if has_palette => {
            // The colour map has all reds, then all greens, then all blues, of 16 bits.
            let colors = palette.len() / 3;
            let entry = |index: u8, plane: usize| {
                let value = palette.get(plane * colors + usize::from(index));
                (value.copied().unwrap_or(0) >> 8) as u8
            };
            samples = samples
                .iter()
                .flat_map(|&index| [0, 1, 2].map(|plane| entry(index, plane)))
                .collect();
            3
        }
        ColorType::CMYK(_) => {
            let (cmyk, _) = samples.as_chunks::<4>();
            let part =
                |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
            samples = cmyk
                .iter()
                .flat_map(|&[c, m, y, k]| [part(c, k), part(m, k), part(y, k)])
                .collect();
            3
        }
        ColorType::YCbCr(_) => {
            let (ycbcr, _) = samples.as_chunks::<3>();
            samples = ycbcr.iter().flat_map(|&color| from_ycbcr(color)).collect();
            3
        }
        color => channels(color),
    };
    if channels > 4 {
        return Err(damaged("TIFF")(format!(
            "it has {channels} channels; save it as PNG"
        )));
    }
    Ok(Decoded {
        width,
        height,
        samples,
        channels,
        orientation,
        note: stretched.or_else(|| {
            has_more.then(|| "it has several pages, of which the first was read".into())
        }),
    })
}

/// Number of channels.
fn channels(color: ColorType) -> usize {
    match color {
        ColorType::Gray(_) | ColorType::Palette(_) => 1,
        ColorType::GrayA(_) => 2,
        ColorType::RGB(_) | ColorType::YCbCr(_) | ColorType::Lab(_) => 3,
        ColorType::RGBA(_) | ColorType::CMYK(_) => 4,
        ColorType::CMYKA(_) => 5,
        ColorType::Multiband { num_samples, .. } => usize::from(num_samples),
        _ => usize::MAX,
    }
}

/// Unpacks samples of fewer than 8 bits, whose rows begin at bytes. Grey becomes 0 to 255, indices stay.
fn unpack(packed: &[u8], row: usize, depth: usize, are_indices: bool) -> Vec<u8> {
    let largest = (1_u32 << depth) - 1;
    let scale = if are_indices { 1 } else { 255 / largest };
    let mut samples = Vec::new();
    for line in packed.chunks_exact((row * depth).div_ceil(8).max(1)) {
        samples.extend((0..row).map(|at| {
            let bit = at * depth;
            let shift = (8 - bit % 8).saturating_sub(depth);
            let value = u32::from(line[bit / 8]) >> shift & largest;
            (value * scale) as u8
        }));
    }
    samples
}

/// Maps numbers to levels by their range.
fn levels(numbers: &[f32]) -> Vec<u8> {
    let mut range = crate::arrays::Range::default();
    range.observe(numbers);
    let mapping = range.mapping();
    numbers
        .iter()
        .map(|&number| mapping.level(number))
        .collect()
}

/// Red, green and blue, by Rec. 601.
fn from_ycbcr([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [
        y + 1.402 * cr,
        y - 0.344_14 * cb - 0.714_14 * cr,
        y + 1.772 * cb,
    ]
    .map(|value| value.round() as u8)
}

/// A copy of a file with a palette that says that it is grey, so that the decoder, which refuses palettes, gives the
/// indices. `None` for other files.
fn as_grey_indices(bytes: &[u8]) -> Option<Vec<u8>> {
    const PHOTOMETRIC_INTERPRETATION: u16 = 262;
    const BLACK_IS_ZERO: u16 = 1;
    const PALETTE: u16 = 3;
    /// Size of an entry: tag, type, count, and value or offset.
    const ENTRY: usize = 12;
    let is_big_endian = match bytes.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let short = |at: usize| {
        let pair = *bytes.get(at..)?.first_chunk()?;
        Some(if is_big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    };
    let offset = *bytes.get(4..)?.first_chunk()?;
    let offset = if is_big_endian {
        u32::from_be_bytes(offset)
    } else {
        u32::from_le_bytes(offset)
    };
    let directory = usize::try_from(offset).ok()?;
    let entries = usize::from(short(directory)?);
    let entry = (0..entries)
        .map(|i| directory.saturating_add(2 + i * ENTRY))
        .find(|&at| short(at) == Some(PHOTOMETRIC_INTERPRETATION))?;
    let value = entry + 8;
    if short(value)? != PALETTE {
        return None;
    }
    let mut copy = bytes.to_vec();
    let grey = if is_big_endian {
        BLACK_IS_ZERO.to_be_bytes()
    } else {
        BLACK_IS_ZERO.to_le_bytes()
    };
    copy.get_mut(value..value + 2)?.copy_from_slice(&grey);
    Some(copy)
}
