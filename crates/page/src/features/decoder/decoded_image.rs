//! The decoded image.

use crate::dom;
use crate::state::actions::Actions;
use crate::state::engine_view::{EngineView, Frame};
use leptos::{html, prelude::*};
use protocol::Backend;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

/// A canvas with one canvas pixel per image pixel, scaled up by CSS.
#[component]
pub(crate) fn DecodedImage() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let actions = expect_context::<Actions>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(frame), Some(canvas)) = (view.frame.get(), canvas.get()) {
            match draw(&canvas, &frame) {
                Ok(()) => {
                    let backend = view.active.get_untracked().map_or("", Backend::name);
                    let _ = canvas.set_attribute("data-backend", backend);
                    actions.report_shown(&frame);
                }
                Err(error) => leptos::logging::error!("canvas: {error:?}"),
            }
        }
    });
    let waiting = move || view.frame.with(Option::is_none);
    view! {
        <div class="canvas-box" class:waiting=waiting>
            <canvas
                node_ref=canvas
                id="decoded-image"
                data-testid="decoded"
                width="28"
                height="28"
                role="img"
                aria-label="Image decoded from z"
            ></canvas>
        </div>
    }
}

fn draw(canvas: &HtmlCanvasElement, frame: &Frame) -> Result<(), JsValue> {
    let shape = frame.shape;
    let rgba = dom::rgba(&frame.pixels, shape);
    dom::put_pixels(canvas, &rgba, [shape.height, shape.width])
}
