//! The choice between continuing and stopping a run whose loss diverged.

use crate::features::train::actions::TrainActions;
use crate::state::training::{Divergence, TrainingView};
use crate::ui::button::Button;
use leptos::prelude::*;
use protocol::TrainingControl;

/// The message and the choice, while the run waits for it.
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
                        <Button
                            title=format!("Learning rate {learning_rate:.1e}")
                            on_click=move |_| actions.control(TrainingControl::Resume)
                        >
                            "Continue with a lower rate"
                        </Button>
                        <Button on_click=move |_| actions.control(TrainingControl::Stop)>"Stop"</Button>
                    </div>
                </div>
            }
        })
    }
}

/// An error message, which starts in lower case and has no full stop, as a sentence.
fn sentence(message: &str) -> String {
    let mut sentence = message.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_has_a_capital_and_a_full_stop() {
        assert_eq!(sentence("training diverged"), "Training diverged.");
        assert_eq!(sentence("It did."), "It did.");
    }
}
