//! Picks the backend.

use crate::client::backend_choice::Choice;
use crate::state::actions::Actions;
use leptos::prelude::*;

/// The list of backends.
#[component]
pub(crate) fn BackendPicker() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let options = Choice::all()
        .map(|choice| {
            let name = choice.to_string();
            view! { <option value=name.clone()>{name.clone()}</option> }
        })
        .collect_view();
    view! {
        <label class="picker">
            <span>"Backend"</span>
            <select
                data-testid="backend"
                prop:value=move || actions.choice().to_string()
                on:change=move |event| {
                    if let Ok(choice) = event_target_value(&event).parse() {
                        actions.choose(choice);
                    }
                }
            >
                {options}
            </select>
        </label>
    }
}
