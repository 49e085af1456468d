//! Picks the backend.

use crate::client::backend_choice::Choice;
use crate::shell::actions::Asks;
use leptos::prelude::*;

/// The list of backends.
#[component]
pub(crate) fn BackendPicker() -> impl IntoView {
    let asks = expect_context::<Asks>();
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
                prop:value=move || asks.choice().to_string()
                on:change=move |event| {
                    if let Ok(choice) = event_target_value(&event).parse() {
                        asks.choose(choice);
                    }
                }
            >
                {options}
            </select>
        </label>
    }
}
