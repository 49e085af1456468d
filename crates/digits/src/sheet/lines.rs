//! Ruled and squared paper: long, thin, nearly level or upright lines are taken off the ink.

use super::mask::Mask;
use crate::grey::Grey;

/// A line is followed over at least this share of the picture's side...
const SPAN: f32 = 0.22;
/// ... of which this share must be ink.
const COVER: f32 = 0.86;
/// The steepest line, as rows for each column: 6° either way.
const STEEPEST: f32 = 0.105;
/// Lines are sought on a copy of the mask with about so many columns.
const COARSE: usize = 500;
/// A stroke that crosses a line is darker than it by this factor, where it isn't thicker.
const DARKER: f32 = 1.6;

/// A piece of a line in pixels of the mask: `y = start + slope · (x − from)`.
struct Piece {
    from: usize,
    to: usize,
    start: f32,
    slope: f32,
}

/// Takes lines of both directions off the mask and out of the ink.
pub(super) fn remove(mask: &mut Mask, ink: &mut Grey) {
    let level = erase(mask, ink);
    let mut turned = mask.transposed();
    let turned_ink = transposed(ink);
    let upright = erase(&mut turned, &turned_ink);
    *mask = turned.transposed();
    let height = ink.height();
    let width = ink.width();
    let mut pixels = ink.pixels().to_vec();
    for (at, _) in level.iter().enumerate().filter(|(_, gone)| **gone) {
        pixels[at] = 0;
    }
    for (at, _) in upright.iter().enumerate().filter(|(_, gone)| **gone) {
        pixels[(at % height) * width + at / height] = 0;
    }
    *ink = Grey::from_fn(width, height, |x, y| pixels[y * width + x]);
}

fn transposed(ink: &Grey) -> Grey {
    Grey::from_fn(ink.height(), ink.width(), |x, y| ink.at(y, x))
}

/// Takes level lines off the mask; returns which pixels of the ink go with them.
fn erase(mask: &mut Mask, ink: &Grey) -> Vec<bool> {
    let side = mask.width.div_ceil(COARSE).max(1);
    let pieces = find(&mask.pooled(side), side);
    let before = mask.clone();
    let mut gone = vec![false; mask.set.len()];
    for piece in pieces {
        // Where the line's own ink is at each column, and how thick and dark the line is.
        let reach = side + 2;
        let mut runs = Vec::new();
        for x in piece.from..piece.to.min(mask.width) {
            let y = piece.start + piece.slope * (x - piece.from) as f32;
            let top = (y as usize).saturating_sub(reach);
            let bottom = (y as usize + reach + 1).min(mask.height);
            let mut y = top;
            while y < bottom {
                if !before.at(x, y) {
                    y += 1;
                    continue;
                }
                let first = (0..y).rev().take_while(|&y| before.at(x, y)).last();
                let first = first.unwrap_or(y);
                let end = (y..mask.height)
                    .find(|&y| !before.at(x, y))
                    .unwrap_or(mask.height);
                let darkest = (first..end).map(|y| ink.at(x, y)).max().unwrap_or(0);
                runs.push((x, first, end, darkest));
                y = end;
            }
        }
        if runs.is_empty() {
            continue;
        }
        let middle = runs.len() / 2;
        let thickness = {
            let mut lengths: Vec<_> = runs.iter().map(|run| run.2 - run.1).collect();
            *lengths.select_nth_unstable(middle).1
        };
        let darkness = {
            let mut levels: Vec<_> = runs.iter().map(|run| run.3).collect();
            f32::from(*levels.select_nth_unstable(middle).1)
        };
        let thickest = thickness + thickness.div_ceil(2);
        for (x, first, end, darkest) in runs {
            if end - first > thickest || f32::from(darkest) > darkness * DARKER {
                continue;
            }
            for y in first..end {
                mask.set[y * mask.width + x] = false;
            }
            // The line's soft edges lie just outside of the mask.
            for y in first.saturating_sub(2)..(end + 2).min(mask.height) {
                if !before.at(x, y) || (first..end).contains(&y) {
                    gone[y * mask.width + x] = true;
                }
            }
        }
    }
    gone
}

/// Pieces of nearly level lines in a coarse mask, in pixels of the fine one.
fn find(coarse: &Mask, side: usize) -> Vec<Piece> {
    let (width, height) = (coarse.width, coarse.height);
    let span = ((width as f32 * SPAN) as usize).max(24);
    if width < span {
        return Vec::new();
    }
    // A piece strays less than one row from the angle that is tried.
    let step = 1.0 / span as f32;
    let angles = (STEEPEST / step).ceil() as i32;
    let mut pieces = Vec::new();
    let mut row = vec![0_u32; width + 1];
    for slope in (-angles..=angles).map(|i| i as f32 * step) {
        let drop = (slope * width as f32).round() as i32;
        for start in -drop.max(0)..height as i32 - drop.min(0) {
            // Ink along the slanted row, summed up.
            for x in 0..width {
                let y = start + (slope * x as f32).round() as i32;
                let inked = usize::try_from(y).is_ok_and(|y| y < height && coarse.at(x, y));
                row[x + 1] = row[x] + u32::from(inked);
            }
            let wanted = (span as f32 * COVER) as u32;
            let mut covered: Option<(usize, usize)> = None;
            let mut close = |covered: &mut Option<(usize, usize)>| {
                if let Some((from, to)) = covered.take() {
                    let y = start as f32 + slope * from as f32 + 0.5;
                    if y >= 0.0 {
                        pieces.push(Piece {
                            from: from * side,
                            to: to * side,
                            start: y * side as f32,
                            slope,
                        });
                    }
                }
            };
            for from in 0..=width - span {
                let to = from + span;
                if row[to] - row[from] < wanted {
                    continue;
                }
                match &mut covered {
                    Some((_, end)) if from <= *end => *end = to,
                    _ => {
                        close(&mut covered);
                        covered = Some((from, to));
                    }
                }
            }
            close(&mut covered);
        }
    }
    pieces
}
