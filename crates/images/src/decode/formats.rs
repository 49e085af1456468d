//! The formats that libraries decode, one function each: check the size in the header, then decode.

use super::{DecodeError, Decoded, MAX_PIXELS, check_size, contrast};
use crate::orientation::orientation;
use std::{fmt::Display, io::Cursor, num::NonZeroU64};
use zune_core::{
    bytestream::ZCursor, colorspace::ColorSpace as ZuneColours, options::DecoderOptions,
};

/// Memory limit of a decoder for one image, in bytes: four channels and as much again for its work.
pub(super) const MEMORY_LIMIT: usize = MAX_PIXELS * 8;

pub(super) fn damaged(format: &'static str) -> impl Fn(String) -> DecodeError {
    move |reason| DecodeError::Damaged { format, reason }
}

pub(super) fn text(reason: impl Display) -> String {
    reason.to_string()
}

/// Allocates the output buffer that a decoder requests, within [`MEMORY_LIMIT`].
pub(super) fn buffer(format: &'static str, bytes: Option<usize>) -> Result<Vec<u8>, DecodeError> {
    bytes
        .filter(|&bytes| bytes <= MEMORY_LIMIT)
        .map(|bytes| vec![0; bytes])
        .ok_or_else(|| damaged(format)("decoding it needs too much memory".into()))
}

pub(super) fn png(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    use png::{ColorType, DecodingError, Transformations};
    let failed = |e: DecodingError| match e {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated("PNG")
        }
        e => damaged("PNG")(text(e)),
    };
    let mut decoder = png::Decoder::new_with_limits(
        Cursor::new(bytes),
        png::Limits {
            bytes: MEMORY_LIMIT,
        },
    );
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let info = decoder.read_header_info().map_err(failed)?;
    check_size(info.width as usize, info.height as usize)?;
    let mut reader = decoder.read_info().map_err(failed)?;
    let orientation_tag = reader
        .info()
        .exif_metadata
        .as_deref()
        .map_or(1, orientation);
    let mut samples = buffer("PNG", reader.output_buffer_size())?;
    let frame = reader.next_frame(&mut samples).map_err(failed)?;
    samples.truncate(frame.buffer_size());
    let channels = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
    };
    let mut note = None;
    if frame.bit_depth == png::BitDepth::Sixteen {
        let (pairs, _) = samples.as_chunks::<2>();
        let deep: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
        (samples, note) = contrast::eight_bits(&deep, channels);
    }
    Ok(Decoded {
        width: frame.width as usize,
        height: frame.height as usize,
        samples,
        channels,
        orientation: orientation_tag,
        note,
    })
}

pub(super) fn jpeg(bytes: &[u8], wants_color: bool) -> Result<Decoded, DecodeError> {
    match jpeg_end(bytes) {
        JpegEnd::Marked => decode_jpeg(bytes, wants_color),
        JpegEnd::InHeader => Err(DecodeError::Truncated("JPEG")),
        JpegEnd::InScan => {
            // Only the marker may be missing. The decoder ignores what follows a complete scan; in an incomplete one,
            // it takes it for pixels, so that different bytes give different images.
            let with = |filler: u8| {
                let completed = [bytes, &[filler; 256], &[0xff, 0xd9]].concat();
                decode_jpeg(&completed, wants_color)
            };
            let (decoded, other) = (with(0x00)?, with(0x5a)?);
            if decoded.samples == other.samples {
                Ok(decoded)
            } else {
                Err(DecodeError::Truncated("JPEG"))
            }
        }
    }
}

