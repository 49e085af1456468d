//! The run for screen readers: each change of how it stands, and how far it is now and then.

use crate::client::training::run_supervisor::Status;
use crate::dom;
use crate::features::train::state::TrainingView;
use leptos::prelude::*;

/// The least time between two reports while nothing changes but the numbers, in ms.
const PAUSE_MS: f64 = 15_000.0;

/// A polite live region.
#[component]
pub(crate) fn Speaker() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let text = RwSignal::new(String::new());
    let said_at = StoredValue::new(dom::now());
    Effect::new(move |before: Option<Status>| {
        let status = view.status.get();
        view.progress.track();
        let now = dom::now();
        let changed = before.is_some_and(|before| before != status);
        let due = status == Status::Running && now - said_at.get_value() > PAUSE_MS;
        if changed || due {
            said_at.set_value(now);
            text.set(untrack(|| report(view, status)));
        }
        status
    });
    view! {
        <p class="visually-hidden" aria-live="polite">
            {move || text.get()}
        </p>
    }
}

fn report(view: TrainingView, status: Status) -> String {
    let mut text = format!("Training: {}", status.name());
    if let Some(progress) = view.progress.get() {
        text.push_str(&format!(
            ", step {}, {:.0} per cent done",
            progress.step,
            progress.share * 100.0
        ));
    }
    if let Some(losses) = view.newest() {
        text.push_str(&format!(", minus ELBO {:.1} nats", losses.neg_elbo));
    }
    text
}
