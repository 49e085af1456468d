//! A small picture of what the decoder makes of a z, beside the stage's large one.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};

/// The decoded mean at `z`, drawn anew for each state of the model.
#[component]
pub(crate) fn SmallPicture(
    /// The latent vector, of as many dimensions as the model in use.
    z: Vec<f32>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        view.generation.track();
        actions.decode_batch(z.clone(), move |pixels| {
            // It may be gone by now.
            let canvas = canvas.try_get_untracked().flatten();
            if let (Some(canvas), Some(pixels)) = (canvas, pixels)
                && pixels.len() == PIXELS
            {
                dom::draw_grey(&canvas, &pixels, [28, 28]);
            }
        });
    });
    view! { <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas> }
}
