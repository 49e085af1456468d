//! Cache of decoded tiles: chooses the tiles to decode next, and composes the map from those that are there.

use crate::features::latent_map::tiles::{SIDE, Tile, TileRect};
use std::collections::{HashMap, HashSet};

/// Largest number of tiles: more than two full views on each of several levels.
const MAX_TILES: usize = 4_000;
/// A missing tile is replaced by an ancestor up to this many levels above.
const MAX_ANCESTOR_LEVELS: i32 = 3;

/// Decoded tiles.
#[derive(Debug, Default)]
pub(crate) struct TileCache {
    images: HashMap<Tile, CachedImage>,
    version: Version,
}

/// Version of the map's content, which depends on the model's weights and the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Version {
    /// Incremented when older tiles become useless: another model, or other axes.
    epoch: u64,
    /// Incremented when older tiles become outdated, but may be shown until they are replaced.
    revision: u64,
}

#[derive(Debug)]
struct CachedImage {
    pixels: Vec<u8>,
    version: Version,
}

impl TileCache {
    /// The current version.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Removes all tiles, for another model or other axes.
    pub(crate) fn clear(&mut self) {
        self.images.clear();
        self.version.epoch += 1;
    }

    /// Marks all tiles as outdated, for newer weights or a parallel plane. They are shown until replaced.
    pub(crate) fn invalidate(&mut self) {
        self.version.revision += 1;
    }

    /// Whether a tile of the current version is cached.
    pub(crate) fn has(&self, tile: Tile) -> bool {
        self.images
            .get(&tile)
            .is_some_and(|image| image.version == self.version)
    }

    /// The next tiles to decode for a view, at most `limit`: coarse ancestors first where nothing can be shown yet,
    /// then from the centre outwards.
    pub(crate) fn next_tiles(&self, rect: &TileRect, limit: usize) -> Vec<Tile> {
        let tiles = rect.tiles();
        for levels in (1..MAX_ANCESTOR_LEVELS).rev() {
            let mut seen = HashSet::new();
            let uncovered = tiles
                .iter()
                .filter(|tile| self.find(**tile).is_none())
                .map(|tile| tile.ancestor(levels))
                .filter(|tile| seen.insert(*tile));
            let uncovered: Vec<_> = uncovered.take(limit).collect();
            if !uncovered.is_empty() {
                return uncovered;
            }
        }
        let mut missing: Vec<_> = tiles.into_iter().filter(|tile| !self.has(*tile)).collect();
        // The oldest first, so that every tile is updated even while the plane keeps moving.
        missing.sort_by_key(|tile| self.images.get(tile).map(|image| image.version.revision));
        missing.truncate(limit);
        missing
    }

    /// Stores decoded tiles, `[tiles × 784]`, that were requested in `version`. Beyond [`MAX_TILES`], tiles outside
    /// of `rect` are removed.
    pub(crate) fn insert(
        &mut self,
        tiles: &[Tile],
        pixels: &[u8],
        rect: &TileRect,
        version: Version,
    ) {
        if version.epoch != self.version.epoch {
            return;
        }
        if self.images.len() + tiles.len() > MAX_TILES {
            let [x, y] = rect.first;
            let [columns, rows] = rect.count;
            self.images.retain(|tile, _| {
                tile.level == rect.level
                    && (x..x + columns).contains(&tile.x)
                    && (y..y + rows).contains(&tile.y)
            });
        }
        for (&tile, pixels) in tiles.iter().zip(pixels.chunks_exact(SIDE * SIDE)) {
            let image = CachedImage {
                pixels: pixels.to_vec(),
                version,
            };
            self.images.insert(tile, image);
        }
    }

    /// Pixels of the tile, or of its nearest cached ancestor and how many levels above that is.
    fn find(&self, tile: Tile) -> Option<(i32, &[u8])> {
        (0..=MAX_ANCESTOR_LEVELS).find_map(|levels| {
            let image = self.images.get(&tile.ancestor(levels))?;
            Some((levels, image.pixels.as_slice()))
        })
    }

    /// RGBA pixels of a rectangle, `[28·rows × 28·columns × 4]`; transparent where nothing is cached.
    pub(crate) fn paint(&self, rect: &TileRect) -> Vec<u8> {
        let [columns, rows] = rect.count.map(|count| count as usize);
        let stride = columns * SIDE;
        let mut rgba = vec![0; stride * rows * SIDE * 4];
        for tile in rect.tiles() {
            let Some((levels, pixels)) = self.find(tile) else {
                continue;
            };
            let left = (tile.x - rect.first[0]) as usize * SIDE;
            // Image rows count downwards, tile rows upwards.
            let top = (rows - 1 - (tile.y - rect.first[1]) as usize) * SIDE;
            let mask = (1 << levels) - 1;
            let offset = [tile.x & mask, mask - (tile.y & mask)].map(|at| at as usize * SIDE);
            for row in 0..SIDE {
                let source = &pixels[((offset[1] + row) >> levels) * SIDE..][..SIDE];
                let start = ((top + row) * stride + left) * 4;
                let line = &mut rgba[start..start + SIDE * 4];
                if levels == 0 {
                    // The common case, and the longest part of a repaint.
                    for (out, &grey) in line.chunks_exact_mut(4).zip(source) {
                        out.copy_from_slice(&opaque(grey));
                    }
                } else {
                    for (column, out) in line.chunks_exact_mut(4).enumerate() {
                        out.copy_from_slice(&opaque(source[(offset[0] + column) >> levels]));
                    }
                }
            }
        }
        rgba
    }
}

