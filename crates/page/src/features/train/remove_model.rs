//! Removes the model on the stage from people's own, once it is asked again.

use crate::features::train::state::TrainingView;
use crate::state::actions::Actions;
use leptos::prelude::*;

/// The button, for as long as the model in use is somebody's own, and the question before it.
#[component]
pub(crate) fn RemoveModel() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let training = expect_context::<TrainingView>();
    let own = Memo::new(move |_| {
        let name = actions.model_in_use()?;
        actions.catalog().find(&name)?.own.then_some(name)
    });
    // A run would bring its model back with its next word.
    let can = Memo::new(move |_| !training.status.get().is_live());
    let asking = RwSignal::new(None::<String>);
    let remove = move |name: &str| {
        asking.set(None);
        actions.remove(name);
    };
    move || {
        let name = own.get().filter(|_| can.get())?;
        // Another model may have come onto the stage since.
        let asked = asking.get().as_ref() == Some(&name);
        Some(if asked {
            let removed = name.clone();
            view! {
                <div class="alert-box" role="group" aria-label="Remove a model">
                    <p>{format!("This deletes the model “{name}” from this browser.")}</p>
                    <div class="alert-actions">
                        <button
                            type="button"
                            data-testid="remove-model-confirm"
                            on:click=move |_| remove(&removed)
                        >
                            "Delete it"
                        </button>
                        <button type="button" on:click=move |_| asking.set(None)>
                            "Keep it"
                        </button>
                    </div>
                </div>
            }
            .into_any()
        } else {
            let ask = name.clone();
            view! {
                <button
                    type="button"
                    class="quiet"
                    data-testid="remove-model"
                    on:click=move |_| asking.set(Some(ask.clone()))
                >
                    {format!("Remove “{name}”…")}
                </button>
            }
            .into_any()
        })
    }
}
