//! The decoded pictures of a plane, cell by cell: which are there, which are to be decoded next, and how
//! they are put together.

use crate::features::latent_map::tiles::{Block, Cell, SIDE};
use std::collections::{HashMap, HashSet};

/// Pictures that are kept. More than two full views of each of a few levels.
const MOST: usize = 4_000;
/// So many levels above, a picture still stands in for a part of itself.
const ABOVE: i32 = 3;

/// Pictures, each of the state of the model it was decoded with.
#[derive(Debug, Default)]
pub(crate) struct Manifold {
    pictures: HashMap<Cell, Picture>,
    state: State,
}

/// A state of what is drawn: the model's weights, and where the plane lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct State {
    /// Counts the models and planes that have nothing in common.
    kind: u64,
    /// Counts the states of each.
    age: u64,
}

#[derive(Debug)]
struct Picture {
    pixels: Vec<u8>,
    state: State,
}

impl Manifold {
    /// The state that pictures decoded now are of.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// The model is another one, or the plane: nothing is of use any more.
    pub(crate) fn clear(&mut self) {
        self.pictures.clear();
        self.state.kind += 1;
    }

    /// The model has newer weights, or the plane has moved: what is there stays until there is better.
    pub(crate) fn outdate(&mut self) {
        self.state.age += 1;
    }

    /// Whether the picture of this cell is there, and of the model's newest state.
    pub(crate) fn has(&self, cell: Cell) -> bool {
        self.pictures
            .get(&cell)
            .is_some_and(|picture| picture.state == self.state)
    }

    /// The next cells to decode for this view, at most so many: coarse ones first where there is
    /// nothing yet, and from the middle outwards.
    pub(crate) fn wanted(&self, block: &Block, most: usize) -> Vec<Cell> {
        let cells = block.cells();
        for levels in (1..ABOVE).rev() {
            let mut seen = HashSet::new();
            let bare = cells
                .iter()
                .filter(|cell| self.find(**cell).is_none())
                .map(|cell| cell.ancestor(levels))
                .filter(|cell| seen.insert(*cell));
            let bare: Vec<_> = bare.take(most).collect();
            if !bare.is_empty() {
                return bare;
            }
        }
        let mut missing: Vec<_> = cells.into_iter().filter(|cell| !self.has(*cell)).collect();
        // The oldest first, so that all have their turn while the plane moves on and on.
        missing.sort_by_key(|cell| self.pictures.get(cell).map(|picture| picture.state.age));
        missing.truncate(most);
        missing
    }

    /// Takes decoded pictures in, `[cells × 784]`, which were asked for in that state.
    pub(crate) fn take_in(&mut self, cells: &[Cell], pixels: &[u8], block: &Block, state: State) {
        if state.kind != self.state.kind {
            return;
        }
        if self.pictures.len() + cells.len() > MOST {
            let [x, y] = block.first;
            let [columns, rows] = block.count;
            self.pictures.retain(|cell, _| {
                cell.level == block.level
                    && (x..x + columns).contains(&cell.x)
                    && (y..y + rows).contains(&cell.y)
            });
        }
        for (&cell, pixels) in cells.iter().zip(pixels.chunks_exact(SIDE * SIDE)) {
            let picture = Picture {
                pixels: pixels.to_vec(),
                state,
            };
            self.pictures.insert(cell, picture);
        }
    }

    /// The picture of the cell, or of the nearest one above it: how many levels, and its pixels.
    fn find(&self, cell: Cell) -> Option<(i32, &[u8])> {
        (0..=ABOVE).find_map(|levels| {
            let picture = self.pictures.get(&cell.ancestor(levels))?;
            Some((levels, picture.pixels.as_slice()))
        })
    }

