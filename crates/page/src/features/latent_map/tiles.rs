//! The tiles of a map of decoded pictures: squares of the plane, each to_svg as what lies in its middle.
//!
//! On each level they are half as wide as on the one before, and start at the origin: a tile is its
//! four quarters' parent, so what was decoded stays of use when one zooms.

use crate::features::latent_map::viewport::Viewport;

/// The side of a picture in a tile, in pixels.
pub(crate) const SIDE: usize = 28;

/// A square of the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tile {
    /// Each level halves the width; on level 4 sixteen go from −3 to 3.
    pub(crate) level: i32,
    /// Counts from the origin to the right.
    pub(crate) x: i32,
    /// Counts from the origin upwards.
    pub(crate) y: i32,
}

impl Tile {
    /// The side of the tiles of a level, in units of z.
    pub(crate) fn width(level: i32) -> f64 {
        6.0 * f64::from(-level).exp2()
    }

    /// The z in the middle.
    pub(crate) fn centre(self) -> [f64; 2] {
        [self.x, self.y].map(|at| (f64::from(at) + 0.5) * Self::width(self.level))
    }

    /// The tile so many levels above that this one is a part of.
    pub(crate) fn ancestor(self, levels: i32) -> Self {
        Self {
            level: self.level - levels,
            x: self.x >> levels,
            y: self.y >> levels,
        }
    }
}

/// The level whose tiles are to_svg in between one and two times their pixels, on a plane of 448 pixels.
pub(crate) fn level(view: &Viewport) -> i32 {
    // A little more than the quotient, so that rounding does not decide at the very half.
    4 + ((3.0 / view.half).log2() + 1e-9).floor() as i32
}

/// A rectangle of tiles of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TileRect {
    /// The level.
    pub(crate) level: i32,
    /// The first column and the first row, counted upwards.
    pub(crate) first: [i32; 2],
    /// The number of columns and rows.
    pub(crate) count: [i32; 2],
}

impl TileRect {
    /// The tiles of a level that are in view.
    pub(crate) fn in_view(view: &Viewport, level: i32) -> Self {
        let width = Tile::width(level);
        let edge = |i: usize, side: f64| (view.centre[i] + side * view.half) / width;
        // What a rounding error lets in is not in view.
        let first = [0, 1].map(|i| (edge(i, -1.0) + 1e-9).floor() as i32);
        let count = [0, 1].map(|i| (edge(i, 1.0) - 1e-9).ceil() as i32 - first[i]);
        Self {
            level,
            first,
            count,
        }
    }

    /// All tiles, those nearest to the middle first.
    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let [columns, rows] = self.count;
        let mut tiles: Vec<_> = (0..columns * rows)
            .map(|k| Tile {
                level: self.level,
                x: self.first[0] + k % columns,
                y: self.first[1] + k / columns,
            })
            .collect();
        // Twice the distance from the middle of the block, so that it is a whole number.
        let off = |at: i32, i: usize| i64::from(2 * (at - self.first[i]) + 1 - self.count[i]);
        tiles.sort_by_key(|tile| off(tile.x, 0).pow(2) + off(tile.y, 1).pow(2));
        tiles
    }

    /// Where it lies in view, as shares of the side: left, top, width and height.
    pub(crate) fn placed(&self, view: &Viewport) -> [f64; 4] {
        let width = Tile::width(self.level);
        let [left, bottom] = self.first.map(|at| f64::from(at) * width);
        let [wide, high] = self.count.map(|count| f64::from(count) * width);
        let [x, y] = view.to_fraction([left, bottom + high]);
        [x, y, wide / (2.0 * view.half), high / (2.0 * view.half)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_cells_go_from_minus_three_to_three() {
        let view = Viewport::HOME;
        let block = TileRect::in_view(&view, level(&view));
        assert_eq!(
            (block.level, block.first, block.count),
            (4, [-8; 2], [16; 2])
        );
        assert_eq!(block.placed(&view), [0.0, 0.0, 1.0, 1.0]);
        let tiles = block.tiles();
        assert_eq!(tiles.len(), 256);
        let middle = tiles[0].centre();
        assert!(middle.iter().all(|z| z.abs() == 0.1875), "{middle:?}");
    }

    #[test]
    fn cells_stay_between_one_and_two_times_their_pixels() {
        for step in 0..200 {
            let half = 6.0 * 0.98_f64.powi(step);
            let view = Viewport {
                centre: [0.0; 2],
                half,
            };
            let to_svg = 448.0 * Tile::width(level(&view)) / (2.0 * half);
            assert!((27.99..56.01).contains(&to_svg), "{half}: {to_svg}");
        }
    }

    #[test]
    fn a_cell_lies_within_its_ancestors() {
        for (x, y) in [(-8, 7), (-1, 0), (5, -3)] {
            let tile = Tile { level: 5, x, y };
            for levels in 1..4 {
                let above = tile.ancestor(levels);
                let (inner, outer) = (tile.centre(), above.centre());
                let reach = Tile::width(above.level) / 2.0;
                assert!((0..2).all(|i| (inner[i] - outer[i]).abs() < reach));
            }
        }
    }

    #[test]
    fn what_is_in_view_is_covered() {
        let view = Viewport {
            centre: [0.4, -1.3],
            half: 0.77,
        };
        let [x, y, wide, high] = TileRect::in_view(&view, level(&view)).placed(&view);
        assert!(x <= 0.0 && y <= 0.0 && x + wide >= 1.0 && y + high >= 1.0);
    }
}
