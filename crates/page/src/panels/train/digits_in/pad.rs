//! The drawing pad: many digits in a row, by pen, finger or mouse.

use super::strokes::{Dab, SIDE, Strokes, line_width};
use crate::{intake::IntakeClient, state::DigitSet};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// A drawing goes in by itself after the pen has rested so long.
const REST: Duration = Duration::from_millis(900);

/// The pad with its buttons.
#[component]
pub(super) fn Pad() -> impl IntoView {
    let intake = expect_context::<StoredValue<IntakeClient, LocalStorage>>();
    let digits = expect_context::<DigitSet>();
    let canvas = NodeRef::<html::Canvas>::new();
    let strokes = RwSignal::new(Strokes::default());
    let pen = StoredValue::new(None::<i32>);
    let label = RwSignal::new(None::<u8>);
    let by_itself = RwSignal::new(true);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let empty = Memo::new(move |_| strokes.with(Strokes::is_empty));

    let redraw = move || {
        if let Some(context) = canvas.get_untracked().and_then(|canvas| context(&canvas)) {
            wipe(&context);
            strokes.with_untracked(|strokes| {
                strokes.pieces().for_each(|piece| line(&context, piece));
            });
        }
    };
    let stop_waiting = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let add = move || {
        stop_waiting();
        let drawn = canvas.get_untracked().and_then(|canvas| grey(&canvas));
        if let (false, Some(pixels)) = (empty.get_untracked(), drawn) {
            let label = label.get_untracked();
            let size = [SIDE as usize; 2];
            intake.with_value(|intake| intake.draw(size, pixels, label));
            strokes.update(Strokes::clear);
            redraw();
        }
    };

    let on_pointerdown = move |event: ev::PointerEvent| {
        if event.button() != 0 || pen.get_value().is_some() {
            return;
        }
        event.prevent_default();
        stop_waiting();
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        // Refused for a pointer that is gone again; the stroke then ends at the pad's edge.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        pen.set_value(Some(event.pointer_id()));
        let dab = dab(&canvas, &event);
        strokes.update(|strokes| strokes.begin(dab));
        if let Some(context) = context(&canvas) {
            line(&context, (dab, dab));
        }
    };
    let on_pointermove = move |event: ev::PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        if pen.get_value() == Some(event.pointer_id())
            && let Some(context) = context(&canvas)
        {
            let dab = dab(&canvas, &event);
            let piece = strokes.try_update_untracked(|strokes| strokes.draw_to(dab));
            if let Some(piece) = piece.flatten() {
                line(&context, piece);
            }
        }
    };
    let on_pointerend = move |event: ev::PointerEvent| {
        if pen.get_value() != Some(event.pointer_id()) {
            return;
        }
        pen.set_value(None);
        if by_itself.get_untracked() {
            waiting.set_value(set_timeout_with_handle(add, REST).ok());
        }
    };
    let undo = move |_| {
        stop_waiting();
        if empty.get_untracked() {
            // Nothing on the pad: the last digit that went in, then.
            digits.change(|list| list.undo());
        } else {
            strokes.update(Strokes::undo);
            redraw();
        }
    };
    let clear = move |_| {
        stop_waiting();
        strokes.update(Strokes::clear);
        redraw();
    };
    Effect::new(move |_| {
        if canvas.get().is_some() {
            redraw();
        }
    });
    on_cleanup(stop_waiting);
    let can_undo = move || !empty.get() || digits.with(|list| list.can_undo());

    view! {
        <div class="pad">
            <canvas
                node_ref=canvas
                data-testid="draw-pad"
                width=SIDE
                height=SIDE
                role="img"
                aria-label="Drawing pad: draw one digit here with pen, finger or mouse"
                on:pointerdown=on_pointerdown
                on:pointermove=on_pointermove
                on:pointerup=on_pointerend
                on:pointercancel=on_pointerend
            ></canvas>
            <p class="pad-hint" class:hidden=move || !empty.get()>
                "Draw a digit"
            </p>
            <div class="pad-buttons">
                <button
                    type="button"
                    data-testid="pad-add"
                    disabled=move || empty.get()
                    on:click=move |_| add()
                >
                    "Add"
                </button>
                <button
                    type="button"
                    data-testid="pad-undo"
                    disabled=move || !can_undo()
                    on:click=undo
                >
                    "Undo"
                </button>
                <button
                    type="button"
                    data-testid="pad-clear"
                    disabled=move || empty.get()
                    on:click=clear
                >
                    "Clear"
                </button>
            </div>
            <div class="pad-options">
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || by_itself.get()
                        on:change=move |event| by_itself.set(event_target_checked(&event))
                    />
                    "add when the pen rests"
                </label>
                <label class="pad-label">
                    "label "
                    <select
                        data-testid="pad-label"
                        on:change=move |event| label.set(event_target_value(&event).parse().ok())
                    >
                        <option value="">"none"</option>
                        {(0..10).map(|n| view! { <option value=n>{n}</option> }).collect_view()}
                    </select>
                </label>
            </div>
        </div>
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    // It is read back for each digit, which is quick only for a canvas in main memory.
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).ok()?;
    canvas
        .get_context_with_context_options("2d", &options)
        .ok()??
        .dyn_into()
        .ok()
}

fn wipe(context: &CanvasRenderingContext2d) {
    context.set_fill_style_str("#000");
    context.fill_rect(0.0, 0.0, SIDE.into(), SIDE.into());
}

fn line(context: &CanvasRenderingContext2d, (from, to): (Dab, Dab)) {
    context.set_stroke_style_str("#fff");
    context.set_line_cap("round");
    context.set_line_join("round");
    context.set_line_width((from.width + to.width) / 2.0);
    context.begin_path();
    context.move_to(from.x, from.y);
    // A line of no length is a dot only when it has some.
    context.line_to(to.x + 0.01, to.y);
    context.stroke();
}

/// Where the event is on the drawing, whatever size the pad has on the screen.
fn dab(canvas: &HtmlCanvasElement, event: &ev::PointerEvent) -> Dab {
    let area = canvas.get_bounding_client_rect();
    let scale = f64::from(SIDE) / area.width().max(1.0);
    Dab {
        x: (f64::from(event.client_x()) - area.left()) * scale,
        y: (f64::from(event.client_y()) - area.top()) * scale,
        width: line_width(event.pressure()),
    }
}

/// The drawing's grey values.
fn grey(canvas: &HtmlCanvasElement) -> Option<Vec<u8>> {
    let data = context(canvas)?
        .get_image_data(0.0, 0.0, SIDE.into(), SIDE.into())
        .ok()?
        .data();
    Some(data.iter().step_by(4).copied().collect())
}
