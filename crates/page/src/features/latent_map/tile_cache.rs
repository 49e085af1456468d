//! Cache of decoded tiles: chooses the tiles to decode next, and composes the map from those that are there.

use crate::dom::raster::{Picture, write_rgba};
use crate::features::latent_map::tiles::{Tile, TileRect};
use protocol::ImageShape;
use std::collections::{HashMap, HashSet};

/// Largest number of tiles: more than two full views on each of several levels.
const MAX_TILES: usize = 4_000;
/// Largest size of all tiles in bytes, for large images.
const MAX_BYTES: usize = 16 << 20;
/// A missing tile is replaced by an ancestor up to this many levels above.
const MAX_ANCESTOR_LEVELS: i32 = 3;

/// Decoded tiles.
#[derive(Debug)]
pub(crate) struct TileCache {
    images: HashMap<Tile, CachedImage>,
    /// The shape of all images.
    shape: ImageShape,
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

impl Default for TileCache {
    fn default() -> Self {
        Self {
            images: HashMap::new(),
            shape: ImageShape::MNIST,
            version: Version::default(),
        }
    }
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
        let mut seen = HashSet::new();
        let uncovered: Vec<_> = tiles
            .iter()
            .filter(|tile| self.find(**tile).is_none())
            .map(|tile| tile.ancestor(MAX_ANCESTOR_LEVELS - 1))
            .filter(|tile| seen.insert(*tile))
            .take(limit)
            .collect();
        if !uncovered.is_empty() {
            return uncovered;
        }
        let mut missing: Vec<_> = tiles.into_iter().filter(|tile| !self.has(*tile)).collect();
        // The oldest first, so that every tile is updated even while the plane keeps moving.
        missing.sort_by_key(|tile| self.images.get(tile).map(|image| image.version.revision));
        missing.truncate(limit);
        missing
    }

