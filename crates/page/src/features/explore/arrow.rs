//! An arrow as SVG path data.

/// A line between two points with a head of this length at its end; no head if the points are close.
pub(crate) fn arrow(from: [f64; 2], to: [f64; 2], head: f64) -> String {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length = dx.hypot(dy);
    let mut path = format!("M{:.4} {:.4}L{:.4} {:.4}", from[0], from[1], to[0], to[1]);
    if length > head * 0.2 {
        let size = head.min(length * 0.6);
        let [ux, uy] = [dx / length * size, dy / length * size];
        for side in [-0.5, 0.5] {
            path += &format!(
                "M{:.4} {:.4}L{:.4} {:.4}",
                to[0],
                to[1],
                to[0] - ux - side * uy,
                to[1] - uy + side * ux
            );
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_has_a_head_of_two_strokes_at_its_end() {
        let path = arrow([0.0, 0.0], [2.0, 0.0], 0.5);
        assert_eq!(
            path,
            "M0.0000 0.0000L2.0000 0.0000M2.0000 0.0000L1.5000 -0.2500M2.0000 0.0000L1.5000 0.2500"
        );
        assert_eq!(arrow([1.0, 1.0], [1.0, 1.0], 0.5).matches('M').count(), 1);
    }
}
