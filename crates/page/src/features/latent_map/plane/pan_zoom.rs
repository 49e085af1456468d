//! The view after a drag or a pinch. No web types.

use crate::features::latent_map::viewport::Viewport;

/// The view after a drag between two positions, which keeps the same z under the pointer.
pub(crate) fn dragged(view: Viewport, from: [f64; 2], to: [f64; 2]) -> Viewport {
    let (from, to) = (view.at_fraction(from), view.at_fraction(to));
    view.panned([from[0] - to[0], from[1] - to[1]])
}

/// The view after two fingers moved from two positions to two others.
pub(crate) fn pinched(view: Viewport, from: [[f64; 2]; 2], to: [[f64; 2]; 2]) -> Viewport {
    let midpoint = |[a, b]: [[f64; 2]; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let distance = |[a, b]: [[f64; 2]; 2]| (a[0] - b[0]).hypot(a[1] - b[1]).max(0.01);
    let moved = dragged(view, midpoint(from), midpoint(to));
    moved.zoomed(
        distance(to) / distance(from),
        moved.at_fraction(midpoint(to)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dragged_keeps_z_under_the_pointer() {
        let view = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let z_before = view.at_fraction([0.25, 0.5]);
        let after = dragged(view, [0.25, 0.5], [0.5, 0.75]);
        let z_after = after.at_fraction([0.5, 0.75]);
        assert!((0..2).all(|i| (z_before[i] - z_after[i]).abs() < 1e-12));
    }

    #[test]
    fn pinched_keeps_z_under_both_fingers() {
        let view = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let from = [[0.4, 0.5], [0.6, 0.5]];
        let to = [[0.3, 0.6], [0.7, 0.6]];
        let after = pinched(view, from, to);
        assert!((after.half - view.half / 2.0).abs() < 1e-12);
        for (from, to) in from.into_iter().zip(to) {
            let (z_before, z_after) = (view.at_fraction(from), after.at_fraction(to));
            assert!((0..2).all(|i| (z_before[i] - z_after[i]).abs() < 1e-9));
        }
    }
}
