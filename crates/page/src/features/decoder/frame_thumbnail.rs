//! A small copy of the stage's image.

use crate::dom;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};

/// The decoder's mean at the current z, without decoding it again.
#[component]
pub(crate) fn FrameThumbnail() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(frame), Some(canvas)) = (view.frame.get(), canvas.get()) {
            dom::draw_image(&canvas, &frame.pixels, frame.shape);
        }
    });
    view! { <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas> }
}
