//! The run in numbers: how it stands, how far it is, how fast it goes.

use crate::client::training::run_supervisor::Status;
use crate::features::train::state::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// The numbers and the bar.
#[component]
pub(crate) fn Figures() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let status = Memo::new(move |_| view.status.get());
    let step = Memo::new(move |_| view.step());
    let loss = Memo::new(move |_| view.newest_neg_elbo());
    let text = move || {
        loss.get()
            .map_or_else(|| "–".to_owned(), |(nats, _)| format!("{nats:.2}"))
    };
    let share = Memo::new(move |_| {
        view.progress
            .with(|progress| progress.as_ref().map_or(0.0, |progress| progress.share))
    });
    let per_cent = move || format!("{:.0}", share.get() * 100.0);
    view! {
        <section class="figures" aria-label="The run in numbers">
            <p class="figures-head">
                <span class="status" data-status=move || status.get().name()>
                    <span data-testid="train-status">{move || status.get().name()}</span>
                </span>
                <span>
                    "step " <b data-testid="train-step">{move || step.get().to_string()}</b>
                </span>
                <span>
                    <Tooltip text=glossary::NEGATIVE_ELBO>"−ELBO"</Tooltip>
                    " "
                    <b data-testid="train-loss">{text}</b>
                    " nats"
                    <span class="figures-note">
                        {move || match loss.get() {
                            None => "",
                            Some((_, true)) => " held out",
                            Some((_, false)) => " training",
                        }}
                    </span>
                </span>
            </p>
            <div
                class="bar"
                role="progressbar"
                aria-label="Share of the run that is done"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=per_cent
            >
                <span style=move || format!("width: {}%", per_cent())></span>
            </div>
            <Speed />
        </section>
    }
}

/// How fast it goes and how long it takes.
#[component]
fn Speed() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let facts = move || {
        view.facts.get().map(|facts| {
            let held_out = match facts.held_out_images {
                0 => "none held out".to_owned(),
                count => format!("{count} held out"),
            };
            let workers = match facts.workers {
                2 => ", two workers",
                _ => "",
            };
            format!(
                "“{}” on {}{workers}: {} digits to train on, {held_out}.",
                facts.name, facts.backend, facts.training_images
            )
        })
    };
    let numbers = move || {
        view.progress.get().map(|progress| {
            let running = view.status.get() == Status::Running;
            let mut parts = vec![format!("{:.0} % done", progress.share * 100.0)];
            if running {
                parts.push(format!("{} steps/s", short(progress.steps_per_second)));
                parts.push(format!("{} digits/s", short(progress.images_per_second)));
            }
            match seconds_left(progress.share, progress.seconds) {
                Some(left) if running && !view.slow.get() => {
                    parts.push(format!("{} left", duration(left)));
                }
                _ => parts.push(format!("{} of training", duration(progress.seconds))),
            }
            if progress.heap_bytes > 0 {
                parts.push(format!("{:.0} MB", progress.heap_bytes as f64 / 1e6));
            }
            parts.join(" · ")
        })
    };
    view! {
        <p class="figures-speed">
            {move || view.waiting_for.get().or_else(numbers)}
        </p>
        <p class="figures-speed" data-testid="train-facts">
            {facts}
        </p>
    }
}

/// Two digits that matter: "0.52", "5.2", "52", "5200".
fn short(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// How long the rest takes if it goes on as it went; nothing is said of a run that has hardly
/// begun.
fn seconds_left(share: f64, seconds: f64) -> Option<f64> {
    (share > 0.02 && share < 1.0).then(|| seconds * (1.0 - share) / share)
}

/// "42 s", "3 min 5 s", "2 h 10 min".
fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_are_short() {
        assert_eq!(duration(41.6), "42 s");
        assert_eq!(duration(185.0), "3 min 5 s");
        assert_eq!(duration(7800.0), "2 h 10 min");
        assert_eq!(short(0.523), "0.52");
        assert_eq!(short(5200.4), "5200");
        assert_eq!(seconds_left(0.25, 10.0), Some(30.0));
        assert_eq!(seconds_left(0.0, 0.1), None);
    }
}
