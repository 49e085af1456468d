//! The image under the pointer, beside its reconstruction.

use crate::dom;
use crate::features::decoder::decoded_thumbnail::DecodedThumbnail;
use crate::features::latent_map::state::LatentMapState;
use crate::latent::nearest_class::{class_text, nearest_class};
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use protocol::NO_LABEL;

/// A card beside the point.
#[component]
pub(crate) fn HoverCard() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    view! {
        {move || {
            let index = map.hovered.get()?;
            let (image, mu, label) = map
                .points
                .with_untracked(|points| {
                    let mu = points.means_by_image().nth(index)?.to_vec();
                    let label = points.labels.get(index).copied()?;
                    Some((points.image(index)?.to_vec(), mu, label))
                })?;
            Some(view! { <Card image mu label /> })
        }}
    }
}

#[component]
fn Card(image: Vec<u8>, mu: Vec<f32>, label: u8) -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let view = expect_context::<EngineView>();
    let original = NodeRef::<html::Canvas>::new();
    let [x, y] = map
        .viewport
        .get_untracked()
        .fraction_of(map.slice.with_untracked(|slice| slice.to_map(&mu)));
    // Towards the centre of the plane, where there is room.
    let percent = |at: f64| format!("{:.2}%", at * 100.0 + 2.5);
    let from_start = |at: f64| (at < 0.5).then(|| percent(at));
    let from_end = |at: f64| (at >= 0.5).then(|| percent(1.0 - at));
    let label = (label != NO_LABEL).then(|| usize::from(label));
    let guess = nearest_class(&mu, &untrack(|| view.class_means()));
    Effect::new(move |_| {
        if let Some(canvas) = original.get() {
            dom::draw_grey(&canvas, &image, [28, 28]);
        }
    });
    view! {
        <div class="hover-card" data-testid="map-hover"
            style:left=from_start(x) style:right=from_end(x) style:top=from_start(y) style:bottom=from_end(y)>
            <canvas node_ref=original width="28" height="28"></canvas>
            <DecodedThumbnail z=move || Some(mu.clone()) />
            <p>"x and its reconstruction. " {class_text(label, guess)}</p>
        </div>
    }
}
