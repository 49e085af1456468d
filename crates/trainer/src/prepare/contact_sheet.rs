//! Many images in one PNG file, for a person to look at.

use anyhow::{Context, Result};
use std::{fs::File, io::BufWriter, path::Path};

/// Images in rows of `columns`.
///
/// `pixels` are `[n, side, side, channels]` with 1 channel for grey or 3 for colour.
pub(crate) fn write(
    path: &Path,
    pixels: &[u8],
    [side, channels]: [usize; 2],
    columns: usize,
) -> Result<()> {
    let each = side * side * channels;
    let rows = (pixels.len() / each).div_ceil(columns);
    let (width, height) = (columns * side, rows * side);
    let mut sheet = vec![0; width * height * channels];
    for (i, image) in pixels.chunks_exact(each).enumerate() {
        let (top, left) = (i / columns * side, i % columns * side);
        for (y, row) in image.chunks_exact(side * channels).enumerate() {
            let at = ((top + y) * width + left) * channels;
            sheet[at..at + row.len()].copy_from_slice(row);
        }
    }
    let file = File::create(path).with_context(|| format!("can't write {}", path.display()))?;
    let mut encoder = png::Encoder::new(
        BufWriter::new(file),
        u32::try_from(width)?,
        u32::try_from(height)?,
    );
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match channels {
        1 => png::ColorType::Grayscale,
        _ => png::ColorType::Rgb,
    });
    encoder.write_header()?.write_image_data(&sheet)?;
    Ok(())
}
