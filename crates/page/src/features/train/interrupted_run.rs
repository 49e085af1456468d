//! A run of an earlier visit that did not come to its end.

use crate::features::train::actions::TrainActions;
use crate::features::train::state::TrainingView;
use leptos::prelude::*;

/// The offer to go on with it.
#[component]
pub(crate) fn InterruptedBox() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    move || {
        view.interrupted
            .get()
            .then(|| untrack(|| standing(view)))
            .flatten()
            .map(|(name, step, seconds)| {
                view! {
                    <div class="offer" role="status" data-testid="train-interrupted">
                        <p>
                            "The training of " <b>{name}</b> " was interrupted. It stands at step "
                            {step} ", after " {format!("{seconds:.0} s")} "."
                        </p>
                        <div class="alert-actions">
                            <button
                                type="button"
                                class="primary"
                                data-testid="train-resume"
                                on:click=move |_| actions.go_on()
                            >
                                "Go on"
                            </button>
                            <button
                                type="button"
                                title="Forget this run; its model stays in the list"
                                on:click=move |_| view.let_go()
                            >
                                "Let it go"
                            </button>
                        </div>
                    </div>
                }
            })
    }
}

/// The run's name, steps and seconds.
pub(crate) fn standing(view: TrainingView) -> Option<(String, u64, f64)> {
    let checkpoint = view.checkpoint.get()?;
    let name = checkpoint.plan.name.clone();
    Some((name, checkpoint.step, checkpoint.seconds))
}
