//! Which plane the map is of, and how it is counted.

use crate::features::latent_map::latent_slice::{LatentSlice, Scale};
use crate::features::latent_map::principal_components::MAX_DIMENSIONS;
use crate::features::latent_map::state::{Axes, LatentMapState};
use crate::latent::symbol;
use crate::state::engine_view::EngineView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

/// Two dimensions, or the principal axes; and the scale.
#[component]
pub(crate) fn AxesControl() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let size = Memo::new(move |_| map.slice.with(LatentSlice::size));
    let principal = Memo::new(move |_| map.axes.get() == Axes::Principal);
    let many = move || size.get() > 2;
    let can_turn = move || many() && size.get() <= MAX_DIMENSIONS;
    view! {
        <Show when=many>
            <div class="axes" role="group" aria-label="Axes of the map">
                <Show
                    when=move || !principal.get()
                    fallback=|| view! { <span>"Principal axes of the digits"</span> }
                >
                    <DimensionSelect axis=0 />
                    <DimensionSelect axis=1 />
                </Show>
            </div>
        </Show>
        <Show when=can_turn>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="map-pca"
                    prop:checked=move || principal.get()
                    on:change=move |event| {
                        let axes = if event_target_checked(&event) {
                            Axes::Principal
                        } else {
                            Axes::LargestKl
                        };
                        map.axes.set(axes);
                    }
                />
                <span>
                    "Turn it to where the digits lie farthest apart " <Tooltip text=glossary::PCA>"(PCA)"</Tooltip>
                </span>
            </label>
        </Show>
        <label class="check">
            <input
                type="checkbox"
                data-testid="map-quantile"
                prop:checked=move || map.scale.get() == Scale::Quantile
                on:change=move |event| {
                    let scale = if event_target_checked(&event) {
                        Scale::Quantile
                    } else {
                        Scale::Linear
                    };
                    map.scale.set(scale);
                }
            />
            <span>"Spread it by the prior’s " <Tooltip text=glossary::INVERSE_CDF>"inverse CDF"</Tooltip></span>
        </label>
    }
}

/// The dimension of one axis; the other axis takes this one's when both would be the same.
#[component]
fn DimensionSelect(
    /// 0 for the one across, 1 for the one up.
    axis: usize,
) -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let view = expect_context::<EngineView>();
    let pair = Memo::new(move |_| map.slice.with(LatentSlice::pair).unwrap_or([0, 1]));
    let choose = move |event: ev::Event| {
        let Ok(chosen) = event_target_value(&event).parse::<usize>() else {
            return;
        };
        let mut next = pair.get_untracked();
        if next[1 - axis] == chosen {
            next[1 - axis] = next[axis];
        }
        next[axis] = chosen;
        map.axes.set(Axes::Pair(next));
    };
    let options = move || {
        let kl = view.model.with(|model| {
            model
                .as_ref()
                .map(|model| model.kl_per_dimension.clone())
                .unwrap_or_default()
        });
        (0..map.slice.with(LatentSlice::size))
            .map(|at| {
                let nats = kl.get(at).map(|kl| format!(" · {kl:.2} nats"));
                view! {
                    <option value=at.to_string() selected=move || pair.get()[axis] == at>
                        {symbol(at)}
                        {nats}
                    </option>
                }
            })
            .collect_view()
    };
    let (name, id) = if axis == 0 {
        ("across", "map-across")
    } else {
        ("up", "map-up")
    };
    view! {
        <label class="field-inline">
            {name}
            <select data-testid=id on:change=choose prop:value=move || pair.get()[axis].to_string()>
                {options}
            </select>
        </label>
    }
}
