//! The decoded pictures of a plane, tile by tile: which are there, which are to be decoded next, and how
//! they are put together.

use crate::features::latent_map::tiles::{SIDE, Tile, TileRect};
use std::collections::{HashMap, HashSet};

/// TileLayer that are kept. More than two full views of each of a few levels.
const MOST: usize = 4_000;
/// So many levels above, a picture still stands in for a part of itself.
const ABOVE: i32 = 3;

/// TileLayer, each of the version of the model it was decoded with.
#[derive(Debug, Default)]
pub(crate) struct TileCache {
    pictures: HashMap<Tile, CachedImage>,
    version: Version,
}

/// A version of what is to_svg: the model's weights, and where the plane lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Version {
    /// Counts the models and planes that have nothing in common.
    kind: u64,
    /// Counts the states of each.
    age: u64,
}

#[derive(Debug)]
struct CachedImage {
    pixels: Vec<u8>,
    version: Version,
}

impl TileCache {
    /// The version that pictures decoded now are of.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// The model is another one, or the plane: nothing is of use any more.
    pub(crate) fn clear(&mut self) {
        self.pictures.clear();
        self.version.kind += 1;
    }

    /// The model has newer weights, or the plane has moved: what is there stays until there is better.
    pub(crate) fn invalidate(&mut self) {
        self.version.age += 1;
    }

    /// Whether the picture of this tile is there, and of the model's newest version.
    pub(crate) fn has(&self, tile: Tile) -> bool {
        self.pictures
            .get(&tile)
            .is_some_and(|picture| picture.version == self.version)
    }

    /// The next tiles to decode for this view, at most so many: coarse ones first where there is
    /// nothing yet, and from the middle outwards.
    pub(crate) fn wanted(&self, block: &TileRect, most: usize) -> Vec<Tile> {
        let tiles = block.tiles();
        for levels in (1..ABOVE).rev() {
            let mut seen = HashSet::new();
            let bare = tiles
                .iter()
                .filter(|tile| self.find(**tile).is_none())
                .map(|tile| tile.ancestor(levels))
                .filter(|tile| seen.insert(*tile));
            let bare: Vec<_> = bare.take(most).collect();
            if !bare.is_empty() {
                return bare;
            }
        }
        let mut missing: Vec<_> = tiles.into_iter().filter(|tile| !self.has(*tile)).collect();
        // The oldest first, so that all have their turn while the plane moves on and on.
        missing.sort_by_key(|tile| self.pictures.get(tile).map(|picture| picture.version.age));
        missing.truncate(most);
        missing
    }

    /// Takes decoded pictures in, `[tiles × 784]`, which were asked for in that version.
    pub(crate) fn insert(
        &mut self,
        tiles: &[Tile],
        pixels: &[u8],
        block: &TileRect,
        version: Version,
    ) {
        if version.kind != self.version.kind {
            return;
        }
        if self.pictures.len() + tiles.len() > MOST {
            let [x, y] = block.first;
            let [columns, rows] = block.count;
            self.pictures.retain(|tile, _| {
                tile.level == block.level
                    && (x..x + columns).contains(&tile.x)
                    && (y..y + rows).contains(&tile.y)
            });
        }
        for (&tile, pixels) in tiles.iter().zip(pixels.chunks_exact(SIDE * SIDE)) {
            let picture = CachedImage {
                pixels: pixels.to_vec(),
                version,
            };
            self.pictures.insert(tile, picture);
        }
    }

    /// The picture of the tile, or of the nearest one above it: how many levels, and its pixels.
    fn find(&self, tile: Tile) -> Option<(i32, &[u8])> {
        (0..=ABOVE).find_map(|levels| {
            let picture = self.pictures.get(&tile.ancestor(levels))?;
            Some((levels, picture.pixels.as_slice()))
        })
    }