fn decode_jpeg(bytes: &[u8], wants_color: bool) -> Result<Decoded, DecodeError> {
    let failed = damaged("JPEG");
    // Higher than our limits, so that `check_size` reports the error.
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ZuneColours::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| failed(text(e)))?;
    let info = decoder
        .info()
        .ok_or_else(|| failed("it has no header".into()))?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    check_size(width, height)?;
    let channels = match decoder.input_colorspace() {
        Some(ZuneColours::YCbCr) if wants_color => 3,
        Some(ZuneColours::YCbCr | ZuneColours::Luma) => {
            let grey = options.jpeg_set_out_colorspace(ZuneColours::Luma);
            decoder.set_options(grey);
            1
        }
        _ => 3,
    };
    let orientation_tag = decoder.exif().map_or(1, |exif| orientation(exif));
    let samples = decoder.decode().map_err(|e| failed(text(e)))?;
    Ok(Decoded {
        width,
        height,
        samples,
        channels,
        orientation: orientation_tag,
        note: None,
    })
}

/// Where a JPEG ends.
enum JpegEnd {
    /// At an end marker. Bytes may follow it.
    Marked,
    /// In or after a scan, without an end marker.
    InScan,
    /// Before or in a header.
    InHeader,
}

/// Finds the end of a JPEG. Embedded thumbnails have end markers as well, so this steps through the segments.
fn jpeg_end(bytes: &[u8]) -> JpegEnd {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: u8 = 0xd9;
    let mut at = 2;
    let mut end = JpegEnd::InHeader;
    loop {
        // Skip to the next marker; within a scan, 0xff is followed by 0 or a restart marker.
        let Some(&[first, marker]) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>())
        else {
            return end;
        };
        if first != 0xff || matches!(marker, 0 | 0x01 | 0xd0..=0xd8 | 0xff) {
            at += 1;
            continue;
        }
        if marker == END_OF_IMAGE {
            return JpegEnd::Marked;
        }
        let Some(&length) = bytes.get(at + 2..).and_then(|rest| rest.first_chunk::<2>()) else {
            return JpegEnd::InHeader;
        };
        at += 2 + usize::from(u16::from_be_bytes(length));
        if at > bytes.len() {
            return JpegEnd::InHeader;
        }
        if marker == START_OF_SCAN {
            end = JpegEnd::InScan;
        }
    }
}

pub(super) fn webp(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let failed = |e: image_webp::DecodingError| match e {
        image_webp::DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated("WebP")
        }
        e => damaged("WebP")(text(e)),
    };
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    check_size(width as usize, height as usize)?;
    decoder.set_memory_limit(MEMORY_LIMIT);
    let exif = decoder.exif_metadata().ok().flatten();
    let mut samples = buffer("WebP", decoder.output_buffer_size())?;
    decoder.read_image(&mut samples).map_err(failed)?;
    Ok(Decoded {
        width: width as usize,
        height: height as usize,
        samples,
        channels: if decoder.has_alpha() { 4 } else { 3 },
        orientation: exif.as_deref().map_or(1, orientation),
        note: None,
    })
}

pub(super) fn gif(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};
    let failed = |e: DecodingError| match e {
        DecodingError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated("GIF")
        }
        e => damaged("GIF")(text(e)),
    };
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    if let Some(limit) = NonZeroU64::new(MEMORY_LIMIT as u64) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    let mut decoder = options.read_info(bytes).map_err(failed)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    check_size(width, height)?;
    let frame = decoder.next_frame_info().map_err(failed)?;
    let frame = frame.ok_or(DecodeError::Truncated("GIF"))?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let columns = usize::from(frame.width);
    check_size(columns, usize::from(frame.height))?;
    let mut pixels = buffer("GIF", Some(decoder.buffer_size()))?;
    decoder.read_into_buffer(&mut pixels).map_err(failed)?;
    // Place the frame on the logical screen; parts outside of it are not visible.
    let mut samples = vec![0; width * height * 4];
    for (row, y) in pixels.chunks_exact(columns * 4).zip(top..height) {
        let visible = columns.min(width.saturating_sub(left)) * 4;
        let start = (y * width + left) * 4;
        if let Some(line) = samples.get_mut(start..start + visible) {
            line.copy_from_slice(&row[..visible]);
        }
    }
    Ok(Decoded {
        width,
        height,
        samples,
        channels: 4,
        orientation: 1,
        note: None,
    })
}