    /// A block as RGBA, `[28 rows × 28 columns]`: transparent where there is nothing.
    pub(crate) fn paint(&self, block: &Block) -> Vec<u8> {
        let [columns, rows] = block.count.map(|count| count as usize);
        let stride = columns * SIDE;
        let mut rgba = vec![0; stride * rows * SIDE * 4];
        for cell in block.cells() {
            let Some((levels, pixels)) = self.find(cell) else {
                continue;
            };
            let left = (cell.x - block.first[0]) as usize * SIDE;
            // Pictures count down, cells count up.
            let top = (rows - 1 - (cell.y - block.first[1]) as usize) * SIDE;
            let mask = (1 << levels) - 1;
            let part = [cell.x & mask, mask - (cell.y & mask)].map(|part| part as usize * SIDE);
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

    fn block() -> Block {
        Block::in_view(&Viewport::HOME, level(&Viewport::HOME))
    }

    /// Decodes all that is wanted; a picture is one grey value, of the level.
    fn decode_all(manifold: &mut Manifold, block: &Block) -> Vec<Cell> {
        let mut order = Vec::new();
        loop {
            let cells = manifold.wanted(block, 10);
            if cells.is_empty() {
                return order;
            }
            let pixels: Vec<u8> = cells
                .iter()
                .flat_map(|cell| [cell.level as u8; SIDE * SIDE])
                .collect();
            let state = manifold.state();
            manifold.take_in(&cells, &pixels, block, state);
            order.extend(cells);
        }
    }

    #[test]
    fn coarse_pictures_come_first_and_each_once() {
        let mut manifold = Manifold::default();
        let order = decode_all(&mut manifold, &block());
        let levels: Vec<_> = order.iter().map(|cell| cell.level).collect();
        assert_eq!(levels, [vec![2; 16], vec![4; 256]].concat());
        let distinct: HashSet<_> = order.iter().collect();
        assert_eq!(distinct.len(), order.len());
    }

    #[test]
    fn what_was_decoded_stands_in_when_one_zooms() {
        let mut manifold = Manifold::default();
        decode_all(&mut manifold, &block());
        let near = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let block = Block::in_view(&near, level(&near));
        let order = decode_all(&mut manifold, &block);
        assert!(order.iter().all(|cell| cell.level == 5), "nothing coarser");
        assert_eq!(order.len(), 256);
    }

    #[test]
    fn newer_weights_replace_pictures_without_a_gap() {
        let mut manifold = Manifold::default();
        let block = block();
        decode_all(&mut manifold, &block);
        manifold.outdate();
        let cell = block.cells()[0];
        assert!(!manifold.has(cell));
        assert!(
            manifold
                .paint(&block)
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
        assert_eq!(decode_all(&mut manifold, &block).len(), 256);
        assert!(manifold.has(cell));
        manifold.clear();
        assert!(manifold.paint(&block).iter().all(|&byte| byte == 0));
    }

    #[test]
    fn pictures_of_a_plane_that_moves_have_their_turn() {
        let mut manifold = Manifold::default();
        let block = block();
        decode_all(&mut manifold, &block);
        let mut seen = HashSet::new();
        for _ in 0..8 {
            manifold.outdate();
            let asked_in = manifold.state();
            let cells = manifold.wanted(&block, 32);
            // It has moved on before they are there.
            manifold.outdate();
            manifold.take_in(&cells, &[0; 32 * SIDE * SIDE], &block, asked_in);
            assert!(!manifold.has(cells[0]));
            seen.extend(cells);
        }
        assert_eq!(seen.len(), 256);
        let elsewhere = manifold.state();
        manifold.clear();
        manifold.take_in(&block.cells()[..1], &[0; SIDE * SIDE], &block, elsewhere);
        assert!(
            manifold.find(block.cells()[0]).is_none(),
            "of another plane"
        );
    }

    #[test]
    fn a_picture_stands_in_for_its_own_part() {
        let mut manifold = Manifold::default();
        let view = Viewport::HOME;
        let coarse = Block::in_view(&view, 1);
        // Row by row brighter: the top of the picture is dark.
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(|at| (at / SIDE) as u8).collect();
        for cell in coarse.cells() {
            let state = manifold.state();
            manifold.take_in(&[cell], &pixels, &coarse, state);
        }
        let fine = Block::in_view(&view, 2);
        let rgba = manifold.paint(&fine);
        let row = |at: usize| rgba[at * 4 * SIDE * 4];
        assert_eq!((row(0), row(27), row(28), row(55)), (0, 13, 14, 27));
    }

    #[test]
    fn no_more_is_kept_than_is_of_use() {
        let mut manifold = Manifold::default();
        for step in 0..40 {
            let view = Viewport::HOME.zoomed(1.5_f64.powi(step % 8), [f64::from(step) / 20.0; 2]);
            decode_all(&mut manifold, &Block::in_view(&view, level(&view)));
            assert!(manifold.pictures.len() <= MOST);
        }
    }
}
