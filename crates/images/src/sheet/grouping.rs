//! From pieces of ink to digits: the parts of a digit belong together, specks and scraps do not.

use super::{boxes::BoxPx, components::Component, mask::Mask};

/// All sizes are shares of the height that the sheet's digits have: half of the ink is in pieces
/// that are at least as high.
mod share {
    /// Less than this on both sides is a speck...
    pub(super) const SPECK: f32 = 0.1;
    /// ... and so is less ink than this, of the height squared.
    pub(super) const SPECK_AREA: f32 = 0.004;
    /// Higher or wider is a stain, the table, the sheet's edge.
    pub(super) const HUGE: (f32, f32) = (2.4, 4.5);
    /// A piece that is lower than this may be part of a digit.
    pub(super) const PART: f32 = 0.72;
    /// A part is at most so far from the rest...
    pub(super) const NEAR: f32 = 0.24;
    /// ... unless it is beside it rather than above or below, or as large as a digit.
    pub(super) const VERY_NEAR: f32 = 0.12;
    /// The whole is at most so high and so wide.
    pub(super) const WHOLE: (f32, f32) = (1.4, 1.4);
    /// Smaller than this, what is left isn't a digit.
    pub(super) const LEAST: f32 = 0.42;
}

/// The most pieces of ink that are looked at, the largest first.
const MAX_PIECES: usize = 4_000;

/// A digit's pieces.
pub(super) struct Group {
    pub(super) bounds: BoxPx,
    pub(super) pieces: Vec<Component>,
}

/// Half of the ink is in pieces at least as high as this.
pub(super) fn typical_height(pieces: &[Component], sheet_height: usize) -> f32 {
    let mut heights: Vec<(usize, usize)> = pieces
        .iter()
        .filter(|c| c.bounds.height < sheet_height * 9 / 10)
        .map(|c| (c.bounds.height, c.pixels.len()))
        .collect();
    heights.sort_unstable();
    let total: usize = heights.iter().map(|h| h.1).sum();
    let mut sum = 0;
    for (height, area) in heights {
        sum += area;
        if 2 * sum >= total {
            return height as f32;
        }
    }
    sheet_height as f32
}

/// The digits among the pieces.
pub(super) fn group(mut pieces: Vec<Component>, mask: &Mask, height: f32) -> Vec<Group> {
    pieces.retain(|c| {
        let (h, w) = (c.bounds.height as f32, c.bounds.width as f32);
        let speck = h.max(w) < share::SPECK * height
            || (c.pixels.len() as f32) < share::SPECK_AREA * height * height;
        !speck && h <= share::HUGE.0 * height && w <= share::HUGE.1 * height
    });
    pieces.sort_by_key(|c| std::cmp::Reverse(c.pixels.len()));
    pieces.truncate(MAX_PIECES);

    let outlines: Vec<_> = pieces.iter().map(|c| c.outline(mask)).collect();
    let mut owner: Vec<usize> = (0..pieces.len()).collect();
    let mut bounds: Vec<BoxPx> = pieces.iter().map(|c| c.bounds).collect();
    // Nearest pairs first, so that a part goes to the digit that it is nearest to.
    let mut pairs = Vec::new();
    for a in 0..pieces.len() {
        for b in a + 1..pieces.len() {
            let near = (share::NEAR * height) as usize;
            if bounds[a].gap(&bounds[b]) <= near {
                let apart = distance(&outlines[a], &outlines[b]);
                if apart <= share::NEAR * height {
                    pairs.push((apart, a, b));
                }
            }
        }
    }
    pairs.sort_by(|p, q| p.0.total_cmp(&q.0));
    for (apart, a, b) in pairs {
        let (a, b) = (owner[a], owner[b]);
        if a != b && belong(&bounds[a], &bounds[b], apart, height) {
            bounds[a] = bounds[a].union(&bounds[b]);
            for owner in owner.iter_mut().filter(|owner| **owner == b) {
                *owner = a;
            }
        }
    }

    let mut groups: Vec<Group> = Vec::new();
    let mut place = vec![None; pieces.len()];
    for (piece, owner) in pieces.into_iter().zip(owner) {
        let at = *place[owner].get_or_insert_with(|| {
            groups.push(Group {
                bounds: bounds[owner],
                pieces: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].pieces.push(piece);
    }
    groups.retain(|group| is_digit(group, mask, height));
    groups
}

/// Whether two pieces, `apart` pixels from one another, are of one digit.
fn belong(a: &BoxPx, b: &BoxPx, apart: f32, height: f32) -> bool {
    let whole = a.union(b);
    if whole.height as f32 > share::WHOLE.0 * height || whole.width as f32 > share::WHOLE.1 * height
    {
        return false;
    }
    let lower = a.height.min(b.height) as f32;
    let shared = a.right().min(b.right()).saturating_sub(a.left.max(b.left)) as f32;
    let above = shared >= 0.4 * a.width.min(b.width) as f32;
    if above {
        return lower < share::PART * height || apart <= share::VERY_NEAR * height;
    }
    // Beside one another: two narrow digits look like this, too.
    let reach = if lower < share::LEAST * height {
        (share::NEAR + share::VERY_NEAR) / 2.0
    } else if lower < share::PART * height {
        share::VERY_NEAR
    } else {
        share::VERY_NEAR / 3.0
    };
    apart <= reach * height
}

/// The least distance between two outlines.
fn distance(a: &[(i32, i32)], b: &[(i32, i32)]) -> f32 {
    let mut least = i32::MAX;
    for &(x, y) in a {
        for &(u, v) in b {
            least = least.min((x - u).pow(2) + (y - v).pow(2));
        }
    }
    (least as f32).sqrt()
}

fn is_digit(group: &Group, mask: &Mask, height: f32) -> bool {
    let b = &group.bounds;
    let (h, w) = (b.height as f32, b.width as f32);
    let at_edge = b.left == 0 || b.top == 0 || b.right() == mask.width || b.bottom() == mask.height;
    // Only half of what the edge cuts is there: not a digit any more, or the table's.
    let least = if at_edge { 0.7 } else { share::LEAST };
    h >= least * height
        && (!at_edge || (h < 1.4 * height && w < 1.4 * height))
        && w <= 2.5 * h.max(height)
        && w <= 3.0 * h
}
