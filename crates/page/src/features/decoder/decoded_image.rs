//! The decoded image.

use crate::dom;
use crate::dom::raster::rgba;
use crate::latent::class_names::ImageKind;
use crate::state::actions::Actions;
use crate::state::engine_view::{EngineView, Frame};
use leptos::{html, prelude::*};
use protocol::{Backend, ImageShape};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

/// A canvas with one canvas pixel per image pixel, scaled up by CSS.
#[component]
pub(crate) fn DecodedImage() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let actions = expect_context::<Actions>();
    let canvas = NodeRef::<html::Canvas>::new();
    // A canvas is blank after the browser's GPU process has crashed.
    let restored = Trigger::new();
    Effect::new(move |_| {
        restored.track();
        if let (Some(frame), Some(canvas)) = (view.frame.get(), canvas.get()) {
            match draw(&canvas, &frame) {
                Ok(()) => {
                    // Before there is a model, the decoder worker has drawn it.
                    let has_model = view.model.with_untracked(Option::is_some);
                    let backend = view.active.get_untracked().filter(|_| has_model);
                    let backend = backend.map_or("", Backend::name);
                    let _ = canvas.set_attribute("data-backend", backend);
                    actions.report_shown(&frame);
                }
                Err(error) => leptos::logging::error!("canvas: {error:?}"),
            }
        }
    });
    let side = Memo::new(move |_| view.shape().width.max(view.shape().height));
    // The sizes of image and map follow from it, see `tokens.css`.
    Effect::new(move |_| dom::set_root_variable("--image-pixels", &format!("{}px", side.get())));
    let waiting = move || view.frame.with(Option::is_none);
    let label = move || match view.image_kind() {
        ImageKind::Digit => "Image decoded from z".to_owned(),
        ImageKind::Letter => "Letter decoded from z".to_owned(),
        ImageKind::Image => format!("Image decoded from z: {}", view.shape()),
    };
    view! {
        <div class="canvas-box" class:waiting=waiting>
            <canvas
                node_ref=canvas
                id="decoded-image"
                data-testid="decoded"
                width=ImageShape::MNIST.width.to_string()
                height=ImageShape::MNIST.height.to_string()
                role="img"
                aria-label=label
                on:contextrestored=move |_: web_sys::Event| restored.notify()
            ></canvas>
        </div>
    }
}

fn draw(canvas: &HtmlCanvasElement, frame: &Frame) -> Result<(), JsValue> {
    let shape = frame.shape;
    dom::put_pixels(
        canvas,
        &rgba(&frame.pixels, shape),
        [shape.height, shape.width],
    )
}
