//! Tiles of the decoded map: squares of the plane, each showing the image decoded at its centre.
//!
//! Each level halves the tiles' width. All levels share the origin, so a tile is the parent of the four tiles that
//! cover it on the next level (a quadtree), and stands in for them after a zoom.

use crate::features::latent_map::viewport::Viewport;

/// A tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tile {
    /// Zoom level; on level 4, 16 tiles span −3 to 3.
    pub(crate) level: i32,
    /// Column, counted from the origin to the right.
    pub(crate) x: i32,
    /// Row, counted from the origin upwards.
    pub(crate) y: i32,
}

impl Tile {
    /// Width of a level's tiles in map positions.
    pub(crate) fn width(level: i32) -> f64 {
        6.0 * f64::from(-level).exp2()
    }

    /// Map position of its centre.
    pub(crate) fn centre(self) -> [f64; 2] {
        [self.x, self.y].map(|at| (f64::from(at) + 0.5) * Self::width(self.level))
    }

    /// The tile that contains this one, `levels` levels up.
    pub(crate) fn ancestor(self, levels: i32) -> Self {
        Self {
            level: self.level - levels,
            x: self.x >> levels,
            y: self.y >> levels,
        }
    }
}

/// The level whose tiles are scaled by a factor between 1 and 2, on a plane of 448 pixels.
pub(crate) fn level(view: &Viewport) -> i32 {
    // The small offset makes the result independent of rounding errors at powers of two.
    4 + ((3.0 / view.half).log2() + 1e-9).floor() as i32
}

/// A rectangle of tiles on one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TileRect {
    /// The level.
    pub(crate) level: i32,
    /// First column and first row; rows count upwards.
    pub(crate) first: [i32; 2],
    /// Number of columns and rows.
    pub(crate) count: [i32; 2],
}

impl TileRect {
    /// The tiles of a level that are in view.
    pub(crate) fn in_view(view: &Viewport, level: i32) -> Self {
        let width = Tile::width(level);
        let edge = |i: usize, side: f64| (view.centre[i] + side * view.half) / width;
        // Tolerance, so that rounding errors do not add a row or column.
        let first = [0, 1].map(|i| (edge(i, -1.0) + 1e-9).floor() as i32);
        let count = [0, 1].map(|i| (edge(i, 1.0) - 1e-9).ceil() as i32 - first[i]);
        Self {
            level,
            first,
            count,
        }
    }

    /// All tiles, from the centre outwards.
    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let [columns, rows] = self.count;
        let mut tiles: Vec<_> = (0..columns * rows)
            .map(|k| Tile {
                level: self.level,
                x: self.first[0] + k % columns,
                y: self.first[1] + k / columns,
            })
            .collect();
        // Twice the distance from the centre, which is an integer.
        let offset = |at: i32, i: usize| i64::from(2 * (at - self.first[i]) + 1 - self.count[i]);
        tiles.sort_by_key(|tile| offset(tile.x, 0).pow(2) + offset(tile.y, 1).pow(2));
        tiles
    }

    /// Left, top, width and height in the view, as fractions of its side.
    pub(crate) fn bounds_in(&self, view: &Viewport) -> [f64; 4] {
        let width = Tile::width(self.level);
        let [left, bottom] = self.first.map(|at| f64::from(at) * width);
        let [wide, high] = self.count.map(|count| f64::from(count) * width);
        let [x, y] = view.fraction_of([left, bottom + high]);
        [x, y, wide / (2.0 * view.half), high / (2.0 * view.half)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tile_rect_of_the_default_view_has_16_by_16_tiles() {
        let view = Viewport::HOME;
        let rect = TileRect::in_view(&view, level(&view));
        assert_eq!((rect.level, rect.first, rect.count), (4, [-8; 2], [16; 2]));
        assert_eq!(rect.bounds_in(&view), [0.0, 0.0, 1.0, 1.0]);
        let tiles = rect.tiles();
        assert_eq!(tiles.len(), 256);
        let middle = tiles[0].centre();
        assert!(middle.iter().all(|z| z.abs() == 0.1875), "{middle:?}");
    }

    #[test]
    fn level_scales_tiles_by_one_to_two() {
        for step in 0..200 {
            let half = 6.0 * 0.98_f64.powi(step);
            let view = Viewport {
                centre: [0.0; 2],
                half,
            };
            let pixels = 448.0 * Tile::width(level(&view)) / (2.0 * half);
            assert!((27.99..56.01).contains(&pixels), "{half}: {pixels}");
        }
    }

    #[test]
    fn ancestor_contains_the_tile() {
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
    fn tile_rect_covers_the_view() {
        let view = Viewport {
            centre: [0.4, -1.3],
            half: 0.77,
        };
        let [x, y, wide, high] = TileRect::in_view(&view, level(&view)).bounds_in(&view);
        assert!(x <= 0.0 && y <= 0.0 && x + wide >= 1.0 && y + high >= 1.0);
    }
}
