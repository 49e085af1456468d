//! Uneven light: what the paper would look like without ink, and how much darker each pixel is.

use crate::{
    grey::Grey,
    histogram::{otsu, percentile},
};

/// Cells along the longer side of the coarse grid on which the light is measured.
const CELLS: usize = 160;

/// How much ink each pixel has: 0 is paper in whatever light it lies, 255 is black. Light ink on a
/// dark board is turned round first.
pub(super) fn correct(photo: &Grey) -> Grey {
    let dark = if is_dark_on_light(photo) {
        photo.clone()
    } else {
        photo.map(|p| 255 - p)
    };
    let grid = Grid::over(&dark);
    // First what most of the surroundings have at their lightest...
    let rough = grid.percentiles(&grid.medians(&dark), CELLS / 8, 0.75);
    let ink = grid.ink(&dark, &rough);
    let split = otsu(&ink.histogram()).clamp(24, 96);
    // ... then the mean of all that isn't ink, from as near as there is enough of it.
    grid.ink(&dark, &grid.paper(&dark, &ink, split))
}

/// Whether the pixels that differ from their surroundings' median are mostly darker.
fn is_dark_on_light(photo: &Grey) -> bool {
    const NOTABLE: i32 = 24;
    let grid = Grid::over(photo);
    let medians = grid.percentiles(&grid.medians(photo), CELLS / 6, 0.5);
    let mut balance = 0_i64;
    for y in 0..photo.height() {
        for x in 0..photo.width() {
            let cell = medians[(y / grid.cell) * grid.columns + x / grid.cell];
            let above = i32::from(photo.at(x, y)) - cell as i32;
            if above.abs() >= NOTABLE {
                balance += i64::from(above);
            }
        }
    }
    balance <= 0
}

/// Cells of equal side over a picture, the last ones cut off.
struct Grid {
    cell: usize,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn over(picture: &Grey) -> Self {
        let cell = (picture.width().max(picture.height()) / CELLS).max(1);
        Self {
            cell,
            columns: picture.width().div_ceil(cell),
            rows: picture.height().div_ceil(cell),
        }
    }

    /// `f` of the columns and rows of each cell.
    fn cells<T>(
        &self,
        picture: &Grey,
        mut f: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>) -> T,
    ) -> Vec<T> {
        let span = |i: usize, end: usize| i * self.cell..((i + 1) * self.cell).min(end);
        let mut values = Vec::with_capacity(self.columns * self.rows);
        for row in 0..self.rows {
            for column in 0..self.columns {
                values.push(f(
                    span(column, picture.width()),
                    span(row, picture.height()),
                ));
            }
        }
        values
    }

    fn medians(&self, picture: &Grey) -> Vec<u8> {
        let mut values = Vec::new();
        self.cells(picture, |xs, ys| {
            values.clear();
            for y in ys {
                values.extend(xs.clone().map(|x| picture.at(x, y)));
            }
            let middle = values.len() / 2;
            *values.select_nth_unstable(middle).1
        })
    }

    /// A percentile of the cells within `radius`, by a histogram that slides along each row.
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

    /// The mean of the pixels that have at most `split` ink, for each cell.
    fn paper(&self, dark: &Grey, ink: &Grey, split: u8) -> Vec<f32> {
        /// Cells from which a cell takes its paper at least.
        const REACH: usize = 2;
        let sums = self.cells(dark, |xs, ys| {
            let (mut sum, mut count) = (0_u64, 0_u64);
            for y in ys {
                for x in xs.clone() {
                    if ink.at(x, y) <= split {
                        sum += u64::from(dark.at(x, y));
                        count += 1;
                    }
                }
            }
            (sum, count)
        });
        // Sums over any rectangle of cells in four look-ups.
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
                let mut reach = REACH;
                let mean = loop {
                    let (top, left) = (row.saturating_sub(reach), column.saturating_sub(reach));
                    let bottom = (row + reach + 1).min(self.rows);
                    let right = (column + reach + 1).min(self.columns);
                    let corner = |y: usize, x: usize| table[y * stride + x];
                    let (a, b) = (corner(bottom, right), corner(top, left));
                    let (c, d) = (corner(top, right), corner(bottom, left));
                    let (sum, count) = (a.0 + b.0 - c.0 - d.0, a.1 + b.1 - c.1 - d.1);
                    if count >= enough || reach >= self.columns.max(self.rows) {
                        break sum as f32 / count.max(1) as f32;
                    }
                    reach *= 2;
                };
                paper.push(mean);
            }
        }
        paper
    }

    /// The share of the paper's light that each pixel lacks, 255 is all of it.
    fn ink(&self, dark: &Grey, paper: &[f32]) -> Grey {
        // Bilinear between the cells' middles.
        let place = |i: usize, cells: usize| {
            let at = (i as f32 + 0.5) / self.cell as f32 - 0.5;
            let at = at.clamp(0.0, (cells - 1) as f32);
            let first = at as usize;
            (first, (first + 1).min(cells - 1), at - first as f32)
        };
        let columns: Vec<_> = (0..dark.width()).map(|x| place(x, self.columns)).collect();
        let mut pixels = Vec::with_capacity(dark.pixels().len());
        for (y, row) in dark.rows().enumerate() {
            let (top, bottom, down) = place(y, self.rows);
            let (top, bottom) = (
                &paper[top * self.columns..],
                &paper[bottom * self.columns..],
            );
            for (&pixel, &(left, right, along)) in row.iter().zip(&columns) {
                let upper = top[left] + (top[right] - top[left]) * along;
                let lower = bottom[left] + (bottom[right] - bottom[left]) * along;
                let light = (upper + (lower - upper) * down).max(1.0);
                let lacks = (1.0 - f32::from(pixel) / light) * 255.0;
                pixels.push(lacks.clamp(0.0, 255.0).round() as u8);
            }
        }
        let mut pixels = pixels.into_iter();
        Grey::from_fn(dark.width(), dark.height(), |_, _| {
            pixels.next().unwrap_or(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of 60 % reflectance on paper in light that falls to a third from left to right.
    fn shaded(x: usize, y: usize) -> u8 {
        let light = 240.0 - 160.0 * x as f32 / 400.0;
        let ink = (y % 40) < 4 && (x % 50) < 25;
        (light * if ink { 0.4 } else { 1.0 }) as u8
    }

    #[test]
    fn light_is_divided_out() {
        let ink = correct(&Grey::from_fn(400, 300, shaded));
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
    fn a_blackboard_is_turned_round() {
        let board = Grey::from_fn(400, 300, |x, y| 255 - shaded(x, y));
        assert!(!is_dark_on_light(&board));
        assert!(is_dark_on_light(&Grey::from_fn(400, 300, shaded)));
    }
}
