//! Gestures on the plane: a press or drag sets z, with Shift or the middle button it pans, the wheel zooms with Ctrl,
//! and two fingers pan and zoom.

use crate::features::latent_map::plane::pan_zoom::{dragged, pinched};
use crate::features::latent_map::plane::wheel::{WheelAction, WheelGesture};
use crate::features::latent_map::plane::wheel_hint::WheelHint;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::state::latent_vector::LatentVector;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// A press within this distance selects an encoded image; as a fraction of the plane's side.
const HIT_RADIUS: f64 = 0.016;
/// Wheel movement in pixels that zooms by a factor of e.
const WHEEL_PIXELS: f64 = 400.0;

/// Pressed pointers, and the gesture that they make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gestures {
    latent: LatentVector,
    map: LatentMapState,
    /// Id and position of each pressed pointer, the position as fractions of the side from left and top.
    pointers: StoredValue<Vec<(i32, [f64; 2])>>,
    gesture: RwSignal<Gesture>,
    wheel: StoredValue<WheelGesture>,
    hint: WheelHint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gesture {
    None,
    SetZ,
    Pan,
    Pinch,
}

impl Gestures {
    pub(crate) fn new(latent: LatentVector, map: LatentMapState) -> Self {
        Self {
            latent,
            map,
            pointers: StoredValue::default(),
            gesture: RwSignal::new(Gesture::None),
            wheel: StoredValue::default(),
            hint: WheelHint::new(),
        }
    }

    /// Whether a drag sets z.
    pub(crate) fn is_setting_z(&self) -> bool {
        self.gesture.get() == Gesture::SetZ
    }

    /// Whether a drag moves the view.
    pub(crate) fn is_panning(&self) -> bool {
        matches!(self.gesture.get(), Gesture::Pan | Gesture::Pinch)
    }

    pub(crate) fn pointer_down(&self, event: &ev::PointerEvent) {
        let Some((area, position)) = position_in_plane(event) else {
            return;
        };
        let is_first = self.pointers.with_value(Vec::is_empty);
        let gesture = match (is_first, event.button()) {
            (true, 0) if !event.shift_key() => Gesture::SetZ,
            (true, 0 | 1) => Gesture::Pan,
            (false, 0) => Gesture::Pinch,
            _ => return,
        };
        if event.button() == 1 {
            // Some browsers start autoscroll.
            event.prevent_default();
        }
        // Fails if the pointer was released meanwhile; the drag then ends at the plane's edge.
        let _ = area.set_pointer_capture(event.pointer_id());
        self.pointers
            .update_value(|pointers| pointers.push((event.pointer_id(), position)));
        self.gesture.set(gesture);
        if gesture == Gesture::SetZ {
            match self.image_at(position) {
                // Exactly its μ, not the position of the press.
                Some(index) => self.set_z_to_image(index, event.time_stamp()),
                None => self.set_z(position, event.time_stamp()),
            }
        }
    }

    pub(crate) fn pointer_move(&self, event: &ev::PointerEvent) {
        let Some((_, position)) = position_in_plane(event) else {
            return;
        };
        let before = self.pointers.get_value();
        let pressed = before.iter().position(|(id, _)| *id == event.pointer_id());
        let Some(index) = pressed else {
            let hovered = self.image_at(position);
            if self.map.hovered.get_untracked() != hovered {
                self.map.hovered.set(hovered);
            }
            return;
        };
        self.pointers
            .update_value(|pointers| pointers[index].1 = position);
        let after = self.pointers.get_value();
        let viewport = self.map.viewport.get_untracked();
        match self.gesture.get_untracked() {
            Gesture::SetZ => self.set_z(position, event.time_stamp()),
            Gesture::Pan => self
                .map
                .viewport
                .set(dragged(viewport, before[index].1, position)),
            Gesture::Pinch if before.len() >= 2 => self.map.viewport.set(pinched(
                viewport,
                [before[0].1, before[1].1],
                [after[0].1, after[1].1],
            )),
            Gesture::Pinch | Gesture::None => {}
        }
    }

