//! A traversal of one latent dimension, which is also a slider.

use crate::features::explore::traversals::strips::{COLUMNS, StripCache};
use crate::latent::{clamp_latent, round_to_step};
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::{dom, latent};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// The strip covers −`HALF_SPAN` to `HALF_SPAN`: the columns are centred at −3 to 3, and each is 0.6 wide.
const HALF_SPAN: f32 = 3.3;

/// One dimension.
#[component]
pub(crate) fn TraversalRow(
    /// The dimension, counting from 0.
    index: usize,
    /// The KL of each dimension in nats, if known.
    kl: Memo<Vec<f64>>,
    /// The decoded strips.
    strips: StripCache,
) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let canvas = NodeRef::<html::Canvas>::new();
    let view = expect_context::<EngineView>();
    // The place that the strip takes before it is decoded.
    let shape = Memo::new(move |_| view.shape());
    let strip = Memo::new(move |_| strips.of(index));
    let nats = Memo::new(move |_| kl.with(|kl| kl.get(index).copied()));
    let dragging = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        match strip.get() {
            Some(strip) => dom::draw_picture(&canvas, &strip),
            None => dom::clear(&canvas),
        }
    });
    let value = Memo::new(move |_| latent.value(index));
    let set = move |event: &ev::PointerEvent| {
        let area = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(area) = area else { return };
        let rect = area.get_bounding_client_rect();
        let fraction = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
        let z = (fraction as f32 * 2.0 - 1.0) * HALF_SPAN;
        latent.set_one(index, round_to_step(z.clamp(-3.0, 3.0)), event.time_stamp());
    };
    let press = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(area) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        {
            // Fails if the pointer was released meanwhile.
            let _ = area.set_pointer_capture(event.pointer_id());
        }
        dragging.set(true);
        set(&event);
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let step = if event.shift_key() { 0.01 } else { 0.1 };
        let z = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => value.get_untracked() - step,
            "ArrowRight" | "ArrowUp" => value.get_untracked() + step,
            "Home" => 0.0,
            _ => return,
        };
        event.prevent_default();
        latent.set_one(index, round_to_step(clamp_latent(z)), event.time_stamp());
    };
    let percent =
        move || (value.get().clamp(-HALF_SPAN, HALF_SPAN) + HALF_SPAN) / (2.0 * HALF_SPAN) * 100.0;
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
                    width=move || (shape.get().width * COLUMNS).to_string()
                    height=move || shape.get().height.to_string()
                    aria-hidden="true"
                ></canvas>
                <span class="strip-marker" style:left=move || format!("{:.2}%", percent())></span>
            </div>
        </div>
    }
}
