//! Layout of the gallery's tiles, of which only the visible ones are drawn.

use std::ops::Range;

/// Side of a tile in CSS pixels: large enough to be tapped.
pub(crate) const TILE: f64 = 44.0;

/// A grid of tiles in a scrolling window; lengths are in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// Number of tiles.
    pub(crate) count: usize,
    /// Tiles in a row.
    pub(crate) columns: usize,
    /// Height of the window.
    pub(crate) window: f64,
    /// Scroll offset of the window's upper edge.
    pub(crate) scroll: f64,
}

impl Grid {
    /// The layout of `count` tiles in a window of this width and height at this scroll offset.
    pub(crate) fn new(count: usize, width: f64, window: f64, scroll: f64) -> Self {
        Self {
            count,
            columns: ((width / TILE) as usize).max(1),
            window,
            scroll: scroll.max(0.0),
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.count.div_ceil(self.columns)
    }

    /// Height of all rows.
    pub(crate) fn height(&self) -> f64 {
        self.rows() as f64 * TILE
    }

    /// The tiles that are at least partly visible, in whole rows.
    pub(crate) fn visible(&self) -> Range<usize> {
        let first = (self.scroll / TILE) as usize;
        let last = ((self.scroll + self.window) / TILE).ceil() as usize;
        let tile = |row: usize| (row * self.columns).min(self.count);
        tile(first)..tile(last)
    }

    /// Left and upper edge of a tile, relative to the window.
    pub(crate) fn position(&self, tile: usize) -> (f64, f64) {
        (
            (tile % self.columns) as f64 * TILE,
            (tile / self.columns) as f64 * TILE - self.scroll,
        )
    }

    /// The tile at a point of the window.
    pub(crate) fn tile_at(&self, x: f64, y: f64) -> Option<usize> {
        let column = (x / TILE).floor();
        let row = ((y + self.scroll) / TILE).floor();
        if column < 0.0 || row < 0.0 || column as usize >= self.columns {
            return None;
        }
        let tile = row as usize * self.columns + column as usize;
        (tile < self.count).then_some(tile)
    }

    /// The scroll offset nearest to the current one at which the whole tile is visible.
    pub(crate) fn scroll_to(&self, tile: usize) -> f64 {
        let top = (tile / self.columns) as f64 * TILE;
        self.scroll.min(top).max(top + TILE - self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_covers_the_window_only() {
        let grid = Grid::new(60_000, 450.0, 220.0, 44_010.0);
        assert_eq!((grid.columns, grid.rows()), (10, 6_000));
        assert_eq!(grid.height(), 264_000.0);
        let visible = grid.visible();
        assert_eq!(visible, 10_000..10_060);
        assert_eq!(grid.position(10_003), (132.0, -10.0));
        assert_eq!(grid.tile_at(132.0, 0.0), Some(10_003));
        assert_eq!(grid.tile_at(445.0, 0.0), None, "right of the last column");
    }

    #[test]
    fn layout_at_the_ends_of_the_grid() {
        let grid = Grid::new(12, 450.0, 220.0, -3.0);
        assert_eq!(grid.visible(), 0..12);
        assert_eq!(grid.tile_at(0.0, 44.0), Some(10));
        assert_eq!(grid.tile_at(88.0, 44.0), None, "after the last tile");
        assert_eq!(Grid::new(0, 450.0, 220.0, 0.0).visible(), 0..0);
        assert_eq!(Grid::new(100, 10.0, 88.0, 0.0).columns, 1);
    }

    #[test]
    fn scroll_to_makes_a_tile_visible() {
        let grid = Grid::new(1000, 440.0, 220.0, 440.0);
        assert_eq!(grid.scroll_to(0), 0.0);
        assert_eq!(grid.scroll_to(120), 440.0, "already visible");
        assert_eq!(grid.scroll_to(200), 704.0);
    }
}
