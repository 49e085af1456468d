//! The buttons that start, hold, step, slow and end a run, and what keeps it from starting.

use crate::client::training::run_supervisor::Status;
use crate::features::dataset::image_set::ImageSet;
use crate::features::train::actions::TrainActions;
use crate::features::train::form::validate::lack_of_digits;
use crate::features::train::state::TrainingView;
use leptos::prelude::*;
use protocol::Control;

/// The buttons.
#[component]
pub(crate) fn Buttons() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    let digits = expect_context::<ImageSet>();
    let status = Memo::new(move |_| view.status.get());
    let live = Memo::new(move |_| status.get().is_live());
    let paused = Memo::new(move |_| status.get() == Status::Paused);
    let refusal = RwSignal::new(None::<String>);
    // What was lacking may be there now.
    Effect::new(move |_| {
        digits.count();
        actions.draft().track();
        refusal.set(None);
    });
    let begin = move |_| {
        refusal.set(None);
        if let Err(why) = actions.begin() {
            refusal.set(Some(why));
        }
    };
    let lacking = move || lack_of_digits(digits.count()).is_some();
    let toggle = move |_| {
        actions.control(if paused.get_untracked() {
            Control::Resume
        } else {
            Control::Pause
        });
    };
    view! {
        <div class="train-bar">
            <div class="train-buttons" role="group" aria-label="Training">
                <button
                    type="button"
                    class="primary"
                    class:lacking=lacking
                    data-testid="train-start"
                    disabled=move || live.get()
                    aria-describedby="train-refusal"
                    on:click=begin
                >
                    "Train"
                </button>
                <button
                    type="button"
                    data-testid="train-pause"
                    disabled=move || !live.get()
                    on:click=toggle
                >
                    {move || if paused.get() { "Go on" } else { "Pause" }}
                </button>
                <button
                    type="button"
                    data-testid="train-stop"
                    disabled=move || !live.get()
                    title="End the run and keep its best model"
                    on:click=move |_| actions.control(Control::Stop)
                >
                    "Stop"
                </button>
                <button
                    type="button"
                    data-testid="train-step-once"
                    disabled=move || !live.get()
                    title="Make one step and hold"
                    on:click=move |_| actions.control(Control::StepOnce)
                >
                    "One step"
                </button>
            </div>
            <p class="refusal" id="train-refusal" role="status" data-testid="train-refusal">
                {move || refusal.get()}
            </p>
        </div>
        <label class="check" title="Two steps a second, so that each can be seen">
            <input
                type="checkbox"
                data-testid="train-slow"
                prop:checked=move || view.slow.get()
                on:change=move |event| actions.set_slow(event_target_checked(&event))
            />
            "Slow motion"
        </label>
        <TrainingError />
    }
}

/// Why a run failed, and the way on.
#[component]
fn TrainingError() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    move || {
        view.error.get().map(|why| {
            let full_stop = if why.ends_with('.') { "" } else { "." };
            let kept = view.checkpoint.with_untracked(|checkpoint| {
                checkpoint.as_ref().map(|checkpoint| {
                    format!(
                        " The model of step {} stays in the list of models.",
                        checkpoint.step
                    )
                })
            });
            view! {
                <div class="alert-box">
                    <p role="alert" data-testid="error">
                        "Training failed: "
                        {why}
                        {full_stop}
                        {kept}
                    </p>
                </div>
            }
        })
    }
}