    /// A block as RGBA, `[28 rows × 28 columns]`: transparent where there is nothing.
    pub(crate) fn paint(&self, block: &TileRect) -> Vec<u8> {
        let [columns, rows] = block.count.map(|count| count as usize);
        let stride = columns * SIDE;
        let mut rgba = vec![0; stride * rows * SIDE * 4];
        for tile in block.tiles() {
            let Some((levels, pixels)) = self.find(tile) else {
                continue;
            };
            let left = (tile.x - block.first[0]) as usize * SIDE;
            // TileLayer count down, tiles count up.
            let top = (rows - 1 - (tile.y - block.first[1]) as usize) * SIDE;
            let mask = (1 << levels) - 1;
            let part = [tile.x & mask, mask - (tile.y & mask)].map(|part| part as usize * SIDE);
            for row in 0..SIDE {
                let source = &pixels[((part[1] + row) >> levels) * SIDE..][..SIDE];
                let start = ((top + row) * stride + left) * 4;
                let line = &mut rgba[start..start + SIDE * 4];
                for (column, out) in line.chunks_exact_mut(4).enumerate() {
                    let grey = source[(part[0] + column) >> levels];
                    out.copy_from_slice(&[grey, grey, grey, 255]);
                }
            }
        }
        rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::tiles::level;
    use crate::features::latent_map::viewport::Viewport;

    fn block() -> TileRect {
        TileRect::in_view(&Viewport::HOME, level(&Viewport::HOME))
    }

    /// Decodes all that is wanted; a picture is one grey value, of the level.
    fn decode_all(cache: &mut TileCache, block: &TileRect) -> Vec<Tile> {
        let mut order = Vec::new();
        loop {
            let tiles = cache.wanted(block, 10);
            if tiles.is_empty() {
                return order;
            }
            let pixels: Vec<u8> = tiles
                .iter()
                .flat_map(|tile| [tile.level as u8; SIDE * SIDE])
                .collect();
            let version = cache.version();
            cache.insert(&tiles, &pixels, block, version);
            order.extend(tiles);
        }
    }

    #[test]
    fn coarse_pictures_come_first_and_each_once() {
        let mut cache = TileCache::default();
        let order = decode_all(&mut cache, &block());
        let levels: Vec<_> = order.iter().map(|tile| tile.level).collect();
        assert_eq!(levels, [vec![2; 16], vec![4; 256]].concat());
        let distinct: HashSet<_> = order.iter().collect();
        assert_eq!(distinct.len(), order.len());
    }

    #[test]
    fn what_was_decoded_stands_in_when_one_zooms() {
        let mut cache = TileCache::default();
        decode_all(&mut cache, &block());
        let near = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let block = TileRect::in_view(&near, level(&near));
        let order = decode_all(&mut cache, &block);
        assert!(order.iter().all(|tile| tile.level == 5), "nothing coarser");
        assert_eq!(order.len(), 256);
    }

    #[test]
    fn newer_weights_replace_pictures_without_a_gap() {
        let mut cache = TileCache::default();
        let block = block();
        decode_all(&mut cache, &block);
        cache.invalidate();
        let tile = block.tiles()[0];
        assert!(!cache.has(tile));
        assert!(
            cache
                .paint(&block)
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
        assert_eq!(decode_all(&mut cache, &block).len(), 256);
        assert!(cache.has(tile));
        cache.clear();
        assert!(cache.paint(&block).iter().all(|&byte| byte == 0));
    }

    #[test]
    fn pictures_of_a_plane_that_moves_have_their_turn() {
        let mut cache = TileCache::default();
        let block = block();
        decode_all(&mut cache, &block);
        let mut seen = HashSet::new();
        for _ in 0..8 {
            cache.invalidate();
            let asked_in = cache.version();
            let tiles = cache.wanted(&block, 32);
            // It has moved on before they are there.
            cache.invalidate();
            cache.insert(&tiles, &[0; 32 * SIDE * SIDE], &block, asked_in);
            assert!(!cache.has(tiles[0]));
            seen.extend(tiles);
        }
        assert_eq!(seen.len(), 256);
        let elsewhere = cache.version();
        cache.clear();
        cache.insert(&block.tiles()[..1], &[0; SIDE * SIDE], &block, elsewhere);
        assert!(cache.find(block.tiles()[0]).is_none(), "of another plane");
    }

    #[test]
    fn a_picture_stands_in_for_its_own_part() {
        let mut cache = TileCache::default();
        let view = Viewport::HOME;
        let coarse = TileRect::in_view(&view, 1);
        // Row by row brighter: the top of the picture is dark.
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
    fn no_more_is_kept_than_is_of_use() {
        let mut cache = TileCache::default();
        for step in 0..40 {
            let view = Viewport::HOME.zoomed(1.5_f64.powi(step % 8), [f64::from(step) / 20.0; 2]);
            decode_all(&mut cache, &TileRect::in_view(&view, level(&view)));
            assert!(cache.pictures.len() <= MOST);
        }
    }
}
