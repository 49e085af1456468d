//! The latent arithmetic A − B + C as a parallelogram: the step from B to A is the step from C to the result.

use crate::features::explore::arrow::arrow;
use crate::features::explore::state::ExploreState;
use crate::features::latent_map::plane::{closed_path, to_svg};
use crate::features::latent_map::state::LatentMapState;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;

/// Length of an arrow's head.
const HEAD: f64 = 0.16;

/// The parallelogram, projected onto the plane.
#[component]
pub(crate) fn Parallelogram() -> impl IntoView {
    let state = expect_context::<ExploreState>();
    let map = expect_context::<LatentMapState>();
    let view = expect_context::<EngineView>();
    let corners = Memo::new(move |_| {
        if !(state.is_open.get() && state.draws_arithmetic.get()) {
            return None;
        }
        let [a, b, c] = [0, 1, 2].map(|index| state.operand_z(index));
        let slice = map.slice.get();
        let place = |z: Option<Vec<f32>>| {
            z.filter(|z| z.len() == slice.size())
                .map(|z| slice.to_map(&z))
        };
        let result = place(state.arithmetic_result())?;
        Some([place(a)?, place(b)?, place(c)?, result])
    });
    let shape = move || {
        let corners = corners.get()?;
        let viewport = map.viewport.get();
        let [a, b, c, result] = corners.map(|corner| to_svg(&viewport, corner));
        let names = view.class_names();
        let labels = (0..3).filter_map(|index| {
            let text = state.operand(index).map_text(&names)?;
            Some(corner_label([a, b, c][index], text))
        });
        Some(view! {
            <g class="parallelogram" data-testid="arithmetic-shape" clip-path="url(#plane-clip)">
                <path class="sides" d=closed_path(&viewport, &corners) />
                <path class="step" d=arrow(b, a, HEAD) />
                <path class="step" d=arrow(c, result, HEAD) />
                {labels.collect_view()}
                <circle class="result" cx=coordinate(result[0]) cy=coordinate(result[1]) r="0.11" />
            </g>
        })
    };
    view! { {shape} }
}

fn corner_label([x, y]: [f64; 2], text: String) -> impl IntoView {
    view! {
        <circle class="corner" cx=coordinate(x) cy=coordinate(y) r="0.07" />
        <text x=coordinate(x + 0.12) y=coordinate(y - 0.1)>
            {text}
        </text>
    }
}

fn coordinate(value: f64) -> String {
    format!("{value:.3}")
}
