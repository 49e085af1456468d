//! Which dimensions are of use over many digits, and how near the aggregate posterior is to the prior.
pub(crate) mod active_units;

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::state::{LatentMapState, PointSource};
use crate::latent;
use crate::number::format::{grouped, nats};
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use active_units::{Unit, UnitsSnapshot, units};
use leptos::prelude::*;
use std::sync::Arc;

/// KL and spread of each dimension over 10,000 digits.
#[component]
pub(crate) fn PosteriorCollapse() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let engine = expect_context::<EngineView>();
    let kept = expect_context::<EvidenceState>().units_snapshot;
    let count = Memo::new(move |_| map.points.with(|points| points.means_by_image().len()));
    let complete = Memo::new(move |_| {
        map.points
            .with(|points| points.is_complete() && count.get() > 1)
    });
    let all = Memo::new(move |_| {
        if complete.get() {
            map.points.with(units)
        } else {
            Vec::new()
        }
    });
    let active =
        Memo::new(move |_| all.with(|all| all.iter().filter(|unit| unit.is_active()).count()));
    let keep = move || {
        let name = engine
            .model
            .with_untracked(|model| model.as_ref().map(|model| model.name.clone()));
        let units = all.with_untracked(|all| UnitsSnapshot::of(name.unwrap_or_default(), all));
        kept.set(Some(Arc::new(units)));
    };
    let rows = move || {
        let mut rows: Vec<(usize, Unit)> = all.get().into_iter().enumerate().collect();
        rows.sort_by(|a, b| b.1.kl.total_cmp(&a.1.kl));
        let kept = kept.get();
        let ranked = kept.as_ref().map_or(&[][..], |kept| &kept.ranked);
        let firsts = rows.first().map(|(_, unit)| unit.kl);
        let most = firsts
            .into_iter()
            .chain(ranked.first().map(|unit| unit.kl))
            .fold(1e-9, f64::max);
        // Which dimension is which another model does not know: the nth largest stands beside the nth.
        let before = |rank: usize| {
            let share = 100.0 * ranked.get(rank)?.kl / most;
            Some(view! { <span class="kl-before" style=format!("left: {share:.2}%")></span> })
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
                                <span class="kl-part" style=format!("width: {:.2}%", 100.0 * unit.kl / most)></span>
                                {before(rank)}
                            </span>
                            {nats(unit.kl)}
                        </td>
                        <td>{nats(unit.spread)}</td>
                        <td>{nats(mean)}</td>
                        <td>{nats(variance)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <Card title="PosteriorCollapse" source="Burda et al. 2015">
            <Show
                when=move || complete.get()
                fallback=move || {
                    view! {
                        <p class="card-note">
                            "Over many digits it shows which dimensions of z the decoder listens to. The encoder takes \
                             some seconds for 10,000 of them."
                        </p>
                        <div class="card-buttons">
                            <button
                                type="button"
                                data-testid="collapse-encode"
                                disabled=move || map.source.get() != PointSource::None
                                on:click=move |_| map.source.set(PointSource::Mnist)
                            >
                                "Encode 10,000 digits"
                            </button>
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
                    " over " {move || grouped(count.get())} " digits; KL in all: "
                    {move || nats(all.with(|all| all.iter().map(|unit| unit.kl).sum()))} " nats a digit."
                </p>
                <div class="units" tabindex="0">
                    <table class="likelihoods">
                        <thead>
                            <tr>
                                <th scope="col"></th>
                                <th scope="col">"KL, nats"</th>
                                <th scope="col">"variance of μ"</th>
                                <th scope="col">"mean and"</th>
                                <th scope="col">
                                    "variance of the " <Tooltip text=glossary::AGGREGATE_POSTERIOR>"aggregate"</Tooltip>
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {move || kept.get().map(|kept| view! { <Before kept /> })}
                <p class="card-note">
                    "The prior has mean 0 and variance 1. Keep this, train a model with a larger β, and come back: KL \
                     falls, and dimension after dimension goes to sleep."
                </p>
                <div class="card-buttons">
                    <button type="button" data-testid="collapse-keep" on:click=move |_| keep()>
                        "Keep as “before”"
                    </button>
                    <Show when=move || kept.with(Option::is_some)>
                        <button type="button" data-testid="collapse-drop" on:click=move |_| kept.set(None)>
                            "Forget “before”"
                        </button>
                    </Show>
                </div>
            </Show>
        </Card>
    }
}

/// What was kept, in a sentence.
#[component]
fn Before(kept: Arc<UnitsSnapshot>) -> impl IntoView {
    view! {
        <p class="card-note" data-testid="collapse-before">
            <span class="before-swatch"></span>
            {format!(
                " Before ({}): {} of {} dimensions were active, KL in all {} nats a digit.",
                kept.model,
                kept.active(),
                kept.ranked.len(),
                nats(kept.kl()),
            )}
        </p>
    }
}
