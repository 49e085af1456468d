//! Sampling the true posterior by Markov chains.

use crate::features::evidence::mcmc::runner::{MOST_TRANSITIONS, McmcRunner};
use crate::features::evidence::mcmc::running_mean_chart::RunningMeanChart;
use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::number::format::{grouped, nats};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use protocol::McmcKernel;

/// Leaps of a Hamiltonian proposal.
const LEAPS: usize = 10;
/// The most dimensions in the table.
const ROWS: usize = 4;
/// The smallest and the largest log₁₀ of the step.
const EXPONENTS: [f64; 2] = [-3.0, 0.3];

/// The chain, its cost, and what it says of the means.
#[component]
pub(crate) fn Mcmc() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let engine = expect_context::<EngineView>();
    let z = expect_context::<LatentVector>();
    // log₁₀ of the step.
    let exponent = RwSignal::new(-1.0_f64);
    let hamiltonian = RwSignal::new(false);
    // A step that suits this digit, until somebody chooses another.
    let chosen = RwSignal::new(false);
    Effect::new(move |_| {
        let kind = hamiltonian.get();
        let suited = engine.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            suited_step(&encoded.sigma, kind)
        });
        if let Some(suited) = suited.filter(|_| !chosen.get()) {
            exponent.set(suited.log10().clamp(EXPONENTS[0], EXPONENTS[1]));
        }
    });
    let chains = McmcRunner::new(kind(false, 0.1));
    Effect::new(move |_| {
        chains
            .kind
            .set(kind(hamiltonian.get(), 10_f64.powf(exponent.get())));
    });
    let chain = evidence.chain;
    let begun = Memo::new(move |_| chain.with(|chain| chain.last().is_some()));
    let runs = evidence.chain_running;
    let over = Memo::new(move |_| chain.with(|chain| chain.count() >= MOST_TRANSITIONS));
    let choose = move |is_hamiltonian: bool| {
        chosen.set(false);
        hamiltonian.set(is_hamiltonian);
    };
    let cost = move || {
        chain.with(|chain| {
            let passes = chain.decodes + chain.gradients;
            let back = match chain.gradients {
                0 => String::new(),
                gradients => format!(" and {} back", grouped(gradients)),
            };
            (passes > 0).then(|| format!("{}{back}", grouped(chain.decodes)))
        })
    };
    let acceptance = move || {
        chain.with(|chain| {
            chain
                .acceptance()
                .map(|share| format!("{:.0} %", share * 100.0))
        })
    };
    view! {
        <Card title="Sampling the posterior" source="Notes, sections 1 and 10.2" equation=equations::METROPOLIS_ACCEPTANCE>
            <div class="card-buttons" role="group" aria-label="Kind of chain">
                <label class="check">
                    <input
                        type="radio"
                        name="chain-kind"
                        data-testid="chain-metropolis"
                        prop:checked=move || !hamiltonian.get()
                        on:change=move |_| choose(false)
                    />
                    <span><Tooltip text=glossary::METROPOLIS>"Metropolis"</Tooltip></span>
                </label>
                <label class="check">
                    <input
                        type="radio"
                        name="chain-kind"
                        data-testid="chain-hamiltonian"
                        prop:checked=move || hamiltonian.get()
                        on:change=move |_| choose(true)
                    />
                    <span><Tooltip text=glossary::HAMILTONIAN>"Hamiltonian"</Tooltip></span>
                </label>
                <label class="sigma-slider">
                    "step: " {move || format!("{:.3}", 10_f64.powf(exponent.get()))}
                    <input
                        type="range"
                        min=EXPONENTS[0].to_string()
                        max=EXPONENTS[1].to_string()
                        step="0.05"
                        data-testid="chain-step"
                        prop:value=move || exponent.get().to_string()
                        on:input=move |event| {
                            if let Ok(value) = event_target_value(&event).parse() {
                                chosen.set(true);
                                exponent.set(value);
                            }
                        }
                    />
                </label>
            </div>
            <div class="card-buttons">
                <button type="button" data-testid="chain-begin" on:click=move |_| chains.begin(z.z_untracked())>
                    "Begin at the z on the stage"
                </button>
                <button
                    type="button"
                    data-testid="chain-hold"
                    disabled=move || !begun.get() || over.get()
                    on:click=move |_| chains.go(!runs.get_untracked())
                >
                    {move || if runs.get() { "Hold" } else { "Go on" }}
                </button>
            </div>
            <Show when=move || begun.get()>
                <RunningMeanChart />
                <dl class="numbers">
                    <div>
                        <dt>"transitions"</dt>
                        <dd data-testid="chain-count">{move || chain.with(|chain| grouped(chain.count()))}</dd>
                    </div>
                    <div>
                        <dt>"accepted"</dt>
                        <dd data-testid="chain-acceptance">{acceptance}</dd>
                    </div>
                    <div>
                        <dt>"passes through the decoder"</dt>
                        <dd data-testid="chain-decodes">{cost}</dd>
                    </div>
                    <div>
                        <dt>"passes of the encoder for q(z|x)"</dt>
                        <dd>"1"</dd>
                    </div>
                </dl>
                <Means />
            </Show>
            <p class="card-note">
                "p(z|x) is known but for its constant, and a chain needs no more. But each digit wants a chain of its \
                 own, and each of its steps the decoder: that is the drawback for which the notes bring in an encoder. \
                 Move z away and begin there, and see how long the chain needs to find the digit."
            </p>
        </Card>
    }
}

