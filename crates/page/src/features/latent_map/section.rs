//! The map of a model with more than two latent dimensions, as a section of the Explore panel. The plane of a
//! two-dimensional model is on the stage.

use crate::features::latent_map::plane::{Plane, PlaneNote};
use leptos::prelude::*;

/// A slice of the latent space through the current z.
#[component]
pub(crate) fn LatentMapSection() -> impl IntoView {
    view! {
        <section class="map-panel" aria-label="Latent map">
            <div class="controls-head">
                <h3>"Slice of the latent space through " <i>"z"</i></h3>
                <PlaneNote />
            </div>
            <Plane />
        </section>
    }
}
