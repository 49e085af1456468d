//! Connected components of the ink mask.

use super::{bounding_box::BoundingBox, mask::Mask};

/// An 8-connected component of ink.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) bounds: BoundingBox,
    /// Index of each pixel in the mask.
    pub(super) pixels: Vec<u32>,
}

/// The components of a mask, ordered by their topmost pixel.
pub(super) fn components(mask: &Mask) -> Vec<Component> {
    let (width, height) = (mask.width, mask.height);
    let mut unvisited = mask.set.clone();
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..unvisited.len() {
        if !std::mem::take(&mut unvisited[start]) {
            continue;
        }
        stack.push(start);
        let mut pixels = Vec::new();
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        while let Some(at) = stack.pop() {
            pixels.push(at as u32);
            let (x, y) = (at % width, at / width);
            (left, right) = (left.min(x), right.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for x in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = y * width + x;
                    if std::mem::take(&mut unvisited[near]) {
                        stack.push(near);
                    }
                }
            }
        }
        found.push(Component {
            bounds: BoundingBox {
                left,
                top,
                width: right + 1 - left,
                height: bottom + 1 - top,
            },
            pixels,
        });
    }
    found
}

impl Component {
    /// Its boundary pixels as (column, row): those with a 4-neighbour that is not ink.
    pub(super) fn outline(&self, mask: &Mask) -> Vec<(i32, i32)> {
        let (width, height) = (mask.width, mask.height);
        self.pixels
            .iter()
            .map(|&at| (at as usize % width, at as usize / width))
            .filter(|&(x, y)| {
                x == 0
                    || y == 0
                    || x + 1 == width
                    || y + 1 == height
                    || !(mask.at(x - 1, y)
                        && mask.at(x + 1, y)
                        && mask.at(x, y - 1)
                        && mask.at(x, y + 1))
            })
            .map(|(x, y)| (x as i32, y as i32))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_connect_at_corners() {
        let mask = Mask {
            width: 6,
            height: 3,
            set: b"xx..x...x..xxx...x".iter().map(|&c| c == b'x').collect(),
        };
        let found = components(&mask);
        let boxes: Vec<_> = found
            .iter()
            .map(|c| (c.bounds.left, c.bounds.width, c.pixels.len()))
            .collect();
        assert_eq!(boxes, [(0, 3, 5), (4, 2, 3)]);
    }
}
