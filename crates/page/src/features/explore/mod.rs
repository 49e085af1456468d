//! The Explore panel: the latent space as a place. An image of one's own is put into it, each dimension is
//! looked at by itself, and one walks from pin to pin.

pub(crate) mod export;
pub(crate) mod gif_recording;
pub(crate) mod interpolation;
pub(crate) mod latent_arithmetic;
pub(crate) mod pin_card;
pub(crate) mod pins;
pub(crate) mod posterior_sample;
pub(crate) mod shear_button;
pub(crate) mod traversals;

use crate::dom;
use crate::features::encode::follow_mean::z_follows_mu;
use crate::features::encode::input::Input;
use crate::features::encode::input_image::Original;
use crate::features::latent_map::controls::MapControls;
use crate::features::latent_map::section::Map;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use export::TakeAway;
use interpolation::Walks;
use leptos::prelude::*;
use posterior_sample::Arithmetic;
use traversals::Traversals;

/// The panel.
#[component]
pub(crate) fn Explore() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    z_follows_mu();
    // What was drawn goes with its surface.
    on_cleanup(move || actions.encode(None, dom::now()));
    let size = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().map_or(0, |model| model.latent_size))
    });
    let has_plane = move || size.get() >= 2;
    let many = move || size.get() > 2;
    let there = Memo::new(move |_| view.encoded.with(Option::is_some));
    // Once an answer was there its place is kept: laying it out anew with the first piece of the next drawing would
    // hold up what follows the pen.
    let was_there = Memo::new(move |before: Option<&bool>| there.get() || before == Some(&true));
    view! {
        <div class="explore">
            <div class="explore-side">
                <Input heading="Draw a digit" on_digit=move |(digit, at)| actions.encode(digit, at) />
                <Show when=has_plane>
                    <MapControls />
                </Show>
            </div>
            <div class="explore-main">
                <section class="encoded" aria-label="The encoder’s answer">
                    <p class="explore-empty" hidden=move || there.get()>
                        "Draw a digit, or drop a picture of one. The encoder says where it lies, z goes there, \
                         and the picture above is what the decoder makes of it."
                    </p>
                    <Show when=move || was_there.get()>
                        <Original />
                        <Arithmetic />
                    </Show>
                </section>
                <Show when=many>
                    <Map />
                </Show>
                <Traversals />
                <Walks />
                <TakeAway />
            </div>
        </div>
    }
}
