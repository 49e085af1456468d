//! Posterior collapse: which latent dimensions are active, and how close the aggregate posterior is to the prior.
pub(crate) mod active_units;

use crate::features::dataset::image_set::ImageSet;
use crate::features::evidence::sections::Section;
use crate::features::evidence::sentences::announce;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::state::{LatentMapState, PointSource};
use crate::latent;
use crate::number::format::{grouped, nats};
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use active_units::{UnitsSnapshot, by_kl, units};
use leptos::prelude::*;
use std::sync::Arc;

/// KL, variance of μ and aggregate moments of each dimension, over 10,000 digits.
#[component]
pub(crate) fn PosteriorCollapse() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let engine = expect_context::<EngineView>();
    let own = expect_context::<ImageSet>();
    let EvidenceState {
        units_snapshot: snapshot,
        sentences,
        ..
    } = expect_context();
    let kind = Memo::new(move |_| engine.image_kind());
    let samples_text = move || match map.fitting_samples() {
        Some(set) => format!("{} {}", grouped(set.count()), set.images()),
        None => "your images".to_owned(),
    };
    let count = Memo::new(move |_| map.points.with(|points| points.means_by_image().len()));
    let is_complete = Memo::new(move |_| {
        map.points
            .with(|points| points.is_complete() && count.get() > 1)
    });
    let all = Memo::new(move |_| {
        if is_complete.get() {
            map.points.with(units)
        } else {
            Vec::new()
        }
    });
    let active =
        Memo::new(move |_| all.with(|all| all.iter().filter(|unit| unit.is_active()).count()));
    Effect::new(move |before: Option<bool>| {
        let done = is_complete.get();
        if done && before == Some(false) {
            let (active, size) = (active.get_untracked(), all.with_untracked(Vec::len));
            announce(
                sentences,
                format!("Images encoded: {active} of {size} dimensions are active."),
            );
        }
        done
    });
    let take_snapshot = move || {
        let name = engine
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let units = all.with_untracked(|all| UnitsSnapshot::new(name.unwrap_or_default(), all));
        snapshot.set(Some(Arc::new(units)));
    };
    let rows = move || {
        let rows = all.with(|all| by_kl(all));
        let snapshot = snapshot.get();
        let ranked = snapshot
            .as_ref()
            .map_or(&[][..], |snapshot| &snapshot.ranked);
        let largest = rows
            .first()
            .map(|(_, unit)| unit.kl)
            .into_iter()
            .chain(ranked.first().map(|unit| unit.kl))
            .fold(1e-9, f64::max);
        // Dimensions of different models do not correspond, so they are compared by rank.
        let before = |rank: usize| {
            let percent = 100.0 * ranked.get(rank)?.kl / largest;
            Some(view! { <span class="kl-snapshot" style:left=format!("{percent:.2}%")></span> })
        };
        rows.into_iter()
            .enumerate()
            .map(|(rank, (index, unit))| {
                let [mean, variance] = unit.aggregate;
                view! {
                    <tr class:collapsed=!unit.is_active()>
                        <th scope="row">{latent::symbol(index)}</th>
                        <td>
                            <span class="kl-track">
                                <span class="kl-part" style:width=format!("{:.2}%", 100.0 * unit.kl / largest)></span>
                                {before(rank)}
                            </span>
                            {nats(unit.kl)}
                        </td>
                        <td>{nats(unit.mean_variance)}</td>
                        <td>{nats(mean)}</td>
                        <td>{nats(variance)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <Card id=Section::COLLAPSE.id title="Posterior collapse" source="Burda et al. 2015">
            <Show
                when=move || is_complete.get()
                fallback=move || {
                    view! {
                        <p class="card-note">
                            "Statistics over many " {move || kind.get().many()}
                            " show which dimensions of z carry information. Encoding " {move || samples_text()}
                            " takes a few seconds."
                        </p>
                        <div class="card-buttons">
                            <Button
                                test_id="collapse-encode"
                                disabled=move || map.source.get() != PointSource::None || map.fitting_source(own).is_none()
                                on_click=move |_| map.show_images(own)
                            >
                                "Encode " {move || samples_text()}
                            </Button>
                            <span class="map-status" role="status">
                                {move || (count.get() > 0).then(|| format!("{} encoded", grouped(count.get())))}
                            </span>
                        </div>
                    }
                }
            >
                <p class="card-note">
                    <b data-testid="active-units">{move || active.get()}</b>
                    " of " {move || all.with(Vec::len)} " dimensions are "
                    <Tooltip text=glossary::ACTIVE_DIMENSION>"active"</Tooltip>
                    " over " {move || grouped(count.get())} " " {move || kind.get().many()} "; total KL: "
                    {move || nats(all.with(|all| all.iter().map(|unit| unit.kl).sum()))} " nats per " {move || kind.get().one()} "."
                </p>
                <div class="table-scroll" tabindex="0">
                    <table class="data-table">
                        <thead>
                            <tr>
                                <th scope="col"></th>
                                <th scope="col">"KL, nats"</th>
                                <th scope="col">"variance of μ"</th>
                                <th scope="col">
                                    <Tooltip text=glossary::AGGREGATE_POSTERIOR>"aggregate"</Tooltip> " mean"
                                </th>
                                <th scope="col">"aggregate variance"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {move || snapshot.get().map(|snapshot| view! { <Before snapshot /> })}
                <p class="card-note">
                    "The prior has mean 0 and variance 1. Save these numbers, train a model with a larger β, and \
                     compare: KL falls, and one dimension after another collapses."
                </p>
                <div class="card-buttons">
                    <Button test_id="collapse-keep" on_click=move |_| take_snapshot()>
                        "Save as “before”"
                    </Button>
                    <Show when=move || snapshot.with(Option::is_some)>
                        <Button test_id="collapse-drop" on_click=move |_| snapshot.set(None)>
                            "Discard “before”"
                        </Button>
                    </Show>
                </div>
            </Show>
        </Card>
    }
}

/// Summary of the snapshot.
#[component]
fn Before(snapshot: Arc<UnitsSnapshot>) -> impl IntoView {
    view! {
        <p class="card-note" data-testid="collapse-before">
            <span class="snapshot-swatch"></span>
            {format!(
                " Before ({}): {} of {} dimensions were active, total KL {} nats per image.",
                snapshot.model,
                snapshot.active(),
                snapshot.ranked.len(),
                nats(snapshot.kl()),
            )}
        </p>
    }
}
