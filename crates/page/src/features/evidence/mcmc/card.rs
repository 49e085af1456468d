//! Samples the true posterior by Markov chain Monte Carlo.

use crate::features::evidence::mcmc::diagnosis::Diagnosis;
use crate::features::evidence::mcmc::fit_view::{keep_chains_in_view, positions, view_of};
use crate::features::evidence::mcmc::means_table::MeansTable;
use crate::features::evidence::mcmc::runner::{McmcRunner, max_transitions};
use crate::features::evidence::mcmc::running_mean_chart::RunningMeanChart;
use crate::features::evidence::sections::Section;
use crate::features::evidence::sentences::announce;
use crate::features::evidence::state::EvidenceState;
use crate::features::evidence::summary::compute_all::on_compute_all;
use crate::features::latent_map::state::LatentMapState;
use crate::latent::gaussian;
use crate::number::format::grouped;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::help::Help;
use crate::ui::slider::Slider;
use leptos::prelude::*;
use protocol::McmcKernel;
use std::sync::Arc;

/// Leapfrog steps of a Hamiltonian proposal.
const LEAPFROG_STEPS: usize = 10;
/// Range of log₁₀ of the step size.
const EXPONENTS: [f64; 2] = [-3.0, 0.3];
/// Number of chains that are compared.
const CHAINS: usize = 4;
/// Transitions between two diagnoses of running chains.
const DIAGNOSIS_INTERVAL: usize = 250;

/// Controls of the chains, their running means, diagnostics and cost.
#[component]
pub(crate) fn Mcmc() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let engine = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let map = expect_context::<LatentMapState>();
    keep_chains_in_view();
    diagnose(evidence);
    // log₁₀ of the step size.
    let exponent = RwSignal::new(-1.0_f64);
    let hamiltonian = RwSignal::new(false);
    // The step size is adapted to the image until the user sets it.
    let is_set_by_user = RwSignal::new(false);
    Effect::new(move |_| {
        let is_hamiltonian = hamiltonian.get();
        let suggested = engine.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            suggested_step(&encoded.sigma, is_hamiltonian)
        });
        if let Some(step) = suggested.filter(|_| !is_set_by_user.get()) {
            exponent.set(step.log10().clamp(EXPONENTS[0], EXPONENTS[1]));
        }
    });
    let runner = McmcRunner::new(kernel(false, 0.1));
    Effect::new(move |_| {
        runner
            .kernel
            .set(kernel(hamiltonian.get(), 10_f64.powf(exponent.get())));
    });
    let chains = evidence.chains;
    let has_chain = Memo::new(move |_| chains.with(|chains| chains.latent_size() > 0));
    let running = evidence.chain_running;
    let is_complete =
        Memo::new(move |_| chains.with(|chains| chains.count() >= max_transitions(chains)));
    let choose = move |is_hamiltonian: bool| {
        is_set_by_user.set(false);
        hamiltonian.set(is_hamiltonian);
    };
    let start_several = move || {
        let size = latent.z_untracked().len();
        let starts = gaussian::sample_prior(CHAINS * size);
        runner.start(starts.chunks_exact(size).map(<[f32]>::to_vec).collect());
    };
    on_compute_all(move || {
        if !running.get_untracked() {
            start_several();
        }
    });
    let fit_view = move || {
        let view = map.slice.with_untracked(|slice| {
            chains.with_untracked(|chains| view_of(positions(chains.all(), slice)))
        });
        if let Some(view) = view {
            map.viewport.set(view);
        }
    };
    let cost = move || match chains.with(|chains| chains.cost()) {
        (0, 0) => None,
        (decodes, 0) => Some(grouped(decodes)),
        (decodes, gradients) => Some(format!(
            "{} forward, {} backward",
            grouped(decodes),
            grouped(gradients)
        )),
    };
    let acceptance = move || {
        let share = chains.with(|chains| chains.acceptance());
        share.map(|share| format!("{:.0} %", share * 100.0))
    };
    let transitions = move || {
        chains.with(|chains| match chains.all().len() {
            0 | 1 => grouped(chains.count()),
            count => format!("{} in each of {count} chains", grouped(chains.count())),
        })
    };
    let verdict = move || {
        let diagnosis = evidence.diagnosis.get()?;
        let verdict = diagnosis.verdict.as_ref()?;
        let class = match verdict.is_good {
            Some(true) => "verdict good",
            Some(false) => "verdict bad",
            None => "verdict",
        };
        Some(view! {
            <p class=class data-testid="chain-verdict">
                {verdict.text.clone()}
            </p>
        })
    };
    view! {
        <Card id=Section::MCMC.id title="Sampling the posterior" source="Notes, sections 1 and 10.2" equation=equations::METROPOLIS_ACCEPTANCE>
            <div class="card-buttons" role="group" aria-label="Transition kernel">
                <span class="choice">
                    <label class="check">
                        <input
                            type="radio"
                            name="chain-kind"
                            data-testid="chain-metropolis"
                            prop:checked=move || !hamiltonian.get()
                            on:change=move |_| choose(false)
                        />
                        <span id="chain-metropolis-label">"Metropolis"</span>
                    </label>
                    <Help text=glossary::METROPOLIS about="chain-metropolis-label" />
                </span>
                <span class="choice">
                    <label class="check">
                        <input
                            type="radio"
                            name="chain-kind"
                            data-testid="chain-hamiltonian"
                            prop:checked=move || hamiltonian.get()
                            on:change=move |_| choose(true)
                        />
                        <span id="chain-hamiltonian-label">"Hamiltonian"</span>
                    </label>
                    <Help text=glossary::HAMILTONIAN about="chain-hamiltonian-label" />
                </span>
                <label class="labelled-slider">
                    "step size: " {move || format!("{:.3}", 10_f64.powf(exponent.get()))}
                    <Slider
                        min=EXPONENTS[0]
                        max=EXPONENTS[1]
                        step=0.05
                        test_id="chain-step"
                        value=exponent
                        on_input=move |(value, _)| {
                            is_set_by_user.set(true);
                            exponent.set(value);
                        }
                    />
                </label>
            </div>
            <div class="card-buttons">
                <Button test_id="chain-begin" on_click=move |_| runner.start(vec![latent.z_untracked()])>
                    "Start at the current z"
                </Button>
                <Button test_id="chain-begin-several" on_click=move |_| start_several()>
                    "Start four chains from the prior"
                </Button>
                <Button
                    test_id="chain-hold"
                    disabled=move || !has_chain.get() || is_complete.get()
                    on_click=move |_| runner.set_running(!running.get_untracked())
                >
                    {move || if running.get() { "Pause" } else { "Resume" }}
                </Button>
                <Button test_id="chain-fit" disabled=move || !has_chain.get() on_click=move |_| fit_view()>
                    "Fit the map to the chains"
                </Button>
            </div>
            <Show when=move || has_chain.get()>
                {verdict}
                <RunningMeanChart />
                <dl class="numbers">
                    <div>
                        <dt>"transitions"</dt>
                        <dd data-testid="chain-count">{transitions}</dd>
                    </div>
                    <div>
                        <dt>"accepted"</dt>
                        <dd data-testid="chain-acceptance">{acceptance}</dd>
                    </div>
                    <div>
                        <dt>"decoder evaluations"</dt>
                        <dd data-testid="chain-decodes">{cost}</dd>
                    </div>
                    <div>
                        <dt>"encoder evaluations for q(z|x)"</dt>
                        <dd>"1"</dd>
                    </div>
                </dl>
                <MeansTable />
            </Show>
            <p class="card-note">
                "p(z|x) is known up to a constant, which is all a chain needs; but every image needs its own \
                 chain, and every step a decoder evaluation. That is why the notes introduce an \
                 encoder. Move z far away, start the chain there, and see how long it takes to \
                 reach the image. A chain does not notice a mode that it never visits; several \
                 chains from different starts can."
            </p>
        </Card>
    }
}

