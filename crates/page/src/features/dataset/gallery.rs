//! All digits of the set: look, choose, delete, relabel, take back.

use crate::dom;
use crate::features::dataset::gallery_grid::{Grid, TILE};
use crate::features::dataset::image_list::{ImageList, PIXELS};
use crate::features::dataset::image_set::ImageSet;
use leptos::{ev, html, prelude::*};
use protocol::NO_LABEL;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The most that is shown at a time, in CSS pixels.
const WINDOW: f64 = 5.0 * TILE;

/// The gallery. Only the tiles in view are drawn, so that 60,000 digits scroll like sixty.
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    let digits = expect_context::<ImageSet>();
    let window = NodeRef::<html::Div>::new();
    let canvas = NodeRef::<html::Canvas>::new();
    let chosen = RwSignal::new(BTreeSet::<usize>::new());
    let cursor = RwSignal::new(None::<usize>);
    let scrolled = RwSignal::new(0_u32);
    let count = Memo::new(move |_| digits.count());

    let grid = move || {
        let window = window.get_untracked()?;
        Some(Grid::new(
            count.get_untracked(),
            f64::from(window.client_width()),
            f64::from(window.client_height()),
            f64::from(window.scroll_top()),
        ))
    };
    Effect::new(move |_| {
        scrolled.track();
        let (chosen, cursor) = (chosen.get(), cursor.get());
        if window.get().is_some()
            && let (Some(canvas), Some(grid)) = (canvas.get(), grid())
        {
            digits.with(|list| draw(&canvas, &grid, list, &chosen, cursor));
        }
    });
    // The width decides how many tiles are in a row.
    let resized = window_event_listener(ev::resize, move |_| scrolled.update(|n| *n += 1));
    on_cleanup(move || resized.remove());

    // Height of all rows, for the scroll bar.
    let length = move || {
        scrolled.track();
        window.get().map_or(0.0, |window| {
            Grid::new(count.get(), f64::from(window.client_width()), 0.0, 0.0).height()
        })
    };

    let toggle = move |tile: usize| {
        cursor.set(Some(tile));
        chosen.update(|chosen| {
            if !chosen.remove(&tile) {
                chosen.insert(tile);
            }
        });
    };
    let on_click = move |event: ev::MouseEvent| {
        let tile = grid().and_then(|grid| {
            let area = canvas.get_untracked()?.get_bounding_client_rect();
            grid.at(
                f64::from(event.client_x()) - area.left(),
                f64::from(event.client_y()) - area.top(),
            )
        });
        if let Some(tile) = tile {
            toggle(tile);
        }
    };
    let places = move || chosen.get_untracked().into_iter().collect::<Vec<_>>();
    let forget = move || {
        chosen.set(BTreeSet::new());
        cursor.set(None);
    };
    let delete = move || {
        digits.change(|list| list.remove(&places()));
        forget();
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some(grid) = grid() else { return };
        let at = cursor.get_untracked();
        let step = |by: isize| {
            let to = at.map_or(0, |at| at.saturating_add_signed(by));
            Some(to.min(grid.count.saturating_sub(1)))
        };
        let to = match event.key().as_str() {
            "ArrowLeft" => step(-1),
            "ArrowRight" => step(1),
            "ArrowUp" => step(-(grid.columns as isize)),
            "ArrowDown" => step(grid.columns as isize),
            "Home" => Some(0),
            "End" => step(isize::MAX),
            " " | "Enter" => {
                event.prevent_default();
                return at.into_iter().for_each(toggle);
            }
            "Delete" | "Backspace" => return delete(),
            "z" if event.ctrl_key() || event.meta_key() => {
                digits.change(ImageList::undo);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        cursor.set(to);
        if let (Some(to), Some(window)) = (to, window.get_untracked()) {
            window.set_scroll_top(grid.scroll_to(to) as i32);
        }
    };
    let picked = Memo::new(move |_| chosen.with(BTreeSet::len));
    let labels = move || {
        let counts = digits.with(ImageList::counts);
        (0..11)
            .filter(|&label| counts[label] > 0)
            .map(|label| {
                let name = if label == 10 {
                    "no label".to_owned()
                } else {
                    label.to_string()
                };
                view! {
                    <span class="label-count">
                        <b>{name}</b>
                        " × "
                        {counts[label]}
                    </span>
                }
            })
            .collect_view()
    };
    let relabel = move |event: ev::Event| {
        if let Ok(label) = event_target_value(&event).parse() {
            digits.change(|list| list.relabel(&places(), label));
            forget();
        }
    };
    let says = move || {
        let at = cursor.get().and_then(|at| {
            digits.with(|list| {
                let (_, label) = list.get(at)?;
                let label = if label == NO_LABEL {
                    "no label".to_owned()
                } else {
                    format!("label {label}")
                };
                Some(format!(", at digit {} with {label}", at + 1))
            })
        });
        format!(
            "{} digits, {} chosen{}. Arrows move, space chooses, Delete deletes.",
            count.get(),
            picked.get(),
            at.unwrap_or_default()
        )
    };
    view! {
        <div class="gallery" class:hidden=move || count.get() == 0>
            <p class="label-counts">{labels}</p>
            <div
                class="gallery-window"
                node_ref=window
                data-testid="gallery"
                tabindex="0"
                role="application"
                aria-roledescription="gallery"
                aria-label=says
                style:height=move || format!("{}px", length().min(WINDOW))
                on:scroll=move |_| scrolled.update(|n| *n += 1)
                on:keydown=on_keydown
            >
                <canvas node_ref=canvas on:click=on_click aria-hidden="true"></canvas>
                <div
                    class="gallery-length"
                    style:height=move || format!("{}px", length())
                ></div>
            </div>
            <div class="gallery-buttons">
                <button
                    type="button"
                    data-testid="gallery-delete"
                    disabled=move || picked.get() == 0
                    on:click=move |_| delete()
                >
                    {move || match picked.get() {
                        0 => "Delete chosen".to_owned(),
                        n => format!("Delete {n} chosen"),
                    }}
                </button>
                <label class="pad-label">
                    "Label "
                    <select
                        data-testid="gallery-label"
                        disabled=move || picked.get() == 0
                        prop:value=""
                        on:change=relabel
                    >
                        <option value="">"…"</option>
                        {(0..10).map(|n| view! { <option value=n>{n}</option> }).collect_view()}
                        <option value=NO_LABEL>"none"</option>
                    </select>
                </label>
                <button
                    type="button"
                    data-testid="gallery-undo"
                    disabled=move || !digits.with(ImageList::can_undo)
                    on:click=move |_| {
                        digits.change(ImageList::undo);
                        forget();
                    }
                >
                    "Undo"
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="gallery-clear"
                    on:click=move |_| {
                        digits.change(ImageList::clear);
                        forget();
                    }
                >
                    "Delete all"
                </button>
            </div>
        </div>
    }
}

fn draw(
    canvas: &HtmlCanvasElement,
    grid: &Grid,
    list: &ImageList,
    chosen: &BTreeSet<usize>,
    cursor: Option<usize>,
) {
    let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let (width, height) = (grid.columns as f64 * TILE, grid.window);
    let pixels = |css: f64| (css * scale).round().max(1.0) as u32;
    if canvas.width() != pixels(width) || canvas.height() != pixels(height) {
        canvas.set_width(pixels(width));
        canvas.set_height(pixels(height));
        // Leptos has a method of that name, too.
        let style = web_sys::HtmlElement::style(canvas);
        let _ = style.set_property("width", &format!("{width}px"));
        let _ = style.set_property("height", &format!("{height}px"));
    }
    let Some(context) = dom::context_2d(canvas) else {
        return;
    };
    let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, width, height);
    context.set_image_smoothing_enabled(true);
    let view = grid.in_view();
    let Some(sheet) = tiles(list, &view) else {
        return;
    };
    for (at, tile) in view.enumerate() {
        let (x, y) = grid.place(tile);
        let _ = context
            .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &sheet,
                0.0,
                at as f64 * 28.0,
                28.0,
                28.0,
                x + 1.0,
                y + 1.0,
                TILE - 2.0,
                TILE - 2.0,
            );
        if chosen.contains(&tile) {
            frame(&context, x, y, "--accent", 4.0);
        }
        if cursor == Some(tile) {
            frame(&context, x, y, "--ink", 2.0);
        }
    }
}

/// The digits in view, one below the other.
fn tiles(list: &ImageList, view: &std::ops::Range<usize>) -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    let sheet: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    let pixels = list
        .pixels()
        .get(view.start * PIXELS..view.end.min(list.len()) * PIXELS)?;
    if pixels.is_empty() {
        return None;
    }
    dom::draw_grey(&sheet, pixels, [pixels.len() / 28, 28]);
    Some(sheet)
}

fn frame(context: &CanvasRenderingContext2d, x: f64, y: f64, colour: &str, width: f64) {
    context.set_stroke_style_str(&dom::css_colour(colour));
    context.set_line_width(width);
    let inset = width / 2.0;
    context.stroke_rect(x + inset, y + inset, TILE - width, TILE - width);
}
