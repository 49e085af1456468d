//! Bounding boxes on a sheet, and their reading order.

/// A rectangle in pixels of a sheet's [`corrected`](super::Sheet::corrected) image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoundingBox {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl BoundingBox {
    /// The column after the last.
    pub fn right(&self) -> usize {
        self.left.saturating_add(self.width)
    }

    /// The row after the last.
    pub fn bottom(&self) -> usize {
        self.top.saturating_add(self.height)
    }

    /// The smallest box that contains both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        Self {
            left,
            top,
            width: self.right().max(other.right()) - left,
            height: self.bottom().max(other.bottom()) - top,
        }
    }

    /// Area of the intersection, in pixels.
    pub fn overlap(&self, other: &Self) -> usize {
        let side = |from: usize, to: usize| to.saturating_sub(from);
        let width = side(self.left.max(other.left), self.right().min(other.right()));
        let height = side(self.top.max(other.top), self.bottom().min(other.bottom()));
        width.saturating_mul(height)
    }

    /// The intersection with an image of this size; `None` if it is empty.
    pub(super) fn clipped(&self, width: usize, height: usize) -> Option<Self> {
        let (right, bottom) = (self.right().min(width), self.bottom().min(height));
        (self.left < right && self.top < bottom).then(|| Self {
            width: right - self.left,
            height: bottom - self.top,
            ..*self
        })
    }

    /// Pixels between the two boxes along the axis where they are further apart; 0 if they touch.
    pub(super) fn gap(&self, other: &Self) -> usize {
        let axis_gap =
            |a: usize, b: usize, c: usize, d: usize| c.saturating_sub(b).max(a.saturating_sub(d));
        axis_gap(self.left, self.right(), other.left, other.right()).max(axis_gap(
            self.top,
            self.bottom(),
            other.top,
            other.bottom(),
        ))
    }

    fn centre(&self) -> (f32, f32) {
        (
            self.left as f32 + self.width as f32 / 2.0,
            self.top as f32 + self.height as f32 / 2.0,
        )
    }
}

/// Sorts boxes by rows from the top, each row from the left. `height` is the typical digit height.
///
/// Rows may slant: a box continues the row whose last box is to its left at about the same height.
pub(super) fn reading_order(boxes: &mut Vec<BoundingBox>, height: f32) {
    boxes.sort_by_key(|b| b.left + b.width / 2);
    let mut rows: Vec<Vec<BoundingBox>> = Vec::new();
    for next in boxes.drain(..) {
        let vertical_offset = |row: &Vec<BoundingBox>| {
            row.last()
                .map_or(f32::MAX, |last| (last.centre().1 - next.centre().1).abs())
        };
        let nearest = rows
            .iter_mut()
            .min_by(|a, b| vertical_offset(a).total_cmp(&vertical_offset(b)));
        match nearest {
            Some(row) if vertical_offset(row) < 0.6 * height => row.push(next),
            _ => rows.push(vec![next]),
        }
    }
    // All rows share one slant: compare where they cross the left edge.
    let (mut dx, mut dy) = (0.0, 0.0);
    for row in &rows {
        if let [first, .., last] = row.as_slice() {
            dx += last.centre().0 - first.centre().0;
            dy += last.centre().1 - first.centre().1;
        }
    }
    let slant = if dx > 0.0 { dy / dx } else { 0.0 };
    let start = |row: &Vec<BoundingBox>| {
        let sum: f32 = row
            .iter()
            .map(|b| b.centre().1 - slant * b.centre().0)
            .sum();
        sum / row.len() as f32
    };
    rows.sort_by(|a, b| start(a).total_cmp(&start(b)));
    boxes.extend(rows.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(left: usize, top: usize) -> BoundingBox {
        BoundingBox {
            left,
            top,
            width: 20,
            height: 30,
        }
    }

    #[test]
    fn reading_order_follows_slanted_rows() {
        let mut ordered = Vec::new();
        for row in 0..4 {
            for column in 0..12 {
                // The last box of a row is lower than the first of the next row.
                ordered.push(at(10 + column * 60, 20 + row * 60 + column * 6));
            }
        }
        let mut boxes: Vec<_> = ordered.iter().rev().copied().collect();
        reading_order(&mut boxes, 30.0);
        assert_eq!(boxes, ordered);
    }

    #[test]
    fn bounding_box_union_overlap_gap_and_clipping() {
        let (a, b) = (at(0, 0), at(25, 10));
        assert_eq!(
            a.union(&b),
            BoundingBox {
                left: 0,
                top: 0,
                width: 45,
                height: 40
            }
        );
        assert_eq!(a.overlap(&b), 0);
        assert_eq!(a.gap(&b), 5);
        assert_eq!(a.overlap(&at(10, 10)), 10 * 20);
        assert_eq!(at(90, 0).clipped(100, 100).map(|b| b.width), Some(10));
        assert_eq!(at(usize::MAX, 0).clipped(100, 100), None);
    }
}
