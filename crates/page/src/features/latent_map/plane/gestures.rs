//! What hands do on the plane: a press or drag sets z; with Shift or the middle button it moves the view,
//! the wheel zooms, and two fingers do both.

use crate::features::latent_map::state::MapView;
use crate::features::latent_map::viewport::Viewport;
use crate::state::latent_vector::LatentVector;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How near a press has to be to a point to mean it, as a share of the side.
const CATCH: f64 = 0.016;
/// How much one notch of a wheel zooms: so many pixels for a factor of e.
const WHEEL: f64 = 400.0;

/// The fingers and buttons that are down, and what they do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gestures {
    latent: LatentVector,
    map: MapView,
    /// Each pointer with where it is, as shares of the side.
    down: StoredValue<Vec<(i32, [f64; 2])>>,
    doing: RwSignal<Doing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    Choosing,
    Moving,
    Pinching,
}

impl Gestures {
    pub(crate) fn new(latent: LatentVector, map: MapView) -> Self {
        Self {
            latent,
            map,
            down: StoredValue::default(),
            doing: RwSignal::new(Doing::Nothing),
        }
    }

    /// Whether z is being dragged.
    pub(crate) fn chooses(&self) -> bool {
        self.doing.get() == Doing::Choosing
    }

    /// Whether the view is being moved.
    pub(crate) fn moves(&self) -> bool {
        matches!(self.doing.get(), Doing::Moving | Doing::Pinching)
    }

    pub(crate) fn press(&self, event: &ev::PointerEvent) {
        let Some((area, share)) = place(event) else {
            return;
        };
        let first = self.down.with_value(Vec::is_empty);
        let doing = match (first, event.button()) {
            (true, 0) if !event.shift_key() => Doing::Choosing,
            (true, 0 | 1) => Doing::Moving,
            (false, 0) => Doing::Pinching,
            _ => return,
        };
        if event.button() == 1 {
            // Some browsers scroll by it.
            event.prevent_default();
        }
        // Refused for a pointer that is gone again; the drag then ends at the plane's edge.
        let _ = area.set_pointer_capture(event.pointer_id());
        self.down
            .update_value(|down| down.push((event.pointer_id(), share)));
        self.doing.set(doing);
        if doing == Doing::Choosing {
            match self.under(share) {
                // Exactly where it lies, not where it was hit.
                Some(index) => self.choose_point(index, event.time_stamp()),
                None => self.choose(share, event.time_stamp()),
            }
        }
    }

    pub(crate) fn go(&self, event: &ev::PointerEvent) {
        let Some((_, share)) = place(event) else {
            return;
        };
        let before = self.down.get_value();
        let Some(at) = before.iter().position(|(id, _)| *id == event.pointer_id()) else {
            let under = self.under(share);
            if self.map.hovered.get_untracked() != under {
                self.map.hovered.set(under);
            }
            return;
        };
        self.down.update_value(|down| down[at].1 = share);
        let after = self.down.get_value();
        let viewport = self.map.viewport.get_untracked();
        match self.doing.get_untracked() {
            Doing::Choosing => self.choose(share, event.time_stamp()),
            Doing::Moving => self
                .map
                .viewport
                .set(dragged(viewport, before[at].1, share)),
            Doing::Pinching if before.len() >= 2 => self.map.viewport.set(pinched(
                viewport,
                [before[0].1, before[1].1],
                [after[0].1, after[1].1],
            )),
            Doing::Pinching | Doing::Nothing => {}
        }
    }

    pub(crate) fn release(&self, event: &ev::PointerEvent) {
        let id = event.pointer_id();
        self.down
            .update_value(|down| down.retain(|(other, _)| *other != id));
        // A finger that is left over after a pinch sets nothing.
        if self.down.with_value(Vec::is_empty) {
            self.doing.set(Doing::Nothing);
        }
    }

    pub(crate) fn leave(&self) {
        if self.map.hovered.get_untracked().is_some() {
            self.map.hovered.set(None);
        }
    }

