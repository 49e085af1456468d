//! Ruled and squared paper: long, thin, nearly level or upright lines are taken off the ink.

use super::mask::Mask;
use crate::grey::Grey;

/// A line is followed over at least this share of the picture's longer side: further than any
/// stroke of a digit...
const SPAN: f32 = 0.2;
/// ... of which this share must be ink...
const COVER: f32 = 0.86;
/// ... and is at most so thick, as a share of the longer side.
const THICKEST: f32 = 0.012;
/// The steepest line, as rows for each column: 6° either way.
const STEEPEST: f32 = 0.105;
/// Lines are sought on a copy of the mask with about so many pixels on the longer side.
const COARSE: usize = 500;
/// A pen that is darker than the lines by this factor is told from them by that, else by being
/// thicker.
const DARKER: f32 = 1.5;

/// A piece of a line in pixels of the mask: `y = start + slope · (x − from)`.
struct Piece {
    from: usize,
    to: usize,
    start: f32,
    slope: f32,
}

/// A piece of a column that is ink and touches a line.
struct Run {
    x: usize,
    top: usize,
    bottom: usize,
    darkest: u8,
}

/// Takes lines of both directions off the mask and out of the ink. Lines as dark as strokes are in
/// the mask; of lighter ones the mask may have scraps only, so those are sought among all pixels
/// that are darker than noise, in `faint`. `pen` is how dark the middle of a stroke is.
pub(super) fn remove(mask: &mut Mask, mut faint: Mask, ink: &mut Grey, pen: u8) {
    let before = mask.clone();
    remove_from(mask, ink, pen, Lines::All);
    for (at, set) in faint.set.iter_mut().enumerate() {
        *set &= mask.set[at] || !before.set[at];
    }
    remove_from(&mut faint, ink, pen, Lines::Lighter);
    for (set, left) in mask.set.iter_mut().zip(&faint.set) {
        *set &= left;
    }
}

/// Which lines to take.
#[derive(Clone, Copy, PartialEq)]
enum Lines {
    /// Also such as can be told from strokes only by being thinner.
    All,
    /// Those that are notably lighter than the pen.
    Lighter,
}

fn remove_from(mask: &mut Mask, ink: &mut Grey, pen: u8, which: Lines) {
    let (width, height) = (ink.width(), ink.height());
    let level = erase(mask, ink, pen, which);
    let mut turned = mask.transposed();
    let upright = erase(&mut turned, &transposed(ink), pen, which);
    *mask = turned.transposed();
    *ink = Grey::from_fn(width, height, |x, y| {
        if level[y * width + x] || upright[x * height + y] {
            0
        } else {
            ink.at(x, y)
        }
    });
}

fn transposed(ink: &Grey) -> Grey {
    Grey::from_fn(ink.height(), ink.width(), |x, y| ink.at(y, x))
}

/// Takes level lines off the mask; returns which pixels of the ink go with them.
fn erase(mask: &mut Mask, ink: &Grey, pen: u8, which: Lines) -> Vec<bool> {
    let longer = mask.width.max(mask.height);
    let side = longer.div_ceil(COARSE);
    let span = ((longer as f32 * SPAN) as usize / side).max(24);
    let pieces = find(&mask.pooled(side), side, span);
    let runs: Vec<Run> = pieces
        .iter()
        .flat_map(|piece| runs(piece, mask, ink, side + 2))
        .collect();
    let mut gone = vec![false; mask.set.len()];
    // Most of what is met along the lines is the lines themselves: all of a sheet look alike.
    let Some(thickness) = median(runs.iter().map(|run| run.bottom - run.top)) else {
        return gone;
    };
    let darkness = median(runs.iter().map(|run| usize::from(run.darkest))).unwrap_or(0) as f32;
    if thickness as f32 > (longer as f32 * THICKEST).max(4.0) {
        return gone;
    }
    let pen = f32::from(pen);
    let (thickest, darkest) = if pen > darkness * DARKER {
        (3 * thickness, (pen + darkness) / 2.0)
    } else if which == Lines::Lighter {
        return gone;
    } else {
        (thickness + thickness.div_ceil(2), f32::MAX)
    };
    let before = mask.clone();
    for run in runs {
        if run.bottom - run.top > thickest || f32::from(run.darkest) > darkest {
            continue;
        }
        for y in run.top..run.bottom {
            mask.set[y * mask.width + run.x] = false;
        }
        // The line's soft edges lie just outside of the mask.
        for y in run.top.saturating_sub(2)..(run.bottom + 2).min(mask.height) {
            if !before.at(run.x, y) || (run.top..run.bottom).contains(&y) {
                gone[y * mask.width + run.x] = true;
            }
        }
    }
    gone
}

fn median(values: impl Iterator<Item = usize>) -> Option<usize> {
    let mut values: Vec<usize> = values.collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

/// The ink within `reach` rows of a piece of a line, column by column.
fn runs(piece: &Piece, mask: &Mask, ink: &Grey, reach: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for x in piece.from..piece.to.min(mask.width) {
        let middle = (piece.start + piece.slope * (x - piece.from) as f32).max(0.0) as usize;
        let end = (middle + reach + 1).min(mask.height);
        let mut y = middle.saturating_sub(reach);
        while y < end {
            if !mask.at(x, y) {
                y += 1;
                continue;
            }
            let above = (0..y).rev().take_while(|&y| mask.at(x, y)).count();
            let below = (y..mask.height).take_while(|&y| mask.at(x, y)).count();
            let (top, bottom) = (y - above, y + below);
            let darkest = (top..bottom).map(|y| ink.at(x, y)).max().unwrap_or(0);
            runs.push(Run {
                x,
                top,
                bottom,
                darkest,
            });
            y = bottom;
        }
    }
    runs
}

/// Pieces of nearly level lines in a coarse mask, in pixels of the fine one.
fn find(coarse: &Mask, side: usize, span: usize) -> Vec<Piece> {
    let (width, height) = (coarse.width, coarse.height);
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
