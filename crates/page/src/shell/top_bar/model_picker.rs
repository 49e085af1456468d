//! Selects the model.

use crate::state::actions::Actions;
use crate::state::catalog::Entry;
use leptos::prelude::*;

/// The list of models.
#[component]
pub(crate) fn ModelPicker() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let selected = Memo::new(move |_| actions.model());
    let entries = move |is_user_model: bool| {
        let mut entries = actions.catalog().entries().to_vec();
        entries.retain(|entry| entry.is_user_model == is_user_model);
        entries
    };
    let option = move |entry: Entry| {
        let name = entry.name.clone();
        view! {
            // On the option rather than on the list: the selected model may be added to the list later.
            <option value=entry.name prop:selected=move || selected.get() == name>
                {entry.title}
            </option>
        }
    };
    let has_user_models = Memo::new(move |_| !entries(true).is_empty());
    view! {
        <label class="picker model-picker">
            <span>"Model"</span>
            <select
                id="model"
                data-testid="model"
                on:change=move |event| actions.select_model(&event_target_value(&event))
            >
                <For each=move || entries(false) key=|entry| entry.name.clone() children=option />
                <Show when=move || has_user_models.get()>
                    <optgroup label="Your models">
                        <For
                            each=move || entries(true)
                            key=|entry| entry.name.clone()
                            children=option
                        />
                    </optgroup>
                </Show>
            </select>
        </label>
    }
}
