//! The Explore panel: encodes an image, shows the latent space by traversals, interpolation and arithmetic, and compares
//! models.

pub(crate) mod arrow;
pub(crate) mod export;
pub(crate) mod gif_recording;
pub(crate) mod interpolation;
pub(crate) mod latent_arithmetic;
pub(crate) mod operand;
pub(crate) mod pin_card;
pub(crate) mod pins;
pub(crate) mod plane_layers;
pub(crate) mod posterior_inset;
pub(crate) mod posterior_sample;
pub(crate) mod shear_button;
pub(crate) mod state;
pub(crate) mod traversals;

use crate::features::compare::Compare;
use crate::features::encode::follow_mean::follow_mean;
use crate::features::encode::input::EncoderInput;
use crate::features::encode::input_image::InputImage;
use crate::features::latent_map::controls::MapControls;
use crate::features::latent_map::section::LatentMapSection;
use crate::latent::class_names::ImageKind;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use export::Export;
use interpolation::Interpolation;
use leptos::prelude::*;
use posterior_sample::PosteriorSample;
use state::ExploreState;
use traversals::Traversals;

/// The panel.
#[component]
pub(crate) fn Explore() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    follow_mean();
    let state = expect_context::<ExploreState>();
    state.is_open.set(true);
    on_cleanup(move || {
        state.is_open.set(false);
        // The drawing is lost with its surface.
        actions.encode(None);
    });
    let size = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().map_or(0, |model| model.latent_size))
    });
    let has_plane = move || size.get() >= 2;
    let many = move || size.get() > 2;
    let is_encoded = Memo::new(move |_| view.encoded.with(Option::is_some));
    // Once shown, the result keeps its place: a new layout at the start of the next drawing would delay the stroke.
    let was_encoded =
        Memo::new(move |before: Option<&bool>| is_encoded.get() || before == Some(&true));
    view! {
        <div class="explore">
            <div class="explore-side">
                <EncoderInput has_heading=true on_image=move |image| actions.encode(image) />
                <Show when=has_plane>
                    <MapControls />
                </Show>
            </div>
            <div class="explore-main">
                <section
                    class="encoded"
                    class:is-empty=move || !is_encoded.get()
                    class:was-encoded=move || was_encoded.get()
                    aria-label="The encoder’s output"
                >
                    <p class="explore-empty" hidden=move || is_encoded.get()>
                        {move || match view.image_kind() {
                            ImageKind::Image => "Draw an image, or drop one".to_owned(),
                            kind => format!("Draw {}, or drop an image of one", kind.a()),
                        }}
                        ". The encoder places it at μ, z moves there, and the decoder reconstructs it above."
                    </p>
                    <Show when=move || was_encoded.get()>
                        <InputImage />
                        <PosteriorSample />
                    </Show>
                </section>
                <Show when=many>
                    <LatentMapSection />
                </Show>
                <Traversals />
                <Interpolation />
                <Export />
                <Compare />
            </div>
        </div>
    }
}
