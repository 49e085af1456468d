//! Groups connected components into digits: joins the parts of a digit and drops specks and stains.

use super::{bounding_box::BoundingBox, components::Component, mask::Mask};

/// Thresholds as fractions of the sheet's [`typical_height`].
mod share {
    /// Components smaller than this in both directions are specks...
    pub(super) const SPECK: f32 = 0.1;
    /// ... and so are those with less ink than this fraction of the height squared.
    pub(super) const SPECK_AREA: f32 = 0.004;
    /// Components higher or wider than this are stains or the edge of the sheet.
    pub(super) const MAX_COMPONENT: (f32, f32) = (2.4, 4.5);
    /// Components lower than this may be parts of a digit.
    pub(super) const PART: f32 = 0.72;
    /// Maximum distance of a part from the rest of its digit...
    pub(super) const NEAR: f32 = 0.24;
    /// ... and the stricter maximum for parts that are beside it, or as high as a digit.
    pub(super) const VERY_NEAR: f32 = 0.12;
    /// Maximum height and width of a digit.
    pub(super) const MAX_SIZE: (f32, f32) = (1.4, 1.4);
    /// Minimum height of a digit.
    pub(super) const MIN_HEIGHT: f32 = 0.42;
}

/// Maximum number of components that are considered, the largest first.
const MAX_COMPONENTS: usize = 4_000;

/// The components of a digit.
pub(super) struct Group {
    pub(super) bounds: BoundingBox,
    pub(super) components: Vec<Component>,
}

/// The ink-weighted median height of the components, in pixels.
pub(super) fn typical_height(components: &[Component], sheet_height: usize) -> f32 {
    let mut heights: Vec<(usize, usize)> = components
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

/// Groups components into digits. `height` is the typical digit height.
pub(super) fn group(mut components: Vec<Component>, mask: &Mask, height: f32) -> Vec<Group> {
    components.retain(|c| {
        let (h, w) = (c.bounds.height as f32, c.bounds.width as f32);
        let speck = h.max(w) < share::SPECK * height
            || (c.pixels.len() as f32) < share::SPECK_AREA * height * height;
        !speck && h <= share::MAX_COMPONENT.0 * height && w <= share::MAX_COMPONENT.1 * height
    });
    components.sort_by_key(|c| std::cmp::Reverse(c.pixels.len()));
    components.truncate(MAX_COMPONENTS);

    let outlines: Vec<_> = components.iter().map(|c| c.outline(mask)).collect();
    let mut owner: Vec<usize> = (0..components.len()).collect();
    let mut bounds: Vec<BoundingBox> = components.iter().map(|c| c.bounds).collect();
    // Nearest pairs first, so that each part joins the nearest digit.
    let mut pairs = Vec::new();
    for a in 0..components.len() {
        for b in a + 1..components.len() {
            let near = (share::NEAR * height) as usize;
            if bounds[a].gap(&bounds[b]) <= near {
                let gap = distance(&outlines[a], &outlines[b]);
                if gap <= share::NEAR * height {
                    pairs.push((gap, a, b));
                }
            }
        }
    }
    pairs.sort_by(|p, q| p.0.total_cmp(&q.0));
    for (gap, a, b) in pairs {
        let (a, b) = (owner[a], owner[b]);
        if a != b && same_digit(&bounds[a], &bounds[b], gap, height) {
            bounds[a] = bounds[a].union(&bounds[b]);
            for owner in owner.iter_mut().filter(|owner| **owner == b) {
                *owner = a;
            }
        }
    }

    let mut groups: Vec<Group> = Vec::new();
    let mut group_of = vec![None; components.len()];
    for (component, owner) in components.into_iter().zip(owner) {
        let at = *group_of[owner].get_or_insert_with(|| {
            groups.push(Group {
                bounds: bounds[owner],
                components: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].components.push(component);
    }
    groups.retain(|group| is_digit(group, mask, height));
    groups
}

/// Whether two components with a distance of `gap` pixels belong to one digit.
fn same_digit(a: &BoundingBox, b: &BoundingBox, gap: f32, height: f32) -> bool {
    let whole = a.union(b);
    if whole.height as f32 > share::MAX_SIZE.0 * height
        || whole.width as f32 > share::MAX_SIZE.1 * height
    {
        return false;
    }
    let lower = a.height.min(b.height) as f32;
    let shared = a.right().min(b.right()).saturating_sub(a.left.max(b.left)) as f32;
    let stacked = shared >= 0.4 * a.width.min(b.width) as f32;
    if stacked {
        return lower < share::PART * height || gap <= share::VERY_NEAR * height;
    }
    // Side by side. Two narrow digits look like this as well, so the limits are stricter.
    let max_gap = if lower < share::MIN_HEIGHT * height {
        (share::NEAR + share::VERY_NEAR) / 2.0
    } else if lower < share::PART * height {
        share::VERY_NEAR
    } else {
        share::VERY_NEAR / 3.0
    };
    gap <= max_gap * height
}

/// The minimum distance between two outlines, in pixels.
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
    // The edge of the photo may cut digits off, and what lies there may be the table.
    let least = if at_edge { 0.7 } else { share::MIN_HEIGHT };
    h >= least * height
        && (!at_edge || (h < 1.4 * height && w < 1.4 * height))
        && w <= 2.5 * h.max(height)
        && w <= 3.0 * h
}
