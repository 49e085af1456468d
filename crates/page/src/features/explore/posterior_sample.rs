//! A sample from q(z|x) by the reparameterization z = μ + σ⊙ε, as a table.

use crate::features::encode::follow_mean::slider_mean;
use crate::latent::posterior::Posterior;
use crate::latent::{clamp_latent, gaussian, round_to_step, slider_percent};
use crate::number::format;
use crate::state::engine_view::{Encoded, EngineView};
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

/// The table of z, μ, σ and ε, with buttons to set ε.
#[component]
pub(crate) fn PosteriorSample() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    // Kept when the input is cleared, so that the hidden table keeps its size.
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
            .zip(gaussian::sample_prior(posterior.len()))
            .map(|(q, epsilon)| round_to_step(clamp_latent(q.reparameterize(epsilon))))
            .collect();
        latent.set(z, event.time_stamp());
    };
    let to_mean = move |event: ev::MouseEvent| {
        let mu: Vec<f32> = posterior.get_untracked().iter().map(|q| q.mu).collect();
        latent.set(slider_mean(&mu), event.time_stamp());
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
                        <th scope="col" class="interval-head">
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
                <Button test_id="resample" on_click=resample>
                    "Resample "
                    <i>"ε"</i>
                </Button>
                <Button test_id="to-mean" on_click=to_mean>
                    "Set "
                    <i>"z"</i>
                    " = "
                    <i>"μ"</i>
                </Button>
            </div>
        </div>
    }
}

/// One dimension.
#[component]
fn Row(posterior: Memo<Vec<Posterior>>, latent: LatentVector, index: usize) -> impl IntoView {
    let q = Memo::new(move |_| posterior.with(|all| all.get(index).copied()));
    let cell = move |quantity: fn(Posterior, f32) -> f32| {
        move || {
            q.get()
                .map(|q| format::latent(quantity(q, latent.value(index))))
        }
    };
    let intervals = move || {
        q.get().map(|Posterior { mu, sigma }| {
            let band = |sigmas: f32| {
                let (from, to) = (
                    slider_percent(mu - sigmas * sigma),
                    slider_percent(mu + sigmas * sigma),
                );
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
            <td>{cell(|_, z| z)}</td>
            <td>{cell(|q, _| q.mu)}</td>
            <td>{cell(|q, _| q.sigma)}</td>
            <td>{cell(Posterior::epsilon)}</td>
            <td>{cell(|q, _| q.kl_from_prior())}</td>
            <td>
                <svg class="spread" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
                    <path class="zero" d="M50 0V12" />
                    {intervals}
                    <path class="here" d=move || format!("M{:.2} 0V12", slider_percent(latent.value(index))) />
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
