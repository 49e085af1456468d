//! The names of the classes on the map, so that classes are told apart without their colours.

use crate::features::latent_map::classes::{centres, class_name};
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;

/// Names of more classes are smaller.
const FEW: usize = 12;

/// Each name at the mean of its class.
#[component]
pub(crate) fn ClassLabels() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let centres = Memo::new(move |_| {
        map.points
            .with(|points| map.slice.with(|slice| centres(points, slice)))
    });
    let labels = move || {
        let viewport = map.viewport.get();
        let isolated = map.isolated.get();
        let shown = centres.get().into_iter().filter(|(class, at)| {
            let [x, y] = to_svg(&viewport, *at);
            isolated.is_none_or(|isolated| isolated == *class) && x.abs() < 2.95 && y.abs() < 2.95
        });
        shown
            .map(|(class, at)| {
                let [x, y] = to_svg(&viewport, at);
                view! {
                    <text x=format!("{x:.3}") y=format!("{y:.3}")>
                        {class_name(class)}
                    </text>
                }
            })
            .collect_view()
    };
    view! {
        <g
            class="class-labels"
            class:many=move || centres.with(|centres| centres.len() > FEW)
            data-testid="map-class-labels"
        >
            {labels}
        </g>
    }
}
