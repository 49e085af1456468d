//! What to do with a run whose loss has left all bounds.

use super::asks::TrainAsks;
use crate::state::{Divergence, TrainingView};
use leptos::prelude::*;
use protocol::Control;

/// The message and the two ways on, when there is a decision to make.
#[component]
pub(crate) fn DivergenceBox() -> impl IntoView {
    let asks = expect_context::<TrainAsks>();
    let view = expect_context::<TrainingView>();
    move || {
        view.divergence.get().map(|divergence| {
            let Divergence {
                message,
                learning_rate,
            } = divergence;
            let full_stop = if message.ends_with('.') { "" } else { "." };
            view! {
                <div class="trouble divergence">
                    <p role="alert" data-testid="train-diverged">
                        "Training has diverged: "
                        {message}
                        {full_stop}
                    </p>
                    <div class="divergence-ways">
                        <button
                            type="button"
                            title=format!("Learning rate {learning_rate:.1e}")
                            on:click=move |_| asks.control(Control::Resume)
                        >
                            "Go on with the lower rate"
                        </button>
                        <button type="button" on:click=move |_| asks.control(Control::Stop)>
                            "Stop"
                        </button>
                    </div>
                </div>
            }
        })
    }
}
