//! Buttons to zoom in, zoom out, and reset the view.

use crate::features::latent_map::plane::ZOOM;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::ui::button::Button;
use leptos::prelude::*;

/// The buttons in the plane's corner.
#[component]
pub(crate) fn ZoomButtons() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let can_zoom = Memo::new(move |_| map.viewport.with(Viewport::can_zoom));
    let is_home = Memo::new(move |_| map.viewport.get() == Viewport::HOME);
    let zoom = move |factor: f64| {
        map.viewport
            .update(|view| *view = view.zoomed(factor, view.centre));
    };
    view! {
        <div class="zoom-buttons" role="group" aria-label="Zoom">
            <Button
                test_id="map-zoom-in"
                label="Zoom in"
                title="Zoom in (Ctrl + wheel, or two fingers)"
                disabled=move || !can_zoom.get().0
                on_click=move |_| zoom(ZOOM)
            >
                "+"
            </Button>
            <Button
                test_id="map-zoom-out"
                label="Zoom out"
                title="Zoom out"
                disabled=move || !can_zoom.get().1
                on_click=move |_| zoom(1.0 / ZOOM)
            >
                "−"
            </Button>
            <Button
                test_id="map-home"
                label="Show −3 to 3"
                title="Show −3 to 3"
                disabled=move || is_home.get()
                on_click=move |_| map.viewport.set(Viewport::HOME)
            >
                "⌂"
            </Button>
        </div>
    }
}