/// Keeps the diagnosis up to date: at intervals while the chains run, and when they stop, which is announced.
fn diagnose(evidence: EvidenceState) {
    let exact = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.exact.clone()));
    Effect::new(move |before: Option<(usize, bool)>| {
        let chains = evidence.chains.get();
        let exact = exact.get();
        let is_running = evidence.chain_running.get();
        let count = chains.count();
        let (before, was_running) = before.unwrap_or((0, false));
        let is_due = count < before || count >= before + DIAGNOSIS_INTERVAL;
        if is_running && !is_due && count > 0 {
            return (before, true);
        }
        let diagnosis = Diagnosis::new(&chains, exact.as_deref()).map(Arc::new);
        if was_running && !is_running && count > 0 {
            let verdict = diagnosis
                .as_ref()
                .and_then(|diagnosis| diagnosis.verdict.as_ref())
                .map(|verdict| verdict.text.as_str());
            announce(
                evidence.sentences,
                format!(
                    "Markov chain stopped after {} transitions. {}",
                    grouped(count),
                    verdict.unwrap_or_default()
                ),
            );
        }
        evidence.diagnosis.set(diagnosis);
        (count, is_running)
    });
}

/// A step size for a posterior about as narrow as q(z|x). For a random walk it is the smallest σ; for Hamiltonian
/// Monte Carlo all leapfrog steps make about a third of a period. Leapfrog integration is unstable from 2σ on.
fn suggested_step(sigma: &[f32], hamiltonian: bool) -> Option<f64> {
    let smallest = sigma.iter().copied().min_by(f32::total_cmp)?;
    let factor = if hamiltonian { 0.2 } else { 1.0 };
    Some(factor * f64::from(smallest).max(1e-4))
}

fn kernel(hamiltonian: bool, step: f64) -> McmcKernel {
    if hamiltonian {
        McmcKernel::Hamiltonian {
            step,
            leapfrog_steps: LEAPFROG_STEPS,
        }
    } else {
        McmcKernel::Metropolis { step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggested_step_follows_the_smallest_sigma() {
        let sigma = [0.5, 0.02, 1.0];
        let step = |hamiltonian| suggested_step(&sigma, hamiltonian).expect("three dimensions");
        assert!((step(false) - 0.02).abs() < 1e-6);
        assert!((step(true) - 0.004).abs() < 1e-6);
        assert_eq!(suggested_step(&[], true), None);
    }
}
