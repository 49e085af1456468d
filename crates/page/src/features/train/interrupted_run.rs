//! The offer to resume an unfinished run of an earlier visit.

use crate::features::train::actions::TrainActions;
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// The offer, if there is such a run.
#[component]
pub(crate) fn InterruptedRun() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    move || {
        view.interrupted
            .get()
            .then(|| untrack(|| checkpoint_summary(view)))
            .flatten()
            .map(|(name, step, seconds)| {
                view! {
                    <div class="offer" role="status" data-testid="train-interrupted">
                        <p>
                            "The training of " <b>{name}</b> " was interrupted at step " {step} ", after "
                            {format!("{seconds:.0} s")} "."
                        </p>
                        <div class="alert-actions">
                            <Button
                                kind=ButtonKind::Primary
                                test_id="train-resume"
                                on_click=move |_| actions.resume_interrupted()
                            >
                                "Resume"
                            </Button>
                            <Button
                                title="Delete this run. Its model stays in the list."
                                on_click=move |_| view.discard()
                            >
                                "Discard"
                            </Button>
                        </div>
                    </div>
                }
            })
    }
}

/// The run's name, step and seconds at its checkpoint.
pub(crate) fn checkpoint_summary(view: TrainingView) -> Option<(String, u64, f64)> {
    let checkpoint = view.checkpoint.get()?;
    let name = checkpoint.spec.name.clone();
    Some((name, checkpoint.step, checkpoint.seconds))
}
