//! A small decoded image.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;

/// The decoder's mean at `z`, decoded again when the model or its weights change.
#[component]
pub(crate) fn DecodedThumbnail(
    /// The latent vector, of the current model's size.
    z: Vec<f32>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        view.generation.track();
        let batch = actions.decode_batch(z.clone());
        spawn_local(async move {
            let decoded = batch.await;
            // The component may be unmounted by now.
            let canvas = canvas.try_get_untracked().flatten();
            if let (Some(canvas), Ok((pixels, _))) = (canvas, decoded)
                && pixels.len() == PIXELS
            {
                dom::draw_grey(&canvas, &pixels, [28, 28]);
            }
        });
    });
    view! { <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas> }
}