    /// Stores decoded tiles, `[tiles, height, width, channels]`, that were requested in `version`. Beyond [`MAX_TILES`] or
    /// [`MAX_BYTES`], tiles outside of `rect` are removed. Tiles of another shape are those of another model and are
    /// removed, too.
    pub(crate) fn insert(
        &mut self,
        tiles: &[Tile],
        images: &[u8],
        shape: ImageShape,
        rect: &TileRect,
        version: Version,
    ) {
        if version.epoch != self.version.epoch {
            return;
        }
        if self.shape != shape {
            self.images.clear();
            self.shape = shape;
        }
        let count = self.images.len() + tiles.len();
        if count > MAX_TILES || count * shape.values() > MAX_BYTES {
            let [x, y] = rect.first;
            let [columns, rows] = rect.count;
            self.images.retain(|tile, _| {
                tile.level == rect.level
                    && (x..x + columns).contains(&tile.x)
                    && (y..y + rows).contains(&tile.y)
            });
        }
        for (&tile, pixels) in tiles.iter().zip(images.chunks_exact(shape.values().max(1))) {
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

    /// The pixels of a rectangle; transparent where nothing is cached. A tile is a square, in which an image that is
    /// none is centred on black.
    pub(crate) fn paint(&self, rect: &TileRect) -> Picture {
        let ImageShape { height, width, .. } = self.shape;
        let side = height.max(width);
        let [columns, rows] = rect.count.map(|count| count as usize);
        let stride = columns * side;
        let mut picture = vec![0; stride * rows * side * 4];
        let mut square = Square::new(self.shape);
        for tile in rect.tiles() {
            let Some((levels, values)) = self.find(tile) else {
                continue;
            };
            let pixels = square.with(values);
            let left = (tile.x - rect.first[0]) as usize * side;
            // Image rows count downwards, tile rows upwards.
            let top = (rows - 1 - (tile.y - rect.first[1]) as usize) * side;
            let mask = (1 << levels) - 1;
            let offset = [tile.x & mask, mask - (tile.y & mask)].map(|at| at as usize * side);
            for row in 0..side {
                let source = &pixels[((offset[1] + row) >> levels) * side * 4..][..side * 4];
                let start = ((top + row) * stride + left) * 4;
                let line = &mut picture[start..start + side * 4];
                if levels == 0 {
                    // The common case, and the longest part of a repaint.
                    line.copy_from_slice(source);
                } else {
                    for (column, out) in line.chunks_exact_mut(4).enumerate() {
                        let at = ((offset[0] + column) >> levels) * 4;
                        out.copy_from_slice(&source[at..at + 4]);
                    }
                }
            }
        }
        Picture {
            rgba: picture,
            size: [rows * side, stride],
        }
    }
}

/// RGBA pixels of one tile, reused for all.
struct Square {
    shape: ImageShape,
    pixels: Vec<u8>,
}

impl Square {
    fn new(shape: ImageShape) -> Self {
        let side = shape.height.max(shape.width);
        let black = [0, 0, 0, 255];
        Self {
            shape,
            pixels: black.repeat(side * side),
        }
    }

    /// The square with this image in its centre, `[side × side × 4]`.
    fn with(&mut self, values: &[u8]) -> &[u8] {
        let ImageShape { height, width, .. } = self.shape;
        let side = height.max(width);
        let (left, top) = ((side - width) / 2, (side - height) / 2);
        let rows = values.chunks_exact(self.shape.values() / height.max(1));
        for (y, row) in rows.enumerate() {
            let at = ((top + y) * side + left) * 4;
            let line = &mut self.pixels[at..at + width * 4];
            write_rgba(row, self.shape.is_color(), line);
        }
        &self.pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 28;
    const MNIST: ImageShape = ImageShape::MNIST;

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
            cache.insert(&tiles, &pixels, MNIST, rect, version);
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
                .rgba
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
        assert_eq!(decode_all(&mut cache, &rect).len(), 256);
        assert!(cache.has(tile));
        cache.clear();
        assert!(cache.paint(&rect).rgba.iter().all(|&byte| byte == 0));
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
            cache.insert(&tiles, &[0; 32 * SIDE * SIDE], MNIST, &rect, asked_in);
            assert!(!cache.has(tiles[0]));
            seen.extend(tiles);
        }
        assert_eq!(seen.len(), 256);
        let elsewhere = cache.version();
        cache.clear();
        cache.insert(
            &rect.tiles()[..1],
            &[0; SIDE * SIDE],
            MNIST,
            &rect,
            elsewhere,
        );
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
            cache.insert(&[tile], &pixels, MNIST, &coarse, version);
        }
        let fine = TileRect::in_view(&view, 2);
        let rgba = cache.paint(&fine).rgba;
        let row = |at: usize| rgba[at * 4 * SIDE * 4];
        assert_eq!((row(0), row(27), row(28), row(55)), (0, 13, 14, 27));
    }

    #[test]
    fn paint_centres_images_in_square_tiles() {
        let mut cache = TileCache::default();
        let rect = TileRect::in_view(&Viewport::HOME, 1);
        let shape = ImageShape::color(8, 12);
        let pixels = [200, 100, 50].repeat(rect.tiles().len() * shape.pixels());
        let version = cache.version();
        cache.insert(&rect.tiles(), &pixels, shape, &rect, version);
        let Picture { rgba, size } = cache.paint(&rect);
        assert_eq!(
            size,
            [rect.count[1] as usize * 12, rect.count[0] as usize * 12]
        );
        let at = |x: usize, y: usize| &rgba[(y * size[1] + x) * 4..][..4];
        assert_eq!(at(0, 1), [0, 0, 0, 255], "above the image");
        assert_eq!(
            (at(0, 2), at(11, 9)),
            (&[200, 100, 50, 255][..], &[200, 100, 50, 255][..])
        );
        assert_eq!(at(0, 10), [0, 0, 0, 255], "below it");
        // Another model's images.
        let version = cache.version();
        cache.insert(&rect.tiles()[..1], &[0; SIDE * SIDE], MNIST, &rect, version);
        assert_eq!(cache.images.len(), 1);
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
