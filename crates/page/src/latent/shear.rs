//! Horizontal shear of an image.

use protocol::ImageShape;

/// Horizontal shift in pixels per row above the centre.
const SHEAR: f32 = 0.25;

/// Shears an image to the right about its centre row, with linear interpolation. Pixels from outside are black in grey
/// images, as around a digit; in colour they have the colour of the nearest pixel, because the ground may be light.
///
/// # Shapes
/// - `values`, result: `[height, width, channels]`
pub(crate) fn shear(values: &[u8], shape: ImageShape) -> Vec<u8> {
    let ImageShape {
        height,
        width,
        channels,
    } = shape;
    let middle = (height as f32 - 1.0) / 2.0;
    let rows = values.chunks_exact(width * channels).enumerate();
    let sheared = rows.flat_map(|(index, row)| {
        let shift = SHEAR * (middle - index as f32);
        (0..width * channels).map(move |at| {
            let (column, channel) = (at / channels, at % channels);
            let from = column as f32 - shift;
            let (left, share) = (from.floor(), from - from.floor());
            let value = |column: f32| {
                let last = width as f32 - 1.0;
                if shape.is_color() || (0.0..=last).contains(&column) {
                    f32::from(row[column.clamp(0.0, last) as usize * channels + channel])
                } else {
                    0.0
                }
            };
            ((1.0 - share) * value(left) + share * value(left + 1.0)).round() as u8
        })
    });
    sheared.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shear_leans_a_vertical_line_to_the_right() {
        // 9×7 pixels with a line in the middle column.
        let mut vertical = vec![0; 9 * 7];
        (0..9).for_each(|row| vertical[row * 7 + 3] = 200);
        let sheared = shear(&vertical, ImageShape::grey(9, 7));
        let row = |at: usize| &sheared[at * 7..][..7];
        assert_eq!(row(4), [0, 0, 0, 200, 0, 0, 0]);
        assert_eq!(row(0), [0, 0, 0, 0, 200, 0, 0]);
        assert_eq!(row(8), [0, 0, 200, 0, 0, 0, 0]);
        // Halfway between two columns.
        assert_eq!(row(2), [0, 0, 0, 100, 100, 0, 0]);
        // Pixels that leave the image do not wrap around.
        assert!(shear(&[9; 9 * 7], ImageShape::grey(9, 7)).starts_with(&[0]));
    }

    #[test]
    fn shear_moves_the_channels_of_a_pixel_together_and_continues_the_ground() {
        let shape = ImageShape::color(9, 9);
        let mut image = [250, 240, 230].repeat(81);
        (0..9).for_each(|row| image[(row * 9 + 4) * 3..][..3].copy_from_slice(&[1, 2, 3]));
        let sheared = shear(&image, shape);
        let pixel = |row: usize, column: usize| &sheared[(row * 9 + column) * 3..][..3];
        assert_eq!(pixel(4, 4), [1, 2, 3]);
        assert_eq!(
            pixel(0, 5),
            [1, 2, 3],
            "one pixel to the right, four rows above"
        );
        assert_eq!(
            (pixel(0, 0), pixel(8, 8)),
            (&[250, 240, 230][..], &[250, 240, 230][..])
        );
    }
}
