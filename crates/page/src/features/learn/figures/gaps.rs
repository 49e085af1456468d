//! Three gaps side by side: the reader's, the best Gaussian's, the encoder's.

use crate::features::learn::gaussian_search::best::{best_gaussian, elbo_of};
use crate::features::learn::gaussian_search::gaussian::Gaussian;
use crate::features::learn::live::LiveValues;
use crate::features::learn::probe::Probe;
use crate::features::learn::state::LearnState;
use crate::number::format::{fixed, nats};
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// A q with its ELBO.
type Scored = Option<Result<(Gaussian, f64), String>>;

/// The figure.
#[component]
pub(crate) fn Gaps() -> impl IntoView {
    let probe = Probe::new();
    let learn = expect_context::<LearnState>();
    let live = expect_context::<LiveValues>();
    let [reader, best] = [(); 2].map(|()| RwSignal::new(None::<Result<(Gaussian, f64), String>>));
    let searching = RwSignal::new(false);
    Effect::new(move |_| {
        probe.view.generation.track();
        let encoded = probe.view.encoded.get();
        let q = learn.guess.get();
        reader.set(None);
        best.set(None);
        if encoded.is_some() {
            spawn_local(async move {
                let found = match probe.two_d() {
                    Ok(()) => elbo_of(probe, q).await.map(|elbo| (q, elbo)),
                    Err(error) => Err(error),
                };
                if is_current(probe, encoded.as_ref()) {
                    reader.try_set(Some(found));
                }
            });
        }
    });
    let search = move |_| {
        searching.set(true);
        let encoded = probe.view.encoded.get_untracked();
        spawn_local(async move {
            let found = best_gaussian(probe).await;
            searching.try_set(false);
            if is_current(probe, encoded.as_ref()) {
                best.try_set(Some(found));
            }
        });
    };
    let encoder = Memo::new(move |_| Some(Ok((live.encoder()?, live.elbo()?))));
    let gap_of = move |scored: Scored| match scored {
        Some(Ok((_, elbo))) => live.log_px().map(|log_px| (log_px - elbo).max(0.0)),
        _ => None,
    };
    let gaps = Memo::new(move |_| [reader.get(), best.get(), encoder.get()].map(gap_of));
    let largest = Memo::new(move |_| gaps.get().into_iter().flatten().fold(1e-3, f64::max));
    let row = move |index: usize, name: &'static str, test_id: &'static str, scored: Getter| {
        let gap = move || gaps.get()[index];
        // Gaps differ by factors.
        let width = move || {
            gap().map_or(0.0, |gap| {
                100.0 * (1.0 + 100.0 * gap).ln() / (1.0 + 100.0 * largest.get()).ln()
            })
        };
        let q = move || match scored() {
            Some(Ok((q, _))) => format!(
                "μ = ({}, {}), σ = ({}, {})",
                fixed(q.mu[0], 2),
                fixed(q.mu[1], 2),
                fixed(q.sigma[0], 3),
                fixed(q.sigma[1], 3)
            ),
            Some(Err(error)) => error,
            None => String::new(),
        };
        view! {
            <div class="gap-row">
                <span class="gap-name">{name}</span>
                <span class="gap-bar" aria-hidden="true">
                    <span style:width=move || format!("{:.1}%", width())></span>
                </span>
                <b data-testid=test_id>{move || gap().map_or_else(|| "?".to_owned(), |gap| nats(gap) + " nats")}</b>
                <small>{q}</small>
            </div>
        }
    };
    view! {
        <div class="gaps">
            {row(0, "yours", "learn-gap-reader", Box::new(move || reader.get()))}
            {row(1, "best Gaussian", "learn-gap-best", Box::new(move || best.get()))}
            {row(2, "encoder", "learn-gap-encoder", Box::new(move || encoder.get()))}
        </div>
        <p class="flow-note">"The bars are logarithmic."</p>
        <div class="card-buttons">
            <Button
                kind=ButtonKind::Primary
                test_id="learn-find-best"
                disabled=move || searching.get() || live.log_px().is_none()
                on_click=search
            >
                {move || if searching.get() { "Searching…" } else { "Find the best Gaussian" }}
            </Button>
        </div>
    }
}

/// Reads a q with its ELBO.
type Getter = Box<dyn Fn() -> Scored + Send + Sync>;

fn is_current(probe: Probe, encoded: Option<&Arc<crate::state::engine_view::Encoded>>) -> bool {
    let newest = probe.view.encoded.try_get_untracked().flatten();
    match (encoded, newest) {
        (Some(encoded), Some(newest)) => Arc::ptr_eq(encoded, &newest),
        _ => false,
    }
}
