//! Pixels of ink that hang together.

use super::{boxes::BoxPx, mask::Mask};

/// A connected piece of ink: pixels that touch, also at corners.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) bounds: BoxPx,
    /// Every pixel, as its place in the mask.
    pub(super) pixels: Vec<u32>,
}

/// The components of a mask, from the top.
pub(super) fn components(mask: &Mask) -> Vec<Component> {
    let (width, height) = (mask.width, mask.height);
    let mut open = mask.set.clone();
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..open.len() {
        if !std::mem::take(&mut open[start]) {
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
                    if std::mem::take(&mut open[near]) {
                        stack.push(near);
                    }
                }
            }
        }
        found.push(Component {
            bounds: BoxPx {
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
    /// Its pixels with a side open to the outside, as columns and rows.
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
    fn corners_touch() {
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
