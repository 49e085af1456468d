//! Deletes a user model.

use crate::state::actions::Actions;
use crate::ui::confirm_button::ConfirmButton;
use leptos::prelude::*;

/// The button, which asks before it deletes.
#[component]
pub(crate) fn DeleteModel(
    /// The model's name.
    name: Memo<String>,
    /// The button's `data-testid`; the confirming button's is `{test_id}-confirm`.
    test_id: &'static str,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    // Another model makes another button, so that a question never refers to a model that is gone.
    move || {
        let name = name.get();
        view! {
            <ConfirmButton
                text="Delete…"
                test_id=test_id
                label="Delete a model"
                question=format!("This deletes the model “{name}” from this browser.")
                confirm="Delete"
                on_confirm=move |()| actions.remove_model(&name)
            />
        }
    }
}
