//! A strip as a slider.

use crate::features::explore::traversals::strips::{COLUMNS, Strips};
use crate::latent::{held, to_step};
use crate::number::format;
use crate::state::latent_vector::LatentVector;
use crate::{dom, latent};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// The side of a picture.
const SIDE: usize = 28;
/// Half of what a strip spans: half a column more than its middles.
const SPAN: f32 = 3.3;

/// One dimension.
#[component]
pub(crate) fn TraversalRow(
    /// The dimension, counting from 0.
    index: usize,
    /// The KL of each dimension in nats, where that is known.
    kl: Memo<Vec<f64>>,
    /// The pictures.
    strips: Strips,
) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let canvas = NodeRef::<html::Canvas>::new();
    let strip = Memo::new(move |_| strips.of(index));
    let nats = Memo::new(move |_| kl.with(|kl| kl.get(index).copied()));
    let dragging = RwSignal::new(false);
    Effect::new(move |_| {
        if let (Some(strip), Some(canvas)) = (strip.get(), canvas.get()) {
            dom::draw_grey(&canvas, &side_by_side(&strip), [SIDE, SIDE * COLUMNS]);
        }
    });
    let value = Memo::new(move |_| latent.value(index));
    let set = move |event: &ev::PointerEvent| {
        let area = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(area) = area else { return };
        let rect = area.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
        let z = (share as f32 * 2.0 - 1.0) * SPAN;
        latent.set_one(index, to_step(z.clamp(-3.0, 3.0)), event.time_stamp());
    };
    let press = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(area) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        {
            // Refused for a pointer that is gone again.
            let _ = area.set_pointer_capture(event.pointer_id());
        }
        dragging.set(true);
        set(&event);
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() { 0.01 } else { 0.1 };
        let z = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => value.get_untracked() - stride,
            "ArrowRight" | "ArrowUp" => value.get_untracked() + stride,
            "Home" => 0.0,
            _ => return,
        };
        event.prevent_default();
        latent.set_one(index, to_step(held(z)), event.time_stamp());
    };
    let at = move || (value.get().clamp(-SPAN, SPAN) + SPAN) / (2.0 * SPAN) * 100.0;
    view! {
        <div class="traversal">
            <p class="traversal-name">
                <span>
                    <i>"z"</i>
                    <sub>{index + 1}</sub>
                </span>
                <small>{move || nats.get().map(|nats| format!("{nats:.2} nats"))}</small>
            </p>
            <div
                class="strip"
                data-testid=format!("traversal-{index}")
                role="slider"
                tabindex="0"
                aria-label=format!("Traversal of {}", latent::symbol(index))
                aria-valuemin="-3"
                aria-valuemax="3"
                aria-valuenow=move || format!("{:.2}", value.get())
                aria-valuetext=move || format::latent(value.get())
                on:pointerdown=press
                on:pointermove=move |event| {
                    if dragging.get_untracked() {
                        set(&event);
                    }
                }
                on:pointerup=move |_| dragging.set(false)
                on:pointercancel=move |_| dragging.set(false)
                on:keydown=keydown
            >
                <canvas
                    node_ref=canvas
                    width=(SIDE * COLUMNS).to_string()
                    height=SIDE.to_string()
                    aria-hidden="true"
                ></canvas>
                <span class="strip-here" style=move || format!("left: {:.2}%", at())></span>
            </div>
        </div>
    }
}

/// `[COLUMNS × 28 × 28]` as one picture, `[28 × 28·COLUMNS]`.
fn side_by_side(strip: &[u8]) -> Vec<u8> {
    (0..SIDE)
        .flat_map(|row| {
            strip
                .chunks_exact(SIDE * SIDE)
                .flat_map(move |picture| &picture[row * SIDE..(row + 1) * SIDE])
        })
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_side_by_side() {
        let strip: Vec<u8> = (0..COLUMNS)
            .flat_map(|column| [column as u8; SIDE * SIDE])
            .collect();
        let picture = side_by_side(&strip);
        assert_eq!(picture.len(), strip.len());
        assert_eq!(picture[SIDE * COLUMNS..][..SIDE], [0; SIDE]);
        assert_eq!(picture[SIDE * COLUMNS..][SIDE..2 * SIDE], [1; SIDE]);
    }
}
