//! The training run in one line, beside the tabs, whichever panel is open.

use crate::shell::tabs::tab::{OpenTab, Tab};
use crate::state::training::TrainingView;
use client::run_supervisor::RunStatus;
use leptos::prelude::*;

/// Status, progress and loss of a run, once there is one; a click opens Train.
#[component]
pub(crate) fn RunSummary() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let open_tab = expect_context::<OpenTab>();
    let status = Memo::new(move |_| view.status.get());
    let is_shown = Memo::new(move |_| status.get() != RunStatus::Idle);
    let figures = Memo::new(move |_| {
        let loss = view
            .latest_neg_elbo()
            .map(|(nats, _)| format!(" · −ELBO {nats:.1} nats"));
        format!("step {}{}", view.step(), loss.unwrap_or_default())
    });
    let word = Memo::new(move |_| view.status_word());
    let percent = Memo::new(move |_| (view.fraction() * 100.0).floor());
    view! {
        <Show when=move || is_shown.get()>
            <button
                type="button"
                class="run-summary"
                data-testid="run-summary"
                title="Open Train"
                on:click=move |_| open_tab.set(Some(Tab::Train))
            >
                <span class="status" data-status=move || status.get().name()>
                    <span class="visually-hidden">"Training: "</span>
                    {move || word.get()}
                </span>
                <span class="run-figures">{move || figures.get()}</span>
                <span class="bar">
                    <span style:width=move || format!("{}%", percent.get())></span>
                </span>
            </button>
        </Show>
    }
}
