//! A drawn curve as the answer of a question.

mod drawing;

use crate::features::learn::measures::{Correct, Given};
use crate::number::format::fixed;
use drawing::{Drawing, HEIGHT, LEFT, RIGHT, TOP, WIDTH, at_column, height_of, value_at};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How far an arrow key moves a value, as a share of the vertical axis; with Shift a fifth of it.
const STEP: f64 = 0.05;

/// An empty chart to draw in.
#[component]
pub(super) fn CurveAnswer(
    /// What the horizontal axis shows.
    across: String,
    /// The names of the places.
    ticks: Vec<String>,
    /// What the vertical axis shows.
    up: String,
    /// Its lowest and highest value.
    range: [f64; 2],
    /// The drawn curve; none until it has a value at each place.
    given: RwSignal<Option<Given>>,
    /// The correct curve, once the reader has found it.
    correct: Signal<Option<Correct>>,
) -> impl IntoView {
    let drawing = RwSignal::new(Drawing::default());
    Effect::new(move |_| given.set(drawing.with(Drawing::complete).map(Given::Curve)));
    // The column of the last pointer event, while the pointer is pressed.
    let pressed = StoredValue::new(None::<(usize, f64)>);
    let draw = move |event: &ev::PointerEvent| {
        let Some((column, value)) = column_and_value(event, range) else {
            return;
        };
        let from = pressed.get_value().unwrap_or((column, value));
        pressed.set_value(Some((column, value)));
        drawing.update(|drawing| drawing.draw(from, (column, value)));
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(area) = element(&event) {
            // Fails only for a pointer that is gone.
            let _ = area.set_pointer_capture(event.pointer_id());
        }
        draw(&event);
    };
    let on_move = move |event: ev::PointerEvent| {
        if pressed.with_value(Option::is_some) {
            draw(&event);
        }
    };
    let names = StoredValue::new(ticks.clone());
    let on_keydown = move |event: ev::KeyboardEvent| {
        let step = (range[1] - range[0]) * STEP * if event.shift_key() { 0.2 } else { 1.0 };
        match event.key().as_str() {
            "ArrowLeft" => drawing.update(|drawing| drawing.select(-1)),
            "ArrowRight" => drawing.update(|drawing| drawing.select(1)),
            "ArrowUp" => drawing.update(|drawing| drawing.raise(step, range)),
            "ArrowDown" => drawing.update(|drawing| drawing.raise(-step, range)),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let label_across = across.clone();
    let label = move || {
        let missing = drawing.with(Drawing::missing);
        let (column, value) = drawing.with(Drawing::selected);
        let at = names.with_value(|names| names.get(column).cloned().unwrap_or_default());
        let value = value.map_or_else(|| "not drawn".to_owned(), |value| fixed(value, 1));
        format!(
            "Your curve over {label_across}. At {at}: {value}. {missing} places are not drawn. Left and right arrow \
             keys choose a place, up and down change its value."
        )
    };
    let line = move |points: Vec<(usize, f64)>| {
        points
            .into_iter()
            .map(|(column, value)| {
                format!("{:.1},{:.1}", at_column(column), height_of(value, range))
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let drawn = move || line(drawing.with(Drawing::points));
    let dots = move || {
        let points = drawing.with(Drawing::points);
        let selected = drawing.with(Drawing::selected).0;
        points
            .into_iter()
            .map(|(column, value)| {
                view! {
                    <circle
                        class="curve-point"
                        class:selected=column == selected
                        cx=at_column(column).to_string()
                        cy=height_of(value, range).to_string()
                        r="3.5"
                    />
                }
            })
            .collect_view()
    };
    let measured = move || match correct.get() {
        Some(Correct::Curve(values)) => {
            let points = line(values.into_iter().enumerate().collect());
            Some(view! { <polyline class="curve-measured" points=points /> })
        }
        _ => None,
    };
    let columns = ticks
        .into_iter()
        .enumerate()
        .map(|(column, tick)| {
            let x = at_column(column).to_string();
            view! {
                <line class="curve-grid" x1=x.clone() x2=x.clone() y1=TOP.to_string() y2=HEIGHT.to_string() />
                <text class="curve-tick" x=x y=(HEIGHT + 14.0).to_string() text-anchor="middle">{tick}</text>
            }
        })
        .collect_view();
    let ends = range
        .map(|end| {
            let y = height_of(end, range);
            view! {
                <line class="curve-grid" x1=LEFT.to_string() x2=RIGHT.to_string() y1=y.to_string() y2=y.to_string() />
                <text class="curve-tick" x=(LEFT - 6.0).to_string() y=(y + 4.0).to_string() text-anchor="end">
                    {fixed(end, 0)}
                </text>
            }
        })
        .collect_view();
    view! {
        <div class="curve-answer">
            <p class="curve-up" aria-hidden="true">{up}</p>
            <svg
                class="curve-area"
                viewBox=format!("0 0 {WIDTH} {}", HEIGHT + 20.0)
                data-testid="learn-answer-0"
                role="application"
                tabindex="0"
                aria-label=label
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=move |_| pressed.set_value(None)
                on:pointercancel=move |_| pressed.set_value(None)
                on:keydown=on_keydown
            >
                {columns}
                {ends}
                <g>{measured}</g>
                <polyline class="curve-drawn" points=drawn />
                <g>{dots}</g>
            </svg>
            <p class="curve-across" aria-hidden="true">{across}</p>
            <p class="curve-key">
                {move || {
                    if correct.get().is_some() {
                        "Solid: your curve. Dashed: measured.".to_owned()
                    } else {
                        match drawing.with(Drawing::missing) {
                            0 => String::new(),
                            missing => format!("Draw from left to right; {missing} places are left."),
                        }
                    }
                }}
            </p>
        </div>
    }
}

fn element(event: &ev::PointerEvent) -> Option<web_sys::Element> {
    event.current_target()?.dyn_into().ok()
}

/// The column below the pointer, and the value at its height.
fn column_and_value(event: &ev::PointerEvent, range: [f64; 2]) -> Option<(usize, f64)> {
    let rect = element(event)?.get_bounding_client_rect();
    if rect.width() <= 0.0 {
        return None;
    }
    let scale = WIDTH / rect.width();
    let x = (f64::from(event.client_x()) - rect.left()) * scale;
    let y = (f64::from(event.client_y()) - rect.top()) * scale;
    Some(value_at(x, y, range))
}
