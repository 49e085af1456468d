//! A run of an earlier visit that did not come to its end.

use crate::features::train::actions::TrainAsks;
use crate::features::train::state::TrainingView;
use crate::shell::actions::Asks;
use crate::shell::notices::state::Notices;
use crate::shell::tabs::tab::Tab;
use leptos::prelude::*;

/// The offer to go on with it.
#[component]
pub(crate) fn InterruptedBox() -> impl IntoView {
    let asks = expect_context::<TrainAsks>();
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
                        <div class="ways">
                            <button
                                type="button"
                                class="primary"
                                data-testid="train-resume"
                                on:click=move |_| asks.go_on()
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

/// Says so where the panel is not open.
pub(crate) fn tell_of_interruption(asks: Asks, view: TrainingView, notices: Notices) {
    Effect::new(move |_| {
        if view.interrupted.get()
            && untrack(|| asks.tab()) != Some(Tab::Train)
            && let Some((name, step, _)) = untrack(|| standing(view))
        {
            notices.tell(format!(
                "The training of {name} was interrupted at step {step}. Open “Train” to go on."
            ));
        }
    });
}

/// The run's name, steps and seconds.
fn standing(view: TrainingView) -> Option<(String, u64, f64)> {
    let checkpoint = view.checkpoint.get()?;
    let name = checkpoint.plan.name.clone();
    Some((name, checkpoint.step, checkpoint.seconds))
}
