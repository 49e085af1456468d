//! The run in numbers: status, step, loss, progress and speed.

use crate::number::format;
use crate::state::training::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use client::run_supervisor::RunStatus;
use leptos::prelude::*;

/// Status, step and loss, with the progress bar.
#[component]
pub(crate) fn RunStatusLine() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let status = Memo::new(move |_| view.status.get());
    let step = Memo::new(move |_| view.step());
    let loss = Memo::new(move |_| view.latest_neg_elbo());
    let text = move || {
        loss.get()
            .map_or_else(|| "–".to_owned(), |(nats, _)| format!("{nats:.2}"))
    };
    // Rounded down, because 100 means that the run is complete.
    let per_cent = Memo::new(move |_| format!("{:.0}", (view.fraction() * 100.0).floor()));
    let progress = Memo::new(move |_| view.progress_text());
    view! {
        <div
            class="bar"
            role="progressbar"
            aria-label="Progress of the run"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || per_cent.get()
            aria-valuetext=move || Some(progress.get()).filter(|text| !text.is_empty())
        >
            <span style:width=move || format!("{}%", per_cent.get())></span>
        </div>
        <p class="figures-head">
            <span class="status" data-status=move || status.get().name()>
                <span data-testid="train-status">{move || status.get().name()}</span>
            </span>
            <span data-testid="train-progress">{move || progress.get()}</span>
            <span>
                "step " <b data-testid="train-step">{move || step.get().to_string()}</b>
            </span>
            <span>
                <Tooltip text=glossary::NEGATIVE_ELBO>"−ELBO"</Tooltip>
                " "
                <b data-testid="train-loss">{text}</b>
                " nats"
                <span class="figures-note" data-testid="train-loss-source">
                    {move || loss.get().map(|(_, source)| format!(" {}", source.name()))}
                </span>
            </span>
        </p>
    }
}

/// Speed, remaining time, and the data of the run.
#[component]
pub(crate) fn RunDetails() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let info = move || {
        view.info.get().map(|info| {
            let held_out = match info.held_out_images {
                0 => "none held out, so the loss says nothing about new images".to_owned(),
                count => format!("{count} held out"),
            };
            let workers = match info.workers {
                2 => ", two workers",
                _ => "",
            };
            format!(
                "“{}” on {}{workers}: {} training images, {held_out}.",
                info.name, info.backend, info.training_images
            )
        })
    };
    let numbers = move || {
        view.progress.get().map(|progress| {
            let running = view.status.get() == RunStatus::Running;
            let mut parts = Vec::new();
            if running {
                parts.push(format!(
                    "{} steps/s",
                    format::rate(progress.steps_per_second)
                ));
                parts.push(format!(
                    "{} images/s",
                    format::rate(progress.images_per_second)
                ));
            }
            match remaining_seconds(progress.fraction, progress.seconds) {
                Some(left) if running && !view.slow.get() => {
                    parts.push(format!("{} left", format::duration(left)));
                }
                _ => parts.push(format!(
                    "{} of training",
                    format::duration(progress.seconds)
                )),
            }
            if progress.heap_bytes > 0 {
                parts.push(format!(
                    "{:.0} MB of memory",
                    progress.heap_bytes as f64 / 1e6
                ));
            }
            parts.join(" · ")
        })
    };
    view! {
        <p class="figures-speed">
            {move || view.waiting_for.get().or_else(numbers)}
        </p>
        <p class="figures-speed" data-testid="train-facts">
            {info}
        </p>
    }
}

/// The remaining time, extrapolated from the progress so far. None at the very beginning, where it would be a
/// guess.
fn remaining_seconds(share: f64, seconds: f64) -> Option<f64> {
    (share > 0.02 && share < 1.0).then(|| seconds * (1.0 - share) / share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remaining_seconds_extrapolates() {
        assert_eq!(remaining_seconds(0.25, 10.0), Some(30.0));
        assert_eq!(remaining_seconds(0.0, 0.1), None);
        assert_eq!(remaining_seconds(1.0, 10.0), None);
    }
}
