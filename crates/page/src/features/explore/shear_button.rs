//! What is shown, slanted: arithmetic with what the encoder makes of a picture and of the same picture changed.

use crate::latent::shear::slanted;
use crate::latent::{held, interpolation, to_step};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

/// A button that goes to z − μ(x) + μ(x slanted), x being the picture on the stage.
#[component]
pub(crate) fn Slant() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let slant = move |event: ev::MouseEvent| {
        let Some(frame) = view.frame.get_untracked() else {
            return;
        };
        latent.set_playing(false);
        let (from, at) = (frame.point.z.clone(), event.time_stamp());
        let mut both = frame.pixels.clone();
        both.extend(slanted(&frame.pixels, frame.size[1]));
        actions.encode_batch(both, move |found| {
            // None when another model has come into use.
            let Some([mu, _]) = found else { return };
            let (upright, slanted) = mu.split_at(mu.len() / 2);
            let z = interpolation::arithmetic(&from, upright, slanted);
            latent.choose(z.into_iter().map(|z| to_step(held(z))).collect(), at);
        });
    };
    view! {
        <div class="pin-arithmetic" role="group" aria-label="Arithmetic with pictures">
            <button
                type="button"
                data-testid="slant"
                disabled=move || view.frame.with(Option::is_none)
                on:click=slant
            >
                "Slant it"
            </button>
            <span class="actions-note">
                <i>"z"</i> " − " <Tooltip text=glossary::POSTERIOR_MEAN><i>"μ"</i></Tooltip> "(this picture) + " <i>"μ"</i>
                "(this picture, slanted)"
            </span>
        </div>
    }
}
