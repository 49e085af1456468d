//! z = μ + σ⊙ε, number by number.

use crate::features::encode::follow_mean::place;
use crate::latent::posterior::Posterior;
use crate::latent::{gaussian, held, percent, to_step};
use crate::number::format;
use crate::state::engine_view::{Encoded, EngineView};
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

/// The table, and the buttons that choose ε.
#[component]
pub(crate) fn Arithmetic() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    // What was cleared keeps its place, unseen.
    let posterior = Memo::new(move |before: Option<&Vec<Posterior>>| {
        view.encoded.with(|encoded| match encoded.as_deref() {
            Some(encoded) => dimensions(encoded),
            None => before.cloned().unwrap_or_default(),
        })
    });
    let resample = move |event: ev::MouseEvent| {
        let posterior = posterior.get_untracked();
        let z = posterior
            .iter()
            .zip(gaussian::draw(posterior.len()))
            .map(|(q, epsilon)| to_step(held(q.reparameterize(epsilon))))
            .collect();
        latent.choose(z, event.time_stamp());
    };
    let to_mean = move |event: ev::MouseEvent| {
        let mu: Vec<f32> = posterior.get_untracked().iter().map(|q| q.mu).collect();
        latent.choose(place(&mu), event.time_stamp());
    };
    let total = move || {
        let kl: f32 = posterior
            .get()
            .into_iter()
            .map(Posterior::kl_from_prior)
            .sum();
        format!("{kl:.2} nats")
    };
    let count = Memo::new(move |_| posterior.get().len());
    view! {
        <div class="arithmetic">
            <p class="encode-status" role="status" data-testid="encode-status">
                <Tooltip text=glossary::KL>"KL(q(z|x) ‖ p(z))"</Tooltip>
                " = "
                <b>{total}</b>
            </p>
            <table>
                <thead>
                    <tr>
                        <th scope="col"></th>
                        <th scope="col">
                            <i>"z"</i>
                        </th>
                        <th scope="col">
                            "= "
                            <Tooltip text=glossary::POSTERIOR_MEAN>
                                <i>"μ"</i>
                            </Tooltip>
                        </th>
                        <th scope="col">
                            "+ "
                            <Tooltip text=glossary::POSTERIOR_SIGMA>
                                <i>"σ"</i>
                            </Tooltip>
                        </th>
                        <th scope="col">
                            "⊙ "
                            <Tooltip text=glossary::EPSILON>
                                <i>"ε"</i>
                            </Tooltip>
                        </th>
                        <th scope="col">"nats"</th>
                        <th scope="col" class="spread-head">
                            <i>"q"</i>
                            "("
                            <i>"z"</i>
                            "|"
                            <i>"x"</i>
                            ")"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || 0..count.get()
                        key=|index| *index
                        children=move |index| view! { <Row posterior latent index /> }
                    />
                </tbody>
            </table>
            <div class="arithmetic-buttons">
                <button type="button" data-testid="resample" on:click=resample>
                    "Resample "
                    <i>"ε"</i>
                </button>
                <button type="button" data-testid="to-mean" on:click=to_mean>
                    "Back to "
                    <i>"μ"</i>
                </button>
            </div>
        </div>
    }
}

/// One dimension.
#[component]
fn Row(posterior: Memo<Vec<Posterior>>, latent: LatentVector, index: usize) -> impl IntoView {
    let q = Memo::new(move |_| posterior.with(|all| all.get(index).copied()));
    let part = move |number: fn(Posterior, f32) -> f32| {
        move || {
            q.get()
                .map(|q| format::latent(number(q, latent.value(index))))
        }
    };
    let spread = move || {
        q.get().map(|Posterior { mu, sigma }| {
            let band = |sigmas: f32| {
                let (from, to) = (percent(mu - sigmas * sigma), percent(mu + sigmas * sigma));
                view! { <rect x=from.to_string() width=(to - from).to_string() y="2" height="8" /> }
            };
            view! {
                <g>{band(2.0)} {band(1.0)}</g>
            }
        })
    };
    view! {
        <tr>
            <th scope="row">
                <i>"z"</i>
                <sub>{index + 1}</sub>
            </th>
            <td>{part(|_, z| z)}</td>
            <td>{part(|q, _| q.mu)}</td>
            <td>{part(|q, _| q.sigma)}</td>
            <td>{part(Posterior::epsilon)}</td>
            <td>{part(|q, _| q.kl_from_prior())}</td>
            <td>
                <svg class="spread" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
                    <path class="zero" d="M50 0V12" />
                    {spread}
                    <path class="here" d=move || format!("M{:.2} 0V12", percent(latent.value(index))) />
                </svg>
            </td>
        </tr>
    }
}

fn dimensions(encoded: &Encoded) -> Vec<Posterior> {
    encoded
        .mu
        .iter()
        .zip(&encoded.sigma)
        .map(|(&mu, &sigma)| Posterior { mu, sigma })
        .collect()
}