    /// Zooms, unless the page is what one wants to scroll: far down on it, or out at the end.
    pub(crate) fn wheel(&self, event: &ev::WheelEvent) {
        let viewport = self.map.viewport.get_untracked();
        let times = (-event.delta_y() / WHEEL).clamp(-1.0, 1.0).exp();
        let scrolled = window().scroll_y().is_ok_and(|y| y > 0.0);
        let home = viewport == Viewport::HOME;
        let scrolls = scrolled || times < 1.0;
        if home && scrolls && !event.ctrl_key() {
            return;
        }
        let Some((_, share)) = place(event) else {
            return;
        };
        event.prevent_default();
        let near = viewport.zoomed(times, viewport.z(share));
        // Out comes to rest at home first; from there it takes the button or Ctrl.
        let past_home = near.half > Viewport::HOME.half && viewport.half < Viewport::HOME.half;
        self.map
            .viewport
            .set(if past_home { Viewport::HOME } else { near });
    }

    fn choose(&self, share: [f64; 2], at: f64) {
        let share = share.map(|share| share.clamp(0.0, 1.0));
        let place = self.map.viewport.get_untracked().z(share);
        let through = self.latent.z_untracked();
        let chart = self.map.chart;
        let z = chart.with_untracked(|chart| chart.z_on_steps(place, &through));
        self.latent.choose(z, at);
    }

    fn choose_point(&self, index: usize, at: f64) {
        let mu = self
            .map
            .points
            .with_untracked(|points| points.each().nth(index).map(<[f32]>::to_vec));
        if let Some(mu) = mu {
            self.latent.choose(mu, at);
        }
    }

    /// The point here.
    fn under(&self, share: [f64; 2]) -> Option<usize> {
        let viewport = self.map.viewport.get_untracked();
        let within = CATCH * 2.0 * viewport.half;
        let chart = self.map.chart;
        self.map.points.with_untracked(|points| {
            chart.with_untracked(|chart| points.nearest(chart, viewport.z(share), within))
        })
    }
}

/// The view after a pointer went from one place to another, holding on to what was under it.
fn dragged(view: Viewport, from: [f64; 2], to: [f64; 2]) -> Viewport {
    let (from, to) = (view.z(from), view.z(to));
    view.panned([from[0] - to[0], from[1] - to[1]])
}

/// The view after two fingers went from some places to others.
fn pinched(view: Viewport, from: [[f64; 2]; 2], to: [[f64; 2]; 2]) -> Viewport {
    let middle = |[a, b]: [[f64; 2]; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let apart = |[a, b]: [[f64; 2]; 2]| (a[0] - b[0]).hypot(a[1] - b[1]).max(0.01);
    let moved = dragged(view, middle(from), middle(to));
    moved.zoomed(apart(to) / apart(from), moved.z(middle(to)))
}

/// The plane, and where on it the pointer is, as shares of the side.
fn place(event: &web_sys::MouseEvent) -> Option<(web_sys::Element, [f64; 2])> {
    let area: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let rect = area.get_bounding_client_rect();
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return None;
    }
    let across = (f64::from(event.client_x()) - rect.left()) / rect.width();
    let down = (f64::from(event.client_y()) - rect.top()) / rect.height();
    Some((area, [across, down]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_keeps_hold_of_what_was_pressed() {
        let view = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let held = view.z([0.25, 0.5]);
        let after = dragged(view, [0.25, 0.5], [0.5, 0.75]);
        let now = after.z([0.5, 0.75]);
        assert!((0..2).all(|i| (held[i] - now[i]).abs() < 1e-12));
    }

    #[test]
    fn two_fingers_keep_hold_of_what_is_under_them() {
        let view = Viewport::HOME.zoomed(2.0, [0.0; 2]);
        let from = [[0.4, 0.5], [0.6, 0.5]];
        let to = [[0.3, 0.6], [0.7, 0.6]];
        let after = pinched(view, from, to);
        assert!((after.half - view.half / 2.0).abs() < 1e-12);
        for (from, to) in from.into_iter().zip(to) {
            let (held, now) = (view.z(from), after.z(to));
            assert!((0..2).all(|i| (held[i] - now[i]).abs() < 1e-9));
        }
    }
}
