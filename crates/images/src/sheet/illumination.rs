//! Removes uneven illumination: estimates the brightness of the blank paper at each pixel, and measures
//! ink as the fraction of that light which is missing.

use crate::{
    grey_image::GreyImage,
    histogram::{otsu, percentile},
};

/// Number of cells along the longer side of the grid on which the illumination is estimated.
const CELLS: usize = 160;

/// The amount of ink of each pixel: 0 is paper in any light, 255 is black. Light-on-dark photos
/// (blackboards) are inverted first.
pub(super) fn correct(photo: &GreyImage) -> GreyImage {
    let dark = if is_dark_on_light(photo) {
        photo.clone()
    } else {
        photo.map(|p| 255 - p)
    };
    let grid = Grid::over(&dark);
    // First estimate: a high percentile of the cells nearby.
    let rough = grid.percentiles(&grid.medians(&dark), CELLS / 8, 0.75);
    let ink = grid.ink(&dark, &rough);
    let threshold = otsu(&ink.histogram()).clamp(24, 96);
    // Second estimate: the mean of the nearest pixels that the first one classified as paper.
    grid.ink(&dark, &grid.paper(&dark, &ink, threshold))
}

/// Whether the pixels that differ from the median of their surroundings are mostly darker.
fn is_dark_on_light(photo: &GreyImage) -> bool {
    const MIN_DIFFERENCE: i32 = 24;
    let grid = Grid::over(photo);
    let medians = grid.percentiles(&grid.medians(photo), CELLS / 6, 0.5);
    let mut balance = 0_i64;
    for y in 0..photo.height() {
        for x in 0..photo.width() {
            let cell = medians[(y / grid.cell) * grid.columns + x / grid.cell];
            let difference = i32::from(photo.at(x, y)) - cell as i32;
            if difference.abs() >= MIN_DIFFERENCE {
                balance += i64::from(difference);
            }
        }
    }
    balance <= 0
}

/// A grid of square cells over an image; the last row and column may be cut off.
struct Grid {
    cell: usize,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn over(image: &GreyImage) -> Self {
        let cell = (image.width().max(image.height()) / CELLS).max(1);
        Self {
            cell,
            columns: image.width().div_ceil(cell),
            rows: image.height().div_ceil(cell),
        }
    }

