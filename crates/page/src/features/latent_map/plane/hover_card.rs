//! The image under the pointer, beside its reconstruction.

use crate::dom;
use crate::features::decoder::decoded_thumbnail::DecodedThumbnail;
use crate::features::latent_map::state::LatentMapState;
use crate::latent::nearest_class::{class_text, nearest_class};
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use protocol::ImageShape;

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
                    let label = points.labels().get(index).copied()?;
                    let label = points.images.class_names.of_label(label);
                    Some((points.image(index)?.to_vec(), mu, label))
                })?;
            let shape = map.points.with_untracked(|points| points.images.shape);
            Some(view! { <Card image shape mu label /> })
        }}
    }
}

#[component]
fn Card(image: Vec<u8>, shape: ImageShape, mu: Vec<f32>, label: Option<String>) -> impl IntoView {
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
    let guess = untrack(|| {
        let guess = nearest_class(&mu, &view.class_means())?;
        Some(view.class_names().name(guess))
    });
    Effect::new(move |_| {
        if let Some(canvas) = original.get() {
            dom::draw_image(&canvas, &image, shape);
        }
    });
    view! {
        <div class="hover-card" data-testid="map-hover"
            style:left=from_start(x) style:right=from_end(x) style:top=from_start(y) style:bottom=from_end(y)>
            <canvas node_ref=original></canvas>
            <DecodedThumbnail z=move || Some(mu.clone()) />
            <p>"x and its reconstruction. " {class_text(label.as_deref(), guess.as_deref())}</p>
        </div>
    }
}
