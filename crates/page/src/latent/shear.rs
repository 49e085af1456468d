//! Horizontal shear of an image.

/// Horizontal shift in pixels per row above the centre.
const SHEAR: f32 = 0.25;

/// Shears an image to the right about its centre row, with linear interpolation. Pixels from outside are black.
///
/// # Shapes
/// - `pixels`, result: `[height × width]` grey values, row-major
pub(crate) fn shear(pixels: &[u8], width: usize) -> Vec<u8> {
    let height = pixels.len() / width;
    let middle = (height as f32 - 1.0) / 2.0;
    let rows = pixels.chunks_exact(width).enumerate();
    let sheared = rows.flat_map(|(index, row)| {
        let shift = SHEAR * (middle - index as f32);
        (0..width).map(move |column| {
            let from = column as f32 - shift;
            let (left, share) = (from.floor(), from - from.floor());
            let grey = |column: f32| {
                let inside = (0.0..width as f32).contains(&column);
                if inside {
                    f32::from(row[column as usize])
                } else {
                    0.0
                }
            };
            ((1.0 - share) * grey(left) + share * grey(left + 1.0)).round() as u8
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
        let sheared = shear(&vertical, 7);
        let row = |at: usize| &sheared[at * 7..][..7];
        assert_eq!(row(4), [0, 0, 0, 200, 0, 0, 0]);
        assert_eq!(row(0), [0, 0, 0, 0, 200, 0, 0]);
        assert_eq!(row(8), [0, 0, 200, 0, 0, 0, 0]);
        // Halfway between two columns.
        assert_eq!(row(2), [0, 0, 0, 100, 100, 0, 0]);
        // Pixels that leave the image do not wrap around.
        assert!(shear(&[9; 9 * 7], 7)[..7].starts_with(&[0]));
    }
}
