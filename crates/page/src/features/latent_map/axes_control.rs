//! Controls of the map's axes and scale.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::principal_components::MAX_DIMENSIONS;
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::{Axes, LatentMapState};
use crate::latent::symbol;
use crate::state::engine_view::EngineView;
use crate::ui::checkbox::Checkbox;
use crate::ui::glossary;
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;

/// Two latent dimensions or two principal components, and the scale.
#[component]
pub(crate) fn AxesControl() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let size = Memo::new(move |_| map.slice.with(LatentSlice::size));
    let principal = Memo::new(move |_| map.axes.get() == Axes::Principal);
    let many = move || size.get() > 2;
    let pca_available = move || many() && size.get() <= MAX_DIMENSIONS;
    let is_quantile = move || map.scale.get() == Scale::Quantile;
    let set_principal = move |on: bool| {
        map.axes
            .set(if on { Axes::Principal } else { Axes::LargestKl });
    };
    let set_quantile = move |on: bool| {
        map.scale
            .set(if on { Scale::Quantile } else { Scale::Linear });
    };
    view! {
        <Show when=many>
            <div class="axes" role="group" aria-label="Axes of the map">
                <Show
                    when=move || !principal.get()
                    fallback=|| view! { <span>"Principal components of the encoded images"</span> }
                >
                    <DimensionSelect axis=0 />
                    <DimensionSelect axis=1 />
                </Show>
            </div>
        </Show>
        <Show when=pca_available>
            <Checkbox checked=principal on_change=set_principal test_id="map-pca" help=glossary::PCA>
                "Use principal components (PCA)"
            </Checkbox>
        </Show>
        <Checkbox
            checked=is_quantile
            on_change=set_quantile
            test_id="map-quantile"
            help=glossary::INVERSE_CDF
        >
            "Equal-probability axes (inverse CDF)"
        </Checkbox>
    }
}

/// Selects the dimension of one axis. If the other axis has it already, the two are swapped.
#[component]
fn DimensionSelect(
    /// 0 for the horizontal axis, 1 for the vertical one.
    axis: usize,
) -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let view = expect_context::<EngineView>();
    let pair = Memo::new(move |_| map.slice.with(LatentSlice::pair).unwrap_or([0, 1]));
    let choose = move |value: String| {
        let Ok(chosen) = value.parse::<usize>() else {
            return;
        };
        let mut next = pair.get_untracked();
        if next[1 - axis] == chosen {
            next[1 - axis] = next[axis];
        }
        next[axis] = chosen;
        map.axes.set(Axes::Pair(next));
    };
    let options = Memo::new(move |_| {
        let kl = view.model.with(|model| {
            model
                .as_ref()
                .map(|model| model.kl_per_dimension.clone())
                .unwrap_or_default()
        });
        (0..map.slice.with(LatentSlice::size))
            .map(|dimension| {
                let nats = kl
                    .get(dimension)
                    .map(|kl| format!(" · {kl:.2} nats"))
                    .unwrap_or_default();
                SelectOption::new(dimension.to_string(), symbol(dimension) + &nats)
            })
            .collect::<Vec<_>>()
    });
    let value = move || pair.get()[axis].to_string();
    let (name, test_id) = if axis == 0 {
        ("x-axis", "map-across")
    } else {
        ("y-axis", "map-up")
    };
    view! {
        <label class="field-inline">{name} <Select value options on_change=choose test_id /></label>
    }
}
