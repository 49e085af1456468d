//! Picks the model.

use crate::asks::Asks;
use leptos::prelude::*;

/// The list of models.
#[component]
pub(crate) fn ModelPicker() -> impl IntoView {
    let asks = expect_context::<Asks>();
    let picked = Memo::new(move |_| asks.model());
    let options = asks
        .catalog()
        .entries()
        .iter()
        .map(|entry| view! { <option value=entry.name.clone()>{entry.title.clone()}</option> })
        .collect_view();
    view! {
        <label class="picker model-picker">
            <span>"Model"</span>
            <select
                data-testid="model"
                prop:value=move || picked.get()
                on:change=move |event| asks.pick_model(&event_target_value(&event))
            >
                {options}
            </select>
        </label>
    }
}