/// A step that suits a posterior about as narrow as this q(z|x): a random walk's as long as the narrowest σ, the
/// leaps of a Hamiltonian's about a third of a period in all. Leaps of two σ or more go astray.
fn suited_step(sigma: &[f32], hamiltonian: bool) -> Option<f64> {
    let narrowest = sigma.iter().copied().min_by(f32::total_cmp)?;
    let share = if hamiltonian { 0.2 } else { 1.0 };
    Some(share * f64::from(narrowest).max(1e-4))
}

fn kind(hamiltonian: bool, step: f64) -> McmcKernel {
    if hamiltonian {
        McmcKernel::Hamiltonian {
            step,
            leapfrog_steps: LEAPS,
        }
    } else {
        McmcKernel::Metropolis { step }
    }
}

/// Means of the chain beside those of quadrature.
#[component]
fn Means() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let chain = evidence.chain;
    let exact = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.exact.as_ref().map(|exact| exact.mean))
    });
    let rows = move || {
        let chain = chain.get();
        let dimensions = chain.last().map_or(0, <[f32]>::len);
        (0..dimensions.min(ROWS))
            .map(|dimension| {
                let mean = chain.mean(dimension);
                let said = mean.map_or_else(
                    || "…".to_owned(),
                    |mean| three_places(mean.mean, mean.standard_error),
                );
                let time = mean.map(|mean| format!("{:.1}", mean.autocorrelation_time));
                let effective = mean.map(|mean| format!("{:.0}", mean.effective_sample_size));
                let exact = exact
                    .get()
                    .map(|mean| three_places(mean[dimension], f64::NAN));
                let geweke = chain.geweke(dimension).map(nats);
                view! {
                    <tr>
                        <th scope="row">{latent::symbol(dimension)}</th>
                        <td data-testid=format!("chain-mean-{dimension}")>{said}</td>
                        <td data-testid=format!("exact-mean-{dimension}")>
                            {exact.unwrap_or_else(|| "–".to_owned())}
                        </td>
                        <td>{time}</td>
                        <td>{effective}</td>
                        <td>{geweke}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="units" tabindex="0">
            <table class="likelihoods">
                <thead>
                    <tr>
                        <th scope="col"></th>
                        <th scope="col">"chain’s mean"</th>
                        <th scope="col">"by quadrature"</th>
                        <th scope="col">
                            <Tooltip text=glossary::AUTOCORRELATION_TIME>"autocorrelation time"</Tooltip>
                        </th>
                        <th scope="col">"effective samples"</th>
                        <th scope="col">
                            <Tooltip text=glossary::GEWEKE>"Geweke’s z"</Tooltip>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// "0.513 ± 0.004".
fn three_places(value: f64, error: f64) -> String {
    let text = if error.is_finite() {
        format!("{value:.3} ± {error:.3}")
    } else {
        format!("{value:.3}")
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_suit_the_narrowest_direction() {
        let sigma = [0.5, 0.02, 1.0];
        let step = |hamiltonian| suited_step(&sigma, hamiltonian).expect("three dimensions");
        assert!((step(false) - 0.02).abs() < 1e-6);
        assert!((step(true) - 0.004).abs() < 1e-6);
        assert_eq!(suited_step(&[], true), None);
    }
}
