//! What to do with a run whose loss has left all bounds.

use crate::features::train::actions::TrainActions;
use crate::features::train::state::{Divergence, TrainingView};
use leptos::prelude::*;
use protocol::Control;

/// The message and the two ways on, when there is a decision to make.
#[component]
pub(crate) fn DivergenceBox() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    move || {
        view.divergence.get().map(|divergence| {
            let Divergence {
                message,
                learning_rate,
            } = divergence;
            let message = sentence(&message);
            view! {
                <div class="alert-box divergence">
                    <p role="alert" data-testid="train-diverged">
                        {message}
                    </p>
                    <div class="alert-actions">
                        <button
                            type="button"
                            title=format!("Learning rate {learning_rate:.1e}")
                            on:click=move |_| actions.control(Control::Resume)
                        >
                            "Go on with the lower rate"
                        </button>
                        <button type="button" on:click=move |_| actions.control(Control::Stop)>
                            "Stop"
                        </button>
                    </div>
                </div>
            }
        })
    }
}

/// A message as a sentence of its own: errors start small and end without a full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let full_stop = if message.ends_with('.') { "" } else { "." };
    first.chain(letters.as_str().chars()).collect::<String>() + full_stop
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_sentence() {
        assert_eq!(sentence("training diverged"), "Training diverged.");
        assert_eq!(sentence("It did."), "It did.");
    }
}
