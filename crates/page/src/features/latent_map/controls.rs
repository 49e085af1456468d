//! What lies on the latent map.

use crate::features::dataset::image_set::ImageSet;
use crate::features::latent_map::axes_control::AxesControl;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::state::{LatentMapState, PointSource};
use crate::ui::alert::Alert;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

const SOURCES: [(PointSource, &str); 3] = [
    (PointSource::None, "none"),
    (PointSource::Mnist, "mnist"),
    (PointSource::Own, "own"),
];

/// TileLayer on or off, and whose digits lie on it.
#[component]
pub(crate) fn MapControls() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let digits = expect_context::<ImageSet>();
    let own = Memo::new(move |_| digits.count());
    let choose = move |event: ev::Event| {
        let value = event_target_value(&event);
        let found = SOURCES.into_iter().find(|(_, name)| *name == value);
        map.source
            .set(found.map_or(PointSource::None, |(source, _)| source));
    };
    let name = move || {
        let source = map.source.get();
        let found = SOURCES.into_iter().find(|(other, _)| *other == source);
        found.map(|(_, name)| name)
    };
    let progress = Memo::new(move |_| {
        map.points
            .with(|points| (points.means_by_image().len(), points.labels.len()))
    });
    let waits = move || map.source.get() != PointSource::None && progress.get().1 == 0;
    view! {
        <section class="map-controls" aria-label="The latent map">
            <h3>"The map"</h3>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="map-pictures-on"
                    prop:checked=move || map.pictures.get()
                    on:change=move |event| map.pictures.set(event_target_checked(&event))
                />
                <span>"What the decoder draws at each " <i>"z"</i></span>
            </label>
            <AxesControl />
            <label class="field-inline">
                "Digits at their "
                <Tooltip text=glossary::POSTERIOR_MEAN>
                    <i>"μ"</i>
                </Tooltip>
                <select data-testid="map-points-of" on:change=choose prop:value=name>
                    <option value="none">"none"</option>
                    <option value="mnist">"10,000 of MNIST"</option>
                    <option value="own" disabled=move || own.get() == 0>
                        {move || format!("yours ({})", own.get())}
                    </option>
                </select>
            </label>
            <Show when=move || map.source.get() != PointSource::None>
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="map-density-on"
                        prop:checked=move || map.density.get()
                        on:change=move |event| map.density.set(event_target_checked(&event))
                    />
                    <span>
                        "Their density "
                        <Tooltip text=glossary::AGGREGATE_POSTERIOR>"1/" <i>"n"</i> " Σ " <i>"q"</i> "(" <i>"z"</i> "|" <i>"x"</i> ")"</Tooltip>
                        " against the prior"
                    </span>
                </label>
                <Show when=move || map.density.get()>
                    <p class="density-legend">
                        <span class="more"></span>
                        "more digits than the prior has "
                        <span class="less"></span>
                        "fewer: samples from here are seldom digits"
                    </p>
                </Show>
            </Show>
            <p class="map-status" role="status" data-testid="map-status">
                {move || {
                    let (done, all) = progress.get();
                    if waits() {
                        "fetching…".to_owned()
                    } else if all == 0 {
                        String::new()
                    } else {
                        format!("{done} of {all} digits encoded")
                    }
                }}
            </p>
            <Alert message=map.error />
            <Show when=move || map.points.with(has_labels)>
                <ul class="legend" aria-label="Colours of the digits">
                    {(0..10)
                        .map(|class| {
                            view! {
                                <li>
                                    <span style=format!("background: var(--class-{class})")></span>
                                    {class}
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </Show>
        </section>
    }
}

fn has_labels(points: &Points) -> bool {
    points.labels.iter().any(|&label| label < 10)
}