    pub(crate) fn pointer_up(&self, event: &ev::PointerEvent) {
        let id = event.pointer_id();
        self.pointers
            .update_value(|pointers| pointers.retain(|(other, _)| *other != id));
        // The finger that remains after a pinch must not set z.
        if self.pointers.with_value(Vec::is_empty) {
            self.gesture.set(Gesture::None);
        }
    }

    pub(crate) fn pointer_leave(&self) {
        if self.map.hovered.get_untracked().is_some() {
            self.map.hovered.set(None);
        }
    }

    /// Zooms with Ctrl, the Command key or a pinch; otherwise the page scrolls.
    pub(crate) fn wheel(&self, event: &ev::WheelEvent) {
        let zoom_key = event.ctrl_key() || event.meta_key();
        let action = self
            .wheel
            .try_update_value(|wheel| wheel.on_plane(event.time_stamp(), zoom_key));
        match action {
            Some(WheelAction::Zoom) => self.hint.hide(),
            Some(WheelAction::ScrollWithHint) => return self.hint.show(),
            _ => return,
        }
        let Some((_, position)) = position_in_plane(event) else {
            return;
        };
        event.prevent_default();
        let viewport = self.map.viewport.get_untracked();
        let factor = (-event.delta_y() / WHEEL_PIXELS).clamp(-1.0, 1.0).exp();
        let zoomed = viewport.zoomed(factor, viewport.at_fraction(position));
        // Zooming out stops at the default view before it goes on.
        let passes_home = zoomed.half > Viewport::HOME.half && viewport.half < Viewport::HOME.half;
        self.map
            .viewport
            .set(if passes_home { Viewport::HOME } else { zoomed });
    }

    /// Takes in a wheel event anywhere on the page.
    pub(crate) fn wheel_on_page(&self, at: f64) {
        // The plane may be unmounted by now.
        self.wheel.try_update_value(|wheel| wheel.on_page(at));
    }

    /// The hint on how to zoom.
    pub(crate) fn hint(&self) -> WheelHint {
        self.hint
    }

    /// Sets z to a position on the plane; the components orthogonal to it stay.
    fn set_z(&self, position: [f64; 2], at: f64) {
        let position = position.map(|fraction| fraction.clamp(0.0, 1.0));
        let on_map = self.map.viewport.get_untracked().at_fraction(position);
        let through = self.latent.z_untracked();
        let slice = self.map.slice;
        let z = slice.with_untracked(|slice| slice.slider_z(on_map, &through));
        self.latent.set(z, at);
    }

    fn set_z_to_image(&self, index: usize, at: f64) {
        let mu = self
            .map
            .points
            .with_untracked(|points| points.means_by_image().nth(index).map(<[f32]>::to_vec));
        if let Some(mu) = mu {
            self.latent.set(mu, at);
        }
    }

    /// Index of the encoded image at a position.
    fn image_at(&self, position: [f64; 2]) -> Option<usize> {
        let viewport = self.map.viewport.get_untracked();
        let radius = HIT_RADIUS * 2.0 * viewport.half;
        let slice = self.map.slice;
        self.map.points.with_untracked(|points| {
            slice.with_untracked(|slice| {
                let isolated = self.map.isolated.get_untracked();
                points.nearest(slice, viewport.at_fraction(position), radius, isolated)
            })
        })
    }
}

/// The plane's element, and the pointer's position on it as fractions of the side from left and top.
fn position_in_plane(event: &web_sys::MouseEvent) -> Option<(web_sys::Element, [f64; 2])> {
    let area: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let rect = area.get_bounding_client_rect();
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return None;
    }
    let across = (f64::from(event.client_x()) - rect.left()) / rect.width();
    let down = (f64::from(event.client_y()) - rect.top()) / rect.height();
    Some((area, [across, down]))
}
