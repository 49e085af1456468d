//! The values of images as RGBA pixels, in one place for canvases of all kinds. No web types.

use protocol::ImageShape;

/// RGBA pixels with their size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Picture {
    /// `[height × width × 4]`.
    pub(crate) rgba: Vec<u8>,
    /// Height and width.
    pub(crate) size: [usize; 2],
}

/// RGBA pixels, `[height × width × 4]`, of an image, `[height, width, channels]`. Values are from 0 to 255, as the
/// engine sends them: a mean outside of the pixels' range is clamped there.
pub(crate) fn rgba(values: &[u8], shape: ImageShape) -> Vec<u8> {
    let mut rgba = vec![0; shape.pixels() * 4];
    write_rgba(values, shape.is_color(), &mut rgba);
    rgba
}

/// Writes the RGBA pixels of grey values or of red, green and blue. One pixel at a time: the page's program is built for
/// size, so that an iterator over single bytes takes five times as long.
pub(crate) fn write_rgba(values: &[u8], is_color: bool, rgba: &mut [u8]) {
    let pixels = rgba.as_chunks_mut::<4>().0.iter_mut();
    if is_color {
        for (pixel, &[red, green, blue]) in pixels.zip(values.as_chunks::<3>().0) {
            *pixel = [red, green, blue, 255];
        }
    } else {
        for (pixel, &grey) in pixels.zip(values) {
            *pixel = [grey, grey, grey, 255];
        }
    }
}

/// Images, `[n, height, width, channels]`, in rows of `columns`, with `gap` transparent pixels between neighbours.
pub(crate) fn grid(images: &[u8], shape: ImageShape, columns: usize, gap: usize) -> Picture {
    let count = images.len() / shape.values().max(1);
    let (columns, rows) = (columns.max(1), count.div_ceil(columns.max(1)));
    let side = |count: usize, length: usize| (count * (length + gap)).saturating_sub(gap);
    let size @ [_, width] = [side(rows, shape.height), side(columns, shape.width)];
    let mut picture = Picture {
        rgba: vec![0; size[0] * width * 4],
        size,
    };
    for (index, image) in images.chunks_exact(shape.values().max(1)).enumerate() {
        let left = index % columns * (shape.width + gap);
        let top = index / columns * (shape.height + gap);
        let rows = image.chunks_exact(shape.values() / shape.height.max(1));
        for (y, row) in rows.enumerate() {
            let at = ((top + y) * width + left) * 4;
            let line = &mut picture.rgba[at..at + shape.width * 4];
            write_rgba(row, shape.is_color(), line);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rgba_repeats_grey_and_keeps_colours() {
        assert_eq!(
            rgba(&[0, 255, 7, 8], ImageShape::grey(2, 2)),
            [0, 0, 0, 255, 255, 255, 255, 255, 7, 7, 7, 255, 8, 8, 8, 255]
        );
        assert_eq!(
            rgba(&[1, 2, 3, 4, 5, 6], ImageShape::color(1, 2)),
            [1, 2, 3, 255, 4, 5, 6, 255]
        );
    }

    #[test]
    fn grid_places_images_in_rows_with_gaps() {
        // Three images of one row and two columns.
        let images = [1, 2, 3, 4, 5, 6];
        let Picture { rgba, size } = grid(&images, ImageShape::grey(1, 2), 2, 1);
        assert_eq!(size, [3, 5]);
        let alpha = |row: usize| -> Vec<u8> {
            rgba[row * 20..][..20]
                .iter()
                .skip(3)
                .step_by(4)
                .copied()
                .collect()
        };
        let red =
            |row: usize| -> Vec<u8> { rgba[row * 20..][..20].iter().step_by(4).copied().collect() };
        assert_eq!(
            (red(0), alpha(0)),
            (vec![1, 2, 0, 3, 4], vec![255, 255, 0, 255, 255])
        );
        assert_eq!(
            (red(2), alpha(2)),
            (vec![5, 6, 0, 0, 0], vec![255, 255, 0, 0, 0])
        );
        assert_eq!(alpha(1), [0; 5]);
    }

    #[test]
    fn grid_follows_the_shape() {
        let strip = grid(&vec![9; 11 * 32 * 24 * 3], ImageShape::color(32, 24), 11, 0);
        assert_eq!((strip.size, strip.rgba.len()), ([32, 264], 32 * 264 * 4));
        assert_eq!(grid(&[], ImageShape::MNIST, 11, 0).size, [0, 308]);
    }
}
