//! A picture, slanted.

/// Columns that a row is moved to the right for each row that it lies above the middle.
const STEEPNESS: f32 = 0.25;

/// The picture with what is above its middle moved to the right and what is below to the left, as far as it lies from it.
/// What leaves it is lost, and black comes in.
///
/// # Shapes
/// - `pixels`, result: `[height × width]` grey values, row by row
pub(crate) fn slanted(pixels: &[u8], width: usize) -> Vec<u8> {
    let height = pixels.len() / width;
    let middle = (height as f32 - 1.0) / 2.0;
    let rows = pixels.chunks_exact(width).enumerate();
    let moved = rows.flat_map(|(at, row)| {
        let by = STEEPNESS * (middle - at as f32);
        (0..width).map(move |column| {
            let from = column as f32 - by;
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
    moved.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upright_line_leans_to_the_right() {
        // Nine rows of seven, a line in the middle column.
        let mut upright = vec![0; 9 * 7];
        (0..9).for_each(|row| upright[row * 7 + 3] = 200);
        let found = slanted(&upright, 7);
        let row = |at: usize| &found[at * 7..][..7];
        assert_eq!(row(4), [0, 0, 0, 200, 0, 0, 0]);
        assert_eq!(row(0), [0, 0, 0, 0, 200, 0, 0]);
        assert_eq!(row(8), [0, 0, 200, 0, 0, 0, 0]);
        // Half way between two columns.
        assert_eq!(row(2), [0, 0, 0, 100, 100, 0, 0]);
        // What leaves the picture does not come back on the other side.
        assert!(slanted(&[9; 9 * 7], 7)[..7].starts_with(&[0]));
    }
}
