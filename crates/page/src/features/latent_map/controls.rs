//! Controls of the latent map.

use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::latent_map::axes_control::AxesControl;
use crate::features::latent_map::legend::Legend;
use crate::features::latent_map::state::{LatentMapState, PointSource};
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use crate::ui::checkbox::Checkbox;
use crate::ui::glossary;
use crate::ui::help::Help;
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;

const SOURCES: [(PointSource, &str); 5] = [
    (PointSource::None, "none"),
    (PointSource::Samples(SampleSet::Digits), "mnist"),
    (PointSource::Samples(SampleSet::Letters), "letters"),
    (PointSource::Samples(SampleSet::Emoji), "emoji"),
    (PointSource::Own, "own"),
];

/// Decoded images on or off, the axes, and which images are shown as points.
#[component]
pub(crate) fn MapControls() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let view = expect_context::<EngineView>();
    let images = expect_context::<ImageSet>();
    let kind = Memo::new(move |_| view.image_kind());
    let own_count = Memo::new(move |_| images.count());
    let set_source = move |value: String| {
        let entry = SOURCES.into_iter().find(|(_, name)| *name == value);
        map.source
            .set(entry.map_or(PointSource::None, |(source, _)| source));
    };
    let source = move || {
        let source = map.source.get();
        let entry = SOURCES.into_iter().find(|(other, _)| *other == source);
        entry.map(|(_, name)| name.to_owned()).unwrap_or_default()
    };
    let sources = Memo::new(move |_| {
        let count = own_count.get();
        let shape = view.shape();
        let offered = SOURCES
            .into_iter()
            .filter_map(|(source, value)| match source {
                PointSource::None => Some(SelectOption::new(value, "none")),
                PointSource::Samples(set) => {
                    (set.shape() == shape).then(|| SelectOption::new(value, set.description()))
                }
                PointSource::Own => Some(SelectOption {
                    disabled: count == 0 || shape != images.shape(),
                    ..SelectOption::new(value, format!("yours ({count})"))
                }),
            });
        offered.collect::<Vec<_>>()
    });
    let progress = Memo::new(move |_| {
        map.points
            .with(|points| (points.means_by_image().len(), points.len()))
    });
    let is_loading = move || map.source.get() != PointSource::None && progress.get().1 == 0;
    view! {
        <section class="map-controls" aria-label="Latent map controls">
            <h3>"Latent map"</h3>
            <Checkbox
                checked=map.shows_images
                on_change=move |on| map.shows_images.set(on)
                test_id="map-pictures-on"
            >
                "Decoded images in the background"
            </Checkbox>
            <AxesControl />
            <p class="field-inline">
                <label for="map-points-of" id="map-points-of-label">
                    "Show encoded " {move || kind.get().many()} ", at "
                    <i>"μ"</i>
                </label>
                <Help text=glossary::POSTERIOR_MEAN about="map-points-of-label" />
                <Select
                    id="map-points-of"
                    value=source
                    options=sources
                    on_change=set_source
                    test_id="map-points-of"
                />
            </p>
            <Show when=move || map.source.get() != PointSource::None>
                <Checkbox
                    checked=map.shows_density
                    on_change=move |on| map.shows_density.set(on)
                    test_id="map-density-on"
                    help=glossary::AGGREGATE_POSTERIOR
                >
                    "Compare the aggregate posterior with the prior"
                </Checkbox>
                <Show when=move || map.shows_density.get()>
                    <p class="density-legend">
                        <span class="more"></span>
                        "light: more " {move || kind.get().many()} " than under the prior "
                        <span class="less"></span>
                        "hatched: fewer, so samples from here rarely look like " {move || kind.get().many()}
                    </p>
                </Show>
            </Show>
            <p class="map-status" role="status" data-testid="map-status">
                {move || {
                    let (done, all) = progress.get();
                    if is_loading() {
                        "Loading…".to_owned()
                    } else if all == 0 {
                        String::new()
                    } else {
                        format!("{done} of {all} {} encoded", kind.get().many())
                    }
                }}
            </p>
            <Alert message=map.error />
            <Legend />
        </section>
    }
}
