//! The top bar: what this page is, model, backend, share, tour, theme.

pub(crate) mod backend_menu;
pub(crate) mod backend_picker;
pub(crate) mod model_picker;
pub(crate) mod share;
pub(crate) mod theme_toggle;
pub(crate) mod tour_button;

use crate::features::user_model::menu::ModelMenu;
use crate::state::engine_view::EngineView;
use backend_menu::BackendMenu;
use leptos::prelude::*;
use model_picker::ModelPicker;
use share::Share;
use theme_toggle::ThemeToggle;
use tour_button::TourButton;

/// The top bar.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let view = expect_context::<EngineView>();
    view! {
        <header class="top-bar">
            <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
                <rect class="mark-ground" width="32" height="32" rx="8" />
                <circle class="mark-ring" cx="16" cy="16" r="9" />
                <circle class="mark-dot" cx="20.5" cy="11.5" r="3.6" />
            </svg>
            <h1 class="name">"ELBO Room"</h1>
            // Also in the static frame of `index.html`.
            <p class="tagline">
                "A variational autoencoder in your browser: move the latent vector z and watch it draw "
                {move || view.image_kind().many()} "."
            </p>
            <div class="model-tools">
                <ModelPicker />
                <ModelMenu />
            </div>
            <div class="tools">
                <Share />
                <BackendMenu />
                <TourButton />
                <ThemeToggle />
            </div>
        </header>
    }
}