    /// Calls `f` with the columns and rows of each cell.
    fn cells<T>(
        &self,
        image: &GreyImage,
        mut f: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>) -> T,
    ) -> Vec<T> {
        let span = |i: usize, end: usize| i * self.cell..((i + 1) * self.cell).min(end);
        let mut values = Vec::with_capacity(self.columns * self.rows);
        for row in 0..self.rows {
            for column in 0..self.columns {
                values.push(f(span(column, image.width()), span(row, image.height())));
            }
        }
        values
    }

    fn medians(&self, image: &GreyImage) -> Vec<u8> {
        let mut values = Vec::new();
        self.cells(image, |xs, ys| {
            values.clear();
            for y in ys {
                values.extend(xs.clone().map(|x| image.at(x, y)));
            }
            let middle = values.len() / 2;
            *values.select_nth_unstable(middle).1
        })
    }

    /// A percentile of the cells within `radius` of each cell, by a sliding histogram along each row.
    fn percentiles(&self, cells: &[u8], radius: usize, share: f64) -> Vec<f32> {
        let mut filtered = Vec::with_capacity(cells.len());
        for row in 0..self.rows {
            let near = row.saturating_sub(radius)..(row + radius + 1).min(self.rows);
            let mut counts = [0_u32; 256];
            let mut next = 0;
            for column in 0..self.columns {
                while next < (column + radius + 1).min(self.columns) {
                    for y in near.clone() {
                        counts[usize::from(cells[y * self.columns + next])] += 1;
                    }
                    next += 1;
                }
                if let Some(past) = column.checked_sub(radius + 1) {
                    for y in near.clone() {
                        counts[usize::from(cells[y * self.columns + past])] -= 1;
                    }
                }
                filtered.push(f32::from(percentile(&counts, share)));
            }
        }
        filtered
    }

    /// The mean of the pixels that have at most `threshold` ink, for each cell.
    fn paper(&self, dark: &GreyImage, ink: &GreyImage, threshold: u8) -> Vec<f32> {
        /// Minimum radius, in cells, of the neighbourhood that is averaged.
        const MIN_RADIUS: usize = 2;
        let sums = self.cells(dark, |xs, ys| {
            let (mut sum, mut count) = (0_u64, 0_u64);
            for y in ys {
                for x in xs.clone() {
                    if ink.at(x, y) <= threshold {
                        sum += u64::from(dark.at(x, y));
                        count += 1;
                    }
                }
            }
            (sum, count)
        });
        // A summed-area table: the sum over any rectangle of cells takes four look-ups.
        let stride = self.columns + 1;
        let mut table = vec![(0_u64, 0_u64); stride * (self.rows + 1)];
        for row in 0..self.rows {
            let mut line = (0, 0);
            for column in 0..self.columns {
                let (sum, count) = sums[row * self.columns + column];
                line = (line.0 + sum, line.1 + count);
                let above = table[row * stride + column + 1];
                table[(row + 1) * stride + column + 1] = (above.0 + line.0, above.1 + line.1);
            }
        }
        let enough = (self.cell * self.cell * 8) as u64;
        let mut paper = Vec::with_capacity(sums.len());
        for row in 0..self.rows {
            for column in 0..self.columns {
                let mut radius = MIN_RADIUS;
                let mean = loop {
                    let (top, left) = (row.saturating_sub(radius), column.saturating_sub(radius));
                    let bottom = (row + radius + 1).min(self.rows);
                    let right = (column + radius + 1).min(self.columns);
                    let corner = |y: usize, x: usize| table[y * stride + x];
                    let (a, b) = (corner(bottom, right), corner(top, left));
                    let (c, d) = (corner(top, right), corner(bottom, left));
                    let (sum, count) = (a.0 + b.0 - c.0 - d.0, a.1 + b.1 - c.1 - d.1);
                    if count >= enough || radius >= self.columns.max(self.rows) {
                        break sum as f32 / count.max(1) as f32;
                    }
                    radius *= 2;
                };
                paper.push(mean);
            }
        }
        paper
    }

    /// The fraction of the paper's light that is missing at each pixel, scaled to 0 to 255.
    fn ink(&self, dark: &GreyImage, paper: &[f32]) -> GreyImage {
        // Bilinear interpolation between cell centres.
        let interpolate = |i: usize, cells: usize| {
            let at = (i as f32 + 0.5) / self.cell as f32 - 0.5;
            let at = at.clamp(0.0, (cells - 1) as f32);
            let first = at as usize;
            (first, (first + 1).min(cells - 1), at - first as f32)
        };
        let columns: Vec<_> = (0..dark.width())
            .map(|x| interpolate(x, self.columns))
            .collect();
        let mut pixels = Vec::with_capacity(dark.pixels().len());
        for (y, row) in dark.rows().enumerate() {
            let (top, bottom, down) = interpolate(y, self.rows);
            let (top, bottom) = (
                &paper[top * self.columns..],
                &paper[bottom * self.columns..],
            );
            for (&pixel, &(left, right, along)) in row.iter().zip(&columns) {
                let upper = top[left] + (top[right] - top[left]) * along;
                let lower = bottom[left] + (bottom[right] - bottom[left]) * along;
                let light = (upper + (lower - upper) * down).max(1.0);
                let missing = (1.0 - f32::from(pixel) / light) * 255.0;
                pixels.push(missing.clamp(0.0, 255.0).round() as u8);
            }
        }
        let mut pixels = pixels.into_iter();
        GreyImage::from_fn(dark.width(), dark.height(), |_, _| {
            pixels.next().unwrap_or(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars that absorb 60 % of the light, on paper whose illumination falls to a third from left to right.
    fn shaded(x: usize, y: usize) -> u8 {
        let light = 240.0 - 160.0 * x as f32 / 400.0;
        let ink = (y % 40) < 4 && (x % 50) < 25;
        (light * if ink { 0.4 } else { 1.0 }) as u8
    }

    #[test]
    fn correct_removes_an_illumination_gradient() {
        let ink = correct(&GreyImage::from_fn(400, 300, shaded));
        for y in 5..295 {
            for x in 5..395 {
                let bar = (y % 40) < 4 && (x % 50) < 25;
                let value = ink.at(x, y);
                assert!(
                    if bar {
                        (140..166).contains(&value)
                    } else {
                        value < 14
                    },
                    "{x} {y}: {value}"
                );
            }
        }
    }

    #[test]
    fn is_dark_on_light_detects_blackboards() {
        let board = GreyImage::from_fn(400, 300, |x, y| 255 - shaded(x, y));
        assert!(!is_dark_on_light(&board));
        assert!(is_dark_on_light(&GreyImage::from_fn(400, 300, shaded)));
    }
}
