//! The map of a latent space of more than two dimensions: a plane through it, at the z of the sliders. That of
//! two dimensions is the stage's own.

use crate::features::latent_map::plane::{Plane, PlaneNote};
use leptos::prelude::*;

/// The plane, with what it is.
#[component]
pub(crate) fn Map() -> impl IntoView {
    view! {
        <section class="map-panel" aria-label="The map">
            <div class="controls-head">
                <h3>"A plane through " <i>"z"</i></h3>
                <PlaneNote />
            </div>
            <Plane />
        </section>
    }
}
