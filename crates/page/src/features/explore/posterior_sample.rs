//! A sample from q(z|x) by the reparameterization z = μ + σ⊙ε, as a table.

use crate::features::encode::follow_mean::z_at_mean;
use crate::features::explore::posterior_inset::{PosteriorInset, posterior_viewport};
use crate::features::latent_map::state::LatentMapState;
use crate::latent::posterior::Posterior;
use crate::latent::{clamp_latent, gaussian, slider_percent};
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
    let map = expect_context::<LatentMapState>();
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
            .map(|(q, epsilon)| clamp_latent(q.reparameterize(epsilon)))
            .collect();
        latent.set(z, event.time_stamp());
    };
    let to_mean = move |event: ev::MouseEvent| {
        let mu: Vec<f32> = posterior.get_untracked().iter().map(|q| q.mu).collect();
        latent.set(z_at_mean(&mu), event.time_stamp());
    };
    let zoom = move |_| {
        if let Some(encoded) = view.encoded.get_untracked() {
            let viewport = map.slice.with_untracked(|slice| {
                (slice.size() == encoded.mu.len())
                    .then(|| posterior_viewport(slice, &encoded.mu, &encoded.sigma))
            });
            if let Some(viewport) = viewport {
                map.show(viewport);
            }
        }
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
            <div class="arithmetic-view">
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
                            <i>"μ"</i>
                            " ± 3"
                            <i>"σ"</i>
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
            <Show when=move || { count.get() > 1 }>
                <PosteriorInset />
            </Show>
            </div>
            <div class="arithmetic-buttons">
                <Button test_id="resample" on_click=resample>
                    "Resample "
                    <i>"ε"</i>
                </Button>
                <Show when=move || { count.get() > 1 }>
                    <Button test_id="zoom-to-posterior" on_click=zoom>
                        "Zoom to the posterior"
                    </Button>
                </Show>
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
    // Three decimals of z, μ and ε, and three significant digits of σ: the equation is right as it is displayed.
    let cell = move |quantity: fn(Posterior, f32) -> f32| {
        move || {
            q.get()
                .map(|q| format::fixed(quantity(q, latent.value(index)).into(), 3))
        }
    };
    // ε on a scale from −3 to 3, in percent.
    let end = move || {
        q.get()
            .map_or(50.0, |q| slider_percent(q.epsilon(latent.value(index))))
    };
    view! {
        <tr>
            <th scope="row">
                <i>"z"</i>
                <sub>{index + 1}</sub>
            </th>
            <td>{cell(|_, z| z)}</td>
            <td>{cell(|q, _| q.mu)}</td>
            <td>{move || q.get().map(|q| format::significant(q.sigma))}</td>
            <td>{cell(Posterior::epsilon)}</td>
            <td>{move || q.get().map(|q| format::latent(q.kl_from_prior()))}</td>
            <td>
                <svg class="spread" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
                    // One and two σ around μ.
                    <rect x="16.67" width="66.67" y="2" height="8" />
                    <rect x="33.33" width="33.33" y="2" height="8" />
                    <path class="zero" d="M50 0V12" />
                    <path class="step" d=move || format!("M50 6H{:.2}", end()) />
                    <path class="here" d=move || format!("M{:.2} 0V12", end()) />
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
