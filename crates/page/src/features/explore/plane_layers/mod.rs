//! The Explore panel's layers on the latent plane.

pub(crate) mod parallelogram;
pub(crate) mod pin_markers;
pub(crate) mod walk_path;

use leptos::prelude::*;
use parallelogram::Parallelogram;
use pin_markers::PinMarkers;
use walk_path::WalkPath;

/// The layers, from bottom to top.
pub(crate) fn plane_layers() -> AnyView {
    view! {
        <WalkPath />
        <Parallelogram />
        <PinMarkers />
    }
    .into_any()
}
