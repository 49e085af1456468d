//! A square of the latent plane inside a chapter, with a heat map below an SVG drawing.

use super::heat::Heat;
use crate::dom;
use crate::features::latent_map::viewport::Viewport;
use crate::ui::getter::Getter;
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// How far arrow keys move, as a share of half the side; with Shift a tenth of it.
const STEP: f64 = 0.05;

/// A part of a press or drag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The pointer was pressed.
    Down,
    /// The pressed pointer moved.
    Move,
    /// It was released.
    Up,
}

/// SVG coordinates of a point: −3 to 3 in view, downwards.
pub(crate) fn to_svg(view: &Viewport, z: [f64; 2]) -> [f64; 2] {
    view.fraction_of(z).map(|fraction| (fraction - 0.5) * 6.0)
}

/// SVG units per unit of z.
pub(crate) fn scale(view: &Viewport) -> f64 {
    3.0 / view.half
}

/// The square. Its children are SVG elements in the coordinates of [`to_svg`].
#[component]
pub(crate) fn PlaneSquare(
    /// Its `data-testid`.
    test_id: &'static str,
    /// Its name for screen readers.
    #[prop(into)]
    label: Getter<String>,
    /// The visible part of the plane.
    view: RwSignal<Viewport>,
    /// A heat map over the visible part.
    #[prop(optional)]
    heat: Option<RwSignal<Option<Arc<Heat>>>>,
    /// The CSS variable with the colour of the heat map.
    #[prop(default = "--true-posterior")]
    colour: &'static str,
    /// Called when the pointer is pressed, dragged and released, with its place.
    #[prop(optional, into)]
    on_pointer: Option<Callback<(Phase, [f64; 2])>>,
    /// Called by the arrow keys, with the change of place.
    #[prop(optional, into)]
    on_nudge: Option<Callback<[f64; 2]>>,
    children: Children,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    if let Some(heat) = heat {
        Effect::new(move |_| {
            if let (Some(canvas), Some(heat)) = (canvas.get(), heat.get()) {
                draw(&canvas, &heat, colour);
            }
        });
    }
    let is_interactive = on_pointer.is_some();
    let pressed = StoredValue::new(false);
    let report = move |phase: Phase, event: &ev::PointerEvent| {
        if let (Some(on_pointer), Some(fraction)) = (on_pointer, fraction(event)) {
            on_pointer.run((phase, view.get_untracked().at_fraction(fraction)));
        }
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() != 0 || !is_interactive {
            return;
        }
        if let Some(area) = element(&event) {
            let _ = area.set_pointer_capture(event.pointer_id());
        }
        pressed.set_value(true);
        report(Phase::Down, &event);
    };
    let on_move = move |event: ev::PointerEvent| {
        if pressed.get_value() {
            report(Phase::Move, &event);
        }
    };
    let on_up = move |event: ev::PointerEvent| {
        if pressed.try_update_value(|pressed| std::mem::replace(pressed, false)) == Some(true) {
            report(Phase::Up, &event);
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some(on_nudge) = on_nudge else { return };
        let share = if event.shift_key() { STEP / 10.0 } else { STEP };
        let step = share * view.get_untracked().half;
        let by = match event.key().as_str() {
            "ArrowLeft" => [-step, 0.0],
            "ArrowRight" => [step, 0.0],
            "ArrowUp" => [0.0, step],
            "ArrowDown" => [0.0, -step],
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        on_nudge.run(by);
    };
    let circles = move || {
        let shown = view.get();
        let [x, y] = to_svg(&shown, [0.0; 2]);
        [1.0, 2.0]
            .map(|radius: f64| {
                view! {
                    <circle
                        class="square-prior"
                        cx=x.to_string()
                        cy=y.to_string()
                        r=(radius * scale(&shown)).to_string()
                    />
                }
            })
            .collect_view()
    };
    let axes = move || {
        let [x, y] = to_svg(&view.get(), [0.0; 2]).map(|at| at.clamp(-3.0, 3.0));
        format!("M{x} -3V3M-3 {y}H3")
    };
    let corner = move || {
        let shown = view.get();
        let [x, y] = shown.centre;
        let h = shown.half;
        let number = |value: f64| crate::number::format::tick((value * 100.0).round() / 100.0);
        format!(
            "z₁ {} to {}, z₂ {} to {}",
            number(x - h),
            number(x + h),
            number(y - h),
            number(y + h)
        )
    };
    view! {
        <div class="square">
            <canvas node_ref=canvas class="square-heat" width="1" height="1" aria-hidden="true"></canvas>
            <svg
                class="square-area"
                class:interactive=is_interactive
                viewBox="-3 -3 6 6"
                data-testid=test_id
                role=if is_interactive { "application" } else { "img" }
                aria-label=move || label.get()
                tabindex=is_interactive.then_some("0")
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=move |_| pressed.set_value(false)
                on:keydown=on_keydown
            >
                <path class="square-axes" d=axes />
                {circles}
                {children()}
            </svg>
            <span class="square-range" aria-hidden="true">{corner}</span>
        </div>
    }
}

fn element(event: &ev::PointerEvent) -> Option<web_sys::Element> {
    event.current_target()?.dyn_into().ok()
}

/// The pointer's place as fractions of the side from left and top.
fn fraction(event: &ev::PointerEvent) -> Option<[f64; 2]> {
    let rect = element(event)?.get_bounding_client_rect();
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return None;
    }
    let across = (f64::from(event.client_x()) - rect.left()) / rect.width();
    let down = (f64::from(event.client_y()) - rect.top()) / rect.height();
    Some([across, down].map(|fraction| fraction.clamp(0.0, 1.0)))
}

/// One canvas pixel for each cell: the colour, as opaque as the value is large.
fn draw(canvas: &web_sys::HtmlCanvasElement, heat: &Heat, colour: &str) {
    canvas.set_width(heat.side as u32);
    canvas.set_height(heat.side as u32);
    let Some(context) = dom::context_2d(canvas) else {
        return;
    };
    context.set_fill_style_str(&dom::css_colour(colour));
    for (index, value) in heat.values.iter().enumerate() {
        // Fainter cells are invisible.
        if *value > 0.004 {
            context.set_global_alpha(value.min(1.0) * 0.9);
            let [x, y] = [index % heat.side, index / heat.side].map(|at| at as f64);
            context.fill_rect(x, y, 1.0, 1.0);
        }
    }
}
