//! The run for screen readers: each change of the status, and the progress at intervals.

use crate::dom;
use crate::features::train::state::TrainingView;
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
        <p class="visually-hidden" aria-live="polite">
            {move || text.get()}
        </p>
    }
}

fn announcement(view: TrainingView, status: RunStatus) -> String {
    let mut text = format!("Training: {}", status.name());
    if let Some(progress) = view.progress.get() {
        text.push_str(&format!(
            ", step {}, {:.0} per cent done",
            progress.step,
            progress.fraction * 100.0
        ));
    }
    if let Some(losses) = view.latest_losses() {
        text.push_str(&format!(", minus ELBO {:.1} nats", losses.neg_elbo));
    }
    text
}
