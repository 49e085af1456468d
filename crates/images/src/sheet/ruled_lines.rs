//! Removes ruled and squared lines: long, thin, nearly horizontal or vertical ink.

use super::mask::Mask;
use crate::grey_image::GreyImage;

/// Minimum length of a line as a fraction of the image's longer side, longer than any stroke of a
/// digit...
const MIN_LENGTH: f32 = 0.2;
/// ... of which at least this fraction is ink...
const MIN_COVERAGE: f32 = 0.86;
/// ... and maximum thickness, as a fraction of the longer side.
const MAX_THICKNESS: f32 = 0.012;
/// Maximum slope of a line in rows per column: 6° in either direction.
const MAX_SLOPE: f32 = 0.105;
/// Longer side, in pixels, of the pooled mask in which lines are searched.
const COARSE_SIDE: usize = 500;
/// A pen that is darker than the lines by this factor is distinguished from them by its darkness,
/// otherwise by its thickness.
const DARKER_PEN: f32 = 1.5;

/// A segment of a line, in pixels of the mask: `y = start + slope · (x − from)`.
struct Segment {
    from: usize,
    to: usize,
    start: f32,
    slope: f32,
}

/// A vertical run of ink that crosses or touches a line, in column `x`, rows `top..bottom`.
struct Run {
    x: usize,
    top: usize,
    bottom: usize,
    darkest: u8,
}

/// Removes lines of both directions from `mask` and `ink`.
///
/// Lines as dark as strokes are in `mask`. It may contain only fragments of lighter lines, so these are
/// searched in `faint`, the mask of all pixels above the noise. `pen` is the level in the middle of a
/// stroke.
pub(super) fn remove(mask: &mut Mask, mut faint: Mask, ink: &mut GreyImage, pen: u8) {
    let before = mask.clone();
    remove_both_directions(mask, ink, pen, Lines::All);
    for (at, set) in faint.set.iter_mut().enumerate() {
        *set &= mask.set[at] || !before.set[at];
    }
    remove_both_directions(&mut faint, ink, pen, Lines::Lighter);
    for (set, remaining) in mask.set.iter_mut().zip(&faint.set) {
        *set &= remaining;
    }
}

/// Which lines to remove.
#[derive(Clone, Copy, PartialEq)]
enum Lines {
    /// Including lines that differ from strokes only by being thinner.
    All,
    /// Only lines that are clearly lighter than the pen.
    Lighter,
}

fn remove_both_directions(mask: &mut Mask, ink: &mut GreyImage, pen: u8, which: Lines) {
    let (width, height) = (ink.width(), ink.height());
    let horizontal = erase(mask, ink, pen, which);
    let mut flipped = mask.transposed();
    let vertical = erase(&mut flipped, &transposed(ink), pen, which);
    *mask = flipped.transposed();
    *ink = GreyImage::from_fn(width, height, |x, y| {
        if horizontal[y * width + x] || vertical[x * height + y] {
            0
        } else {
            ink.at(x, y)
        }
    });
}

fn transposed(ink: &GreyImage) -> GreyImage {
    GreyImage::from_fn(ink.height(), ink.width(), |x, y| ink.at(y, x))
}

/// Removes nearly horizontal lines from the mask. Returns which pixels of the ink to erase.
fn erase(mask: &mut Mask, ink: &GreyImage, pen: u8, which: Lines) -> Vec<bool> {
    let longer = mask.width.max(mask.height);
    let side = longer.div_ceil(COARSE_SIDE);
    let span = ((longer as f32 * MIN_LENGTH) as usize / side).max(24);
    let segments = find_segments(&mask.pooled(side), side, span);
    let runs: Vec<Run> = segments
        .iter()
        .flat_map(|segment| runs(segment, mask, ink, side + 2))
        .collect();
    let mut erased = vec![false; mask.set.len()];
    // Most runs along a line are the line itself, and all lines of a sheet look alike: the median run
    // describes them.
    let Some(thickness) = median(runs.iter().map(|run| run.bottom - run.top)) else {
        return erased;
    };
    let darkness = median(runs.iter().map(|run| usize::from(run.darkest))).unwrap_or(0) as f32;
    if thickness as f32 > (longer as f32 * MAX_THICKNESS).max(4.0) {
        return erased;
    }
    let pen = f32::from(pen);
    let (max_thickness, max_darkness) = if pen > darkness * DARKER_PEN {
        (3 * thickness, (pen + darkness) / 2.0)
    } else if which == Lines::Lighter {
        return erased;
    } else {
        (thickness + thickness.div_ceil(2), f32::MAX)
    };
    let before = mask.clone();
    for run in runs {
        if run.bottom - run.top > max_thickness || f32::from(run.darkest) > max_darkness {
            continue;
        }
        for y in run.top..run.bottom {
            mask.set[y * mask.width + run.x] = false;
        }
        // The soft edges of the line are just outside of the mask.
        for y in run.top.saturating_sub(2)..(run.bottom + 2).min(mask.height) {
            if !before.at(run.x, y) || (run.top..run.bottom).contains(&y) {
                erased[y * mask.width + run.x] = true;
            }
        }
    }
    erased
}

fn median(values: impl Iterator<Item = usize>) -> Option<usize> {
    let mut values: Vec<usize> = values.collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

/// The vertical runs of ink within `reach` rows of a segment, column by column.
fn runs(segment: &Segment, mask: &Mask, ink: &GreyImage, reach: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for x in segment.from..segment.to.min(mask.width) {
        let middle = (segment.start + segment.slope * (x - segment.from) as f32).max(0.0) as usize;
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

/// Finds nearly horizontal segments in a pooled mask, and returns them in pixels of the full mask.
/// `side` is the pooling factor, `span` the minimum length in pooled pixels.
fn find_segments(coarse: &Mask, side: usize, span: usize) -> Vec<Segment> {
    let (width, height) = (coarse.width, coarse.height);
    if width < span {
        return Vec::new();
    }
    // Slopes are tried in steps of one row over the length of a span.
    let step = 1.0 / span as f32;
    let angles = (MAX_SLOPE / step).ceil() as i32;
    let mut segments = Vec::new();
    let mut row = vec![0_u32; width + 1];
    for slope in (-angles..=angles).map(|i| i as f32 * step) {
        let drop = (slope * width as f32).round() as i32;
        for start in -drop.max(0)..height as i32 - drop.min(0) {
            // Prefix sums of the ink along the slanted row.
            for x in 0..width {
                let y = start + (slope * x as f32).round() as i32;
                let is_ink = usize::try_from(y).is_ok_and(|y| y < height && coarse.at(x, y));
                row[x + 1] = row[x] + u32::from(is_ink);
            }
            let min_ink = (span as f32 * MIN_COVERAGE) as u32;
            let mut covered: Option<(usize, usize)> = None;
            let mut close = |covered: &mut Option<(usize, usize)>| {
                if let Some((from, to)) = covered.take() {
                    let y = start as f32 + slope * from as f32 + 0.5;
                    if y >= 0.0 {
                        segments.push(Segment {
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
                if row[to] - row[from] < min_ink {
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
    segments
}
