//! Which dimensions are of use over many digits, and how near the aggregate posterior is to the prior.

use super::{
    nats::{grouped, nats},
    room::Room,
};
use crate::{
    evidence::{Unit, units},
    latent,
    state::{MapView, PointSource},
    term::{Term, explain},
};
use leptos::prelude::*;

/// KL and spread of each dimension over 10,000 digits.
#[component]
pub(super) fn Collapse() -> impl IntoView {
    let map = expect_context::<MapView>();
    let count = Memo::new(move |_| map.points.with(|points| points.each().len()));
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
    let rows = move || {
        let mut rows: Vec<(usize, Unit)> = all.get().into_iter().enumerate().collect();
        rows.sort_by(|a, b| b.1.kl.total_cmp(&a.1.kl));
        let most = rows.first().map_or(1.0, |(_, unit)| unit.kl.max(1e-9));
        rows.into_iter()
            .map(|(index, unit)| {
                let [mean, variance] = unit.aggregate;
                view! {
                    <tr class:collapsed=!unit.is_active()>
                        <th scope="row">{latent::symbol(index)}</th>
                        <td>
                            <span class="kl-track">
                                <span class="kl-part" style=format!("width: {:.2}%", 100.0 * unit.kl / most)></span>
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
        <Room title="Collapse" source="Burda et al. 2015">
            <Show
                when=move || complete.get()
                fallback=move || {
                    view! {
                        <p class="room-note">
                            "Over many digits it shows which dimensions of z the decoder listens to. The encoder takes \
                             some seconds for 10,000 of them."
                        </p>
                        <div class="room-buttons">
                            <button
                                type="button"
                                data-testid="collapse-encode"
                                disabled=move || map.source.get() != PointSource::Nobody
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
                <p class="room-note">
                    <b data-testid="active-units">{move || active.get()}</b>
                    " of " {move || all.with(Vec::len)} " dimensions are "
                    <Term tip=explain::ACTIVE>"active"</Term>
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
                                    "variance of the " <Term tip=explain::AGGREGATE>"aggregate"</Term>
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="room-note">
                    "The prior has mean 0 and variance 1. Train a model with a larger β and come back: KL falls, and \
                     dimension after dimension goes to sleep."
                </p>
            </Show>
        </Room>
    }
}
