//! The run for screen readers: each change of the status, and the progress at intervals.

use crate::dom;
use crate::state::training::TrainingView;
use client::run_supervisor::RunStatus;
use leptos::prelude::*;

/// The shortest time between two announcements of progress, in ms.
const INTERVAL_MS: f64 = 15_000.0;

/// A polite live region.
#[component]
pub(crate) fn ScreenReaderStatus() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let text = RwSignal::new(String::new());
    let announced_at = StoredValue::new(dom::now());
    Effect::new(move |before: Option<RunStatus>| {
        let status = view.status.get();
        view.progress.track();
        let now = dom::now();
        let changed = before.is_some_and(|before| before != status);
        let due = status == RunStatus::Running && now - announced_at.get_value() > INTERVAL_MS;
        if changed || due {
            announced_at.set_value(now);
            text.set(untrack(|| announcement(view, status)));
        }
        status
    });
    view! {
        <p class="visually-hidden" aria-live="polite" data-testid="train-announcement">
            {move || text.get()}
        </p>
    }
}

fn announcement(view: TrainingView, status: RunStatus) -> String {
    let progress = match view.progress_text() {
        text if text.is_empty() => status.name().to_owned(),
        text if status == RunStatus::Running => format!("{}, {text}", status.name()),
        text => text,
    };
    let mut text = format!("Training: {}", progress.replace(" %", " per cent"));
    if view.progress.with(Option::is_some) {
        text.push_str(&format!(", step {}", view.step()));
    }
    if let Some((nats, source)) = view.latest_neg_elbo() {
        text.push_str(&format!(", minus ELBO {nats:.1} nats {}", source.name()));
    }
    text
}
