//! The buttons that start, pause, step and stop a run, and why a run did not start or failed.

use crate::features::dataset::image_set::ImageSet;
use crate::features::train::actions::TrainActions;
use crate::features::train::form::validate::dataset_error;
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::checkbox::Checkbox;
use client::run_supervisor::RunStatus;
use leptos::prelude::*;
use protocol::TrainingControl;

/// The buttons.
#[component]
pub(crate) fn RunButtons(
    /// Called when a run was started.
    on_start: Callback<()>,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    let dataset = expect_context::<ImageSet>();
    let status = Memo::new(move |_| view.status.get());
    let live = Memo::new(move |_| status.get().is_live());
    let idle = move || !live.get();
    let paused = Memo::new(move |_| status.get() == RunStatus::Paused);
    let start_error = RwSignal::new(None::<String>);
    // A change of the data set or of the settings may have removed the cause.
    Effect::new(move |_| {
        dataset.count();
        actions.form().track();
        start_error.set(None);
    });
    let start = move |_| {
        let started = actions.start();
        if started.is_ok() {
            on_start.run(());
        }
        start_error.set(started.err());
    };
    let pause_or_resume = move |_| {
        actions.control(if paused.get_untracked() {
            TrainingControl::Resume
        } else {
            TrainingControl::Pause
        });
    };
    view! {
            <div
                class="train-buttons"
                class:without-data=move || dataset_error(actions.data()).is_some()
                role="group"
                aria-label="Training"
            >
                <Button
                    kind=ButtonKind::Primary
                    test_id="train-start"
                    disabled=live
                    on_click=start
                    described_by="train-start-error"
                >
                    "Train"
                </Button>
                <Button test_id="train-pause" disabled=idle on_click=pause_or_resume>
                    {move || if paused.get() { "Resume" } else { "Pause" }}
                </Button>
                <Button
                    test_id="train-stop"
                    disabled=idle
                    title="End the run and keep its best model"
                    on_click=move |_| actions.control(TrainingControl::Stop)
                >
                    "Stop"
                </Button>
                <Button
                    test_id="train-step-once"
                    disabled=idle
                    title="Make one step, then pause"
                    on_click=move |_| actions.control(TrainingControl::StepOnce)
                >
                    "One step"
                </Button>
            </div>
            <p class="start-error" id="train-start-error" role="status" data-testid="train-refusal">
                {move || start_error.get()}
            </p>
    }
}

/// Limits the speed of the run.
#[component]
pub(crate) fn SlowMotion() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    view! {
        <Checkbox
            test_id="train-slow"
            title="Two steps per second, to watch each of them"
            checked=view.slow
            on_change=move |slow| actions.set_slow(slow)
        >
            "Slow motion"
        </Checkbox>
    }
}

/// Why a run failed, and what is left of it.
#[component]
pub(crate) fn TrainingError() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    move || {
        view.error.get().map(|error| {
            let full_stop = if error.ends_with('.') { "" } else { "." };
            let saved = view.checkpoint.with_untracked(|checkpoint| {
                checkpoint.as_ref().map(|checkpoint| {
                    format!(
                        " The model of step {} is in the list of models.",
                        checkpoint.step
                    )
                })
            });
            view! {
                <div class="alert-box">
                    <p role="alert" data-testid="error">
                        "Training failed: "
                        {error}
                        {full_stop}
                        {saved}
                    </p>
                </div>
            }
        })
    }
}
