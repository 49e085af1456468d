//! Handles with which the reader moves and stretches q(z|x). No web types.

use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::gaussian_search::gaussian::Gaussian;

/// The distance of the stretching handles from the ellipse at 2 σ, as a share of half the side.
const STEM: f64 = 0.2;
/// A press within this distance takes a handle, as a share of half the side.
const REACH: f64 = 0.15;
/// Handles stay within this share of half the side.
const EDGE: f64 = 0.94;

/// What a drag changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handle {
    /// μ.
    Centre,
    /// σ of a dimension.
    Sigma(usize),
}

/// The place of a handle.
pub(crate) fn place(q: Gaussian, view: &Viewport, handle: Handle) -> [f64; 2] {
    let mut at = q.mu;
    if let Handle::Sigma(i) = handle {
        at[i] += 2.0 * q.sigma[i] + STEM * view.half;
    }
    // A handle outside of the view could not be reached.
    std::array::from_fn(|i| {
        let edge = EDGE * view.half;
        at[i].clamp(view.centre[i] - edge, view.centre[i] + edge)
    })
}

/// The handle that a press takes: the nearest one in reach, otherwise μ, which jumps to the press.
pub(crate) fn taken(q: Gaussian, view: &Viewport, at: [f64; 2]) -> Handle {
    [Handle::Sigma(0), Handle::Sigma(1), Handle::Centre]
        .into_iter()
        .map(|handle| {
            let [x, y] = place(q, view, handle);
            (handle, (x - at[0]).hypot(y - at[1]))
        })
        .filter(|(_, distance)| *distance <= REACH * view.half)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(Handle::Centre, |(handle, _)| handle)
}

/// The Gaussian after a handle was dragged from `from` to `to`; `start` is the Gaussian before the drag.
pub(crate) fn dragged(start: Gaussian, handle: Handle, from: [f64; 2], to: [f64; 2]) -> Gaussian {
    let mut q = start;
    match handle {
        Handle::Centre => q.mu = to,
        Handle::Sigma(i) => q.sigma[i] += (to[i] - from[i]) / 2.0,
    }
    q.clamped()
}

#[cfg(test)]
mod tests {
    use super::*;

    const Q: Gaussian = Gaussian {
        mu: [0.5, -0.5],
        sigma: [0.3, 0.6],
    };

    #[test]
    fn taken_is_the_nearest_handle_or_the_centre() {
        let view = Viewport::HOME;
        for handle in [Handle::Centre, Handle::Sigma(0), Handle::Sigma(1)] {
            assert_eq!(taken(Q, &view, place(Q, &view, handle)), handle);
        }
        assert_eq!(taken(Q, &view, [-2.5, 2.5]), Handle::Centre);
    }

    #[test]
    fn place_of_a_wide_ellipse_stays_in_view() {
        let wide = Q.scaled(5.0);
        let [x, _] = place(wide, &Viewport::HOME, Handle::Sigma(0));
        assert!(x < 3.0, "{x}");
    }

    #[test]
    fn dragged_changes_one_parameter() {
        let moved = dragged(Q, Handle::Centre, [0.5, -0.5], [1.0, 1.0]);
        assert_eq!((moved.mu, moved.sigma), ([1.0, 1.0], Q.sigma));
        let wider = dragged(Q, Handle::Sigma(0), [2.0, 0.0], [2.4, 0.7]);
        assert!((wider.sigma[0] - 0.5).abs() < 1e-12 && wider.sigma[1] == 0.6);
        let flat = dragged(Q, Handle::Sigma(1), [0.0, 2.0], [0.0, -3.0]);
        assert!(flat.sigma[1] > 0.0);
    }
}
