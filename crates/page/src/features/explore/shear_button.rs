//! Latent arithmetic with a transformed image: shears the decoded image by moving z.

use crate::latent::shear::shear;
use crate::latent::{clamp_latent, interpolation, round_to_step};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};
use wasm_bindgen_futures::spawn_local;

/// Sets z to z − μ(x) + μ(sheared x), where x is the decoded image.
#[component]
pub(crate) fn ShearButton() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let apply = move |event: ev::MouseEvent| {
        let Some(frame) = view.frame.get_untracked() else {
            return;
        };
        latent.set_playing(false);
        let (from, at) = (frame.point.z.clone(), event.time_stamp());
        let mut images = frame.pixels.clone();
        images.extend(shear(&frame.pixels, frame.shape));
        let batch = actions.encode_batch(images, None);
        spawn_local(async move {
            // Cancelled by a change of model.
            let Ok([mu, _]) = batch.await else { return };
            let (original, sheared) = mu.split_at(mu.len() / 2);
            let z = interpolation::analogy(&from, original, sheared);
            latent.set(
                z.into_iter()
                    .map(|z| round_to_step(clamp_latent(z)))
                    .collect(),
                at,
            );
        });
    };
    view! {
        <div class="pin-arithmetic" role="group" aria-label="Arithmetic with images">
            <Button
                test_id="slant"
                disabled=move || view.frame.with(Option::is_none)
                on_click=apply
            >
                "Slant the image"
            </Button>
            <span class="actions-note">
                <i>"z"</i> " − " <Tooltip text=glossary::POSTERIOR_MEAN><i>"μ"</i></Tooltip> "(image) + " <i>"μ"</i>
                "(slanted image)"
            </span>
        </div>
    }
}
