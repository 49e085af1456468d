//! Prior, likelihood and posterior on the plane, or on a part of it.

use super::heat::Heat;
use super::maps::{around, keep_maps};
use super::plane_square::PlaneSquare;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::live::LiveValues;
use crate::features::learn::probe::Probe;
use crate::number::format::nats;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use std::sync::Arc;

/// How much of the figure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Prior,
    Likelihood,
    Posterior,
}

/// The figure. Likelihood and posterior are shown on demand, because the place of either answers the question beside it.
#[component]
pub(crate) fn BayesPlane() -> impl IntoView {
    let probe = Probe::new();
    let live = expect_context::<LiveValues>();
    let evidence = expect_context::<EvidenceState>();
    let view = RwSignal::new(Viewport::HOME);
    let maps = keep_maps(probe, view);
    let shown = RwSignal::new(Shown::Prior);
    let shows = move |part: Shown| shown.get() >= part;
    let [prior, likelihood, posterior] = [(); 3].map(|()| RwSignal::new(None::<Arc<Heat>>));
    Effect::new(move |_| {
        if let Some(Ok(found)) = maps.get() {
            prior.set(Some(found.prior));
            likelihood.set(shows(Shown::Likelihood).then_some(found.likelihood));
            posterior.set(shows(Shown::Posterior).then_some(found.posterior));
        }
    });
    let exact = move || evidence.estimates.with(|estimates| estimates.exact.clone());
    let zoom_in = move |_| {
        if let Some(exact) = untrack(exact) {
            view.set(around(&exact));
        }
    };
    let text = move || match maps.get() {
        Some(Ok(_)) if shows(Shown::Posterior) => match live.log_px() {
            Some(log_px) => format!(
                "The integral of the product over the whole plane is p(x), with log p(x) = {} nats. Divided by it, the \
                 product is a distribution.",
                nats(log_px)
            ),
            None => "Integrating the product…".to_owned(),
        },
        Some(Ok(_)) if shows(Shown::Likelihood) => {
            "Predict the third picture, then press the button.".to_owned()
        }
        Some(Ok(_)) => "Answer the question first: the likelihood gives it away.".to_owned(),
        Some(Err(error)) => error,
        None => "Evaluating the likelihood at 4,096 points…".to_owned(),
    };
    let hidden = move |part: Shown| {
        (!shows(part)).then(|| {
            view! {
                <text class="square-question" x="0" y="0.5" text-anchor="middle">
                    "?"
                </text>
            }
        })
    };
    let is_computed = move || matches!(maps.get(), Some(Ok(_)));
    view! {
        <div class="three-planes" class:hides-posterior=move || !shows(Shown::Posterior)>
            <div>
                <p class="plane-title">"prior p(z)"</p>
                <PlaneSquare test_id="learn-prior" label="Heat map of the prior: a round hill at 0" view heat=prior colour="--accent">
                    <g></g>
                </PlaneSquare>
            </div>
            <div>
                <p class="plane-title">"likelihood p(x|z)"</p>
                <PlaneSquare
                    test_id="learn-likelihood"
                    label=move || match shows(Shown::Likelihood) {
                        true => "Heat map of the likelihood of your image, relative to its maximum".to_owned(),
                        false => "The likelihood, not shown yet".to_owned(),
                    }
                    view
                    heat=likelihood
                    colour="--series-kl"
                >
                    {move || hidden(Shown::Likelihood)}
                </PlaneSquare>
            </div>
            <div>
                <p class="plane-title">"posterior p(z|x)"</p>
                <PlaneSquare
                    test_id="learn-posterior"
                    label=move || match shows(Shown::Posterior) {
                        true => "Heat map of the posterior of your image, relative to its maximum".to_owned(),
                        false => "The posterior, not shown yet".to_owned(),
                    }
                    view
                    heat=posterior
                >
                    {move || hidden(Shown::Posterior)}
                </PlaneSquare>
            </div>
        </div>
        <div class="card-buttons">
            <Button
                kind=ButtonKind::Primary
                test_id="learn-show-likelihood"
                disabled=move || shows(Shown::Likelihood) || !is_computed()
                on_click=move |_| shown.set(Shown::Likelihood)
            >
                "Show the likelihood"
            </Button>
            <Button
                kind=ButtonKind::Primary
                test_id="learn-normalize"
                disabled=move || shows(Shown::Posterior) || !shows(Shown::Likelihood) || !is_computed()
                on_click=move |_| shown.set(Shown::Posterior)
            >
                "Multiply and normalize"
            </Button>
            <Button
                test_id="learn-zoom-posterior"
                disabled=move || !shows(Shown::Posterior) || exact().is_none()
                on_click=zoom_in
            >
                "Zoom in"
            </Button>
            <Button
                test_id="learn-whole-plane"
                disabled=move || !shows(Shown::Posterior)
                on_click=move |_| view.set(Viewport::HOME)
            >
                "Whole plane"
            </Button>
        </div>
        <p class="flow-note" role="status">{text}</p>
    }
}
