//! Where the tiles of a long gallery are, when only those in view are drawn.

use std::ops::Range;

/// Side of a tile on the screen, in CSS pixels: a finger's width.
pub(crate) const TILE: f64 = 44.0;

/// A grid of tiles in a window that scrolls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// Number of tiles.
    pub(crate) count: usize,
    /// Tiles in a row.
    pub(crate) columns: usize,
    /// Height of the window.
    pub(crate) window: f64,
    /// How far it is scrolled.
    pub(crate) scroll: f64,
}

impl Grid {
    /// A grid in a window of this size.
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

    /// The tiles in view, whole rows of them.
    pub(crate) fn in_view(&self) -> Range<usize> {
        let first = (self.scroll / TILE) as usize;
        let last = ((self.scroll + self.window) / TILE).ceil() as usize;
        let tile = |row: usize| (row * self.columns).min(self.count);
        tile(first)..tile(last)
    }

    /// Where a tile is in the window: its left and upper edge.
    pub(crate) fn place(&self, tile: usize) -> (f64, f64) {
        (
            (tile % self.columns) as f64 * TILE,
            (tile / self.columns) as f64 * TILE - self.scroll,
        )
    }

    /// The tile at a point of the window.
    pub(crate) fn at(&self, x: f64, y: f64) -> Option<usize> {
        let column = (x / TILE).floor();
        let row = ((y + self.scroll) / TILE).floor();
        if column < 0.0 || row < 0.0 || column as usize >= self.columns {
            return None;
        }
        let tile = row as usize * self.columns + column as usize;
        (tile < self.count).then_some(tile)
    }

    /// The scroll that brings a tile into view, when it is not.
    pub(crate) fn scroll_to(&self, tile: usize) -> f64 {
        let top = (tile / self.columns) as f64 * TILE;
        self.scroll.min(top).max(top + TILE - self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_view_is_drawn() {
        let grid = Grid::new(60_000, 450.0, 220.0, 44_010.0);
        assert_eq!((grid.columns, grid.rows()), (10, 6_000));
        assert_eq!(grid.height(), 264_000.0);
        let view = grid.in_view();
        assert_eq!(view, 10_000..10_060);
        assert_eq!(grid.place(10_003), (132.0, -10.0));
        assert_eq!(grid.at(132.0, 0.0), Some(10_003));
        assert_eq!(grid.at(445.0, 0.0), None, "right of the last column");
    }

    #[test]
    fn ends_are_kept() {
        let grid = Grid::new(12, 450.0, 220.0, -3.0);
        assert_eq!(grid.in_view(), 0..12);
        assert_eq!(grid.at(0.0, 44.0), Some(10));
        assert_eq!(grid.at(88.0, 44.0), None, "after the last tile");
        assert_eq!(Grid::new(0, 450.0, 220.0, 0.0).in_view(), 0..0);
        assert_eq!(Grid::new(100, 10.0, 88.0, 0.0).columns, 1);
    }

    #[test]
    fn a_tile_is_brought_into_view() {
        let grid = Grid::new(1000, 440.0, 220.0, 440.0);
        assert_eq!(grid.scroll_to(0), 0.0);
        assert_eq!(grid.scroll_to(120), 440.0, "already there");
        assert_eq!(grid.scroll_to(200), 704.0);
    }
}
