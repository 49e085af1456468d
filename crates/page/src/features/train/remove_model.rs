//! Deletes the current model, if it is a user model.

use crate::state::actions::Actions;
use crate::state::training::TrainingView;
use crate::ui::confirm_button::ConfirmButton;
use leptos::prelude::*;

/// The button, which asks before it deletes. Shown for user models only.
#[component]
pub(crate) fn RemoveModel() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let training = expect_context::<TrainingView>();
    let user_model = Memo::new(move |_| {
        let name = actions.current_model()?;
        actions.catalog().find(&name)?.is_user_model.then_some(name)
    });
    // The next report of a run would add its model again.
    let allowed = Memo::new(move |_| !training.status.get().is_live());
    // Another model makes another button, so that a question never refers to a model that is gone.
    move || {
        let name = user_model.get().filter(|_| allowed.get())?;
        Some(view! {
            <ConfirmButton
                text=format!("Delete “{name}”…")
                test_id="remove-model"
                label="Delete a model"
                question=format!("This deletes the model “{name}” from this browser.")
                confirm="Delete"
                on_confirm=move |()| actions.remove_model(&name)
            />
        })
    }
}
