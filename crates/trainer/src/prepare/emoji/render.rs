//! An SVG drawing as a 32×32 image.

use anyhow::Result;

/// Height and width of an image in pixels.
pub(crate) const SIZE: usize = 32;
/// An image: red, green and blue of each pixel, `[32 × 32 × 3]`.
pub(crate) type Image = Vec<u8>;

/// Renders an SVG document over a background. The longer side of its view box fills the image; the other is centred.
///
/// # Errors
/// If `svg` is no SVG document.
#[cfg(feature = "svg")]
pub(crate) fn render(svg: &str, background: [u8; 3]) -> Result<Image> {
    use anyhow::Context as _;
    use resvg::{
        tiny_skia::{Pixmap, Transform},
        usvg::{Options, Tree},
    };
    // Drawings are rendered at this multiple of the size, then averaged, so that edges have smooth levels.
    const OVERSAMPLING: usize = 4;
    let tree = Tree::from_str(svg, &Options::default())?;
    let side = SIZE * OVERSAMPLING;
    let mut pixmap = Pixmap::new(side as u32, side as u32).context("no memory for the image")?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = side as f32 / width.max(height);
    let [x, y] = [width, height].map(|length| (side as f32 - length * scale) / 2.0);
    let transform = Transform::from_scale(scale, scale).post_translate(x, y);
    resvg::render(&tree, transform, &mut pixmap.as_mut());

    let mut image = Vec::with_capacity(SIZE * SIZE * 3);
    for pixel in 0..SIZE * SIZE {
        let (row, column) = (pixel / SIZE * OVERSAMPLING, pixel % SIZE * OVERSAMPLING);
        // Colours are premultiplied with alpha, so that sums need no weights.
        let mut sums = [0_u32; 4];
        for part in 0..OVERSAMPLING * OVERSAMPLING {
            let (row, column) = (row + part / OVERSAMPLING, column + part % OVERSAMPLING);
            let at = (row * side + column) * 4;
            for (sum, &value) in sums.iter_mut().zip(&pixmap.data()[at..at + 4]) {
                *sum += u32::from(value);
            }
        }
        let count = (OVERSAMPLING * OVERSAMPLING) as u32;
        let transparent = count * 255 - sums[3];
        for (sum, background) in sums.into_iter().zip(background) {
            let value = sum + transparent * u32::from(background) / 255;
            image.push(((value + count / 2) / count).min(255) as u8);
        }
    }
    Ok(image)
}

#[cfg(not(feature = "svg"))]
pub(crate) fn render(_: &str, _: [u8; 3]) -> Result<Image> {
    anyhow::bail!("build with --features svg to render drawings")
}

#[cfg(all(test, feature = "svg"))]
mod tests {
    use super::*;

    const GREEN: [u8; 3] = [0, 255, 0];
    const WHITE: [u8; 3] = [255; 3];

    #[test]
    fn render_fills_the_longer_side_and_centres_the_other() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32" viewBox="0 0 64 32">
            <rect width="64" height="32" fill="#00ff00"/></svg>"##;
        let image = render(svg, WHITE).expect("an SVG document");
        let pixels: Vec<&[u8]> = image.chunks(3).collect();
        assert_eq!(pixels.len(), SIZE * SIZE);
        for (row, line) in pixels.chunks(SIZE).enumerate() {
            let expected = if (8..24).contains(&row) { GREEN } else { WHITE };
            assert!(line.iter().all(|pixel| *pixel == expected), "row {row}");
        }
    }

    #[test]
    fn render_mixes_transparent_colours_with_the_background() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">
            <rect width="32" height="32" fill="#ff0000" fill-opacity="0.5"/></svg>"##;
        let image = render(svg, [0, 0, 200]).expect("an SVG document");
        for (value, expected) in image.iter().zip([128_u8, 0, 100].repeat(SIZE * SIZE)) {
            assert!(value.abs_diff(expected) <= 1, "{value}, not {expected}");
        }
        assert!(render("no document", WHITE).is_err());
    }
}