/// RGBA of an opaque grey pixel, computed as one word.
fn opaque(grey: u8) -> [u8; 4] {
    (0xff00_0000 | (u32::from(grey) * 0x01_0101)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::tiles::level;
    use crate::features::latent_map::viewport::Viewport;

    fn rect() -> TileRect {
        TileRect::in_view(&Viewport::HOME, level(&Viewport::HOME))
    }

    /// Decodes until nothing is missing; every pixel has the tile's level as its value.
    fn decode_all(cache: &mut TileCache, rect: &TileRect) -> Vec<Tile> {
        let mut order = Vec::new();
        loop {
            let tiles = cache.next_tiles(rect, 10);
            if tiles.is_empty() {
                return order;
            }
            let pixels: Vec<u8> = tiles
                .iter()
                .flat_map(|tile| [tile.level as u8; SIDE * SIDE])
                .collect();
            let version = cache.version();
            cache.insert(&tiles, &pixels, rect, version);
            order.extend(tiles);
        }
    }

    #[test]
    fn next_tiles_starts_coarse_and_has_no_duplicates() {
        let mut cache = TileCache::default();
        let order = decode_all(&mut cache, &rect());
        let levels: Vec<_> = order.iter().map(|tile| tile.level).collect();
        assert_eq!(levels, [vec![2; 16], vec![4; 256]].concat());
        let distinct: HashSet<_> = order.iter().collect();
        assert_eq!(distinct.len(), order.len());
    }

    #[test]
    fn next_tiles_reuses_coarser_tiles_after_a_zoom() {
        let mut cache = TileCache::default();
        decode_all(&mut cache, &rect());
        let near = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let rect = TileRect::in_view(&near, level(&near));
        let order = decode_all(&mut cache, &rect);
        assert!(order.iter().all(|tile| tile.level == 5), "nothing coarser");
        assert_eq!(order.len(), 256);
    }

    #[test]
    fn invalidate_keeps_tiles_until_they_are_replaced() {
        let mut cache = TileCache::default();
        let rect = rect();
        decode_all(&mut cache, &rect);
        cache.invalidate();
        let tile = rect.tiles()[0];
        assert!(!cache.has(tile));
        assert!(
            cache
                .paint(&rect)
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
        assert_eq!(decode_all(&mut cache, &rect).len(), 256);
        assert!(cache.has(tile));
        cache.clear();
        assert!(cache.paint(&rect).iter().all(|&byte| byte == 0));
    }

    #[test]
    fn next_tiles_reaches_every_tile_while_the_plane_moves() {
        let mut cache = TileCache::default();
        let rect = rect();
        decode_all(&mut cache, &rect);
        let mut seen = HashSet::new();
        for _ in 0..8 {
            cache.invalidate();
            let asked_in = cache.version();
            let tiles = cache.next_tiles(&rect, 32);
            // The plane moves again before the tiles are decoded.
            cache.invalidate();
            cache.insert(&tiles, &[0; 32 * SIDE * SIDE], &rect, asked_in);
            assert!(!cache.has(tiles[0]));
            seen.extend(tiles);
        }
        assert_eq!(seen.len(), 256);
        let elsewhere = cache.version();
        cache.clear();
        cache.insert(&rect.tiles()[..1], &[0; SIDE * SIDE], &rect, elsewhere);
        assert!(
            cache.find(rect.tiles()[0]).is_none(),
            "tiles of another plane are rejected"
        );
    }

    #[test]
    fn paint_scales_up_the_matching_part_of_an_ancestor() {
        let mut cache = TileCache::default();
        let view = Viewport::HOME;
        let coarse = TileRect::in_view(&view, 1);
        // Brightness increases from top to bottom.
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(|at| (at / SIDE) as u8).collect();
        for tile in coarse.tiles() {
            let version = cache.version();
            cache.insert(&[tile], &pixels, &coarse, version);
        }
        let fine = TileRect::in_view(&view, 2);
        let rgba = cache.paint(&fine);
        let row = |at: usize| rgba[at * 4 * SIDE * 4];
        assert_eq!((row(0), row(27), row(28), row(55)), (0, 13, 14, 27));
    }

    #[test]
    fn insert_limits_the_number_of_tiles() {
        let mut cache = TileCache::default();
        for step in 0..40 {
            let view = Viewport::HOME.zoomed(1.5_f64.powi(step % 8), [f64::from(step) / 20.0; 2]);
            decode_all(&mut cache, &TileRect::in_view(&view, level(&view)));
            assert!(cache.images.len() <= MAX_TILES);
        }
    }
}
