//! The names of the classes on the map, so that classes are told apart without their colours.

use crate::features::latent_map::classes::centres;
use crate::features::latent_map::label_placement::{MapLabel, place};
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;

/// Names of more classes are smaller.
const FEW: usize = 12;
/// The font size of few names and of many, in units of the SVG; also in `plane.css`.
const FONT_SIZES: [f64; 2] = [0.26, 0.17];
/// Names in the view: its edge is at 3.
const EDGE: f64 = 2.95;

/// Each name at the mean of its class, where there is room for it.
#[component]
pub(crate) fn ClassLabels() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let centres = Memo::new(move |_| {
        map.points
            .with(|points| map.slice.with(|slice| centres(points, slice)))
    });
    let are_many = Memo::new(move |_| {
        let are_long = map.points.with(|points| {
            let names = &points.images.class_names;
            centres.with(|all| {
                all.iter()
                    .any(|centre| names.name(centre.class.into()).len() > 3)
            })
        });
        are_long || centres.with(Vec::len) > FEW
    });
    let labels = move || {
        let viewport = map.viewport.get();
        let isolated = map.isolated.get();
        let names = map.points.with(|points| points.images.class_names.clone());
        let shown = centres.get().into_iter().filter_map(|centre| {
            let at @ [x, y] = to_svg(&viewport, centre.at);
            let is_shown = isolated.is_none_or(|isolated| isolated == centre.class)
                && x.abs() < EDGE
                && y.abs() < EDGE;
            is_shown.then(|| MapLabel {
                text: names.name(usize::from(centre.class)),
                at,
                weight: centre.count,
            })
        });
        let font_size = FONT_SIZES[usize::from(are_many.get())];
        place(shown.collect(), font_size)
            .into_iter()
            .map(
                |MapLabel {
                     text, at: [x, y], ..
                 }| {
                    view! {
                        <text x=format!("{x:.3}") y=format!("{y:.3}")>
                            {text}
                        </text>
                    }
                },
            )
            .collect_view()
    };
    view! {
        <g class="class-labels" class:many=move || are_many.get() data-testid="map-class-labels">
            {labels}
        </g>
    }
}
