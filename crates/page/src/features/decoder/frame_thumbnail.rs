//! A small copy of the stage's image.

use crate::dom;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};

/// The decoder's mean at the current z, without decoding it again.
#[component]
pub(crate) fn FrameThumbnail() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    let draw_scheduled = StoredValue::new(false);
    let draw = move || {
        // The component may be unmounted by now.
        if draw_scheduled.try_set_value(false).is_none()
            && let (Some(frame), Some(canvas)) =
                (view.frame.get_untracked(), canvas.get_untracked())
        {
            dom::draw_image(&canvas, &frame.pixels, frame.shape);
        }
    };
    // In the next frame: the stage and the map, which wait for the same input, are painted first.
    Effect::new(move |_| {
        view.frame.track();
        canvas.track();
        if !draw_scheduled.get_value() {
            draw_scheduled.set_value(true);
            request_animation_frame(draw);
        }
    });
    view! { <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas> }
}
