//! Selects the model.

use crate::features::dataset::sample_set::SampleSet;
use crate::state::actions::Actions;
use crate::state::catalog::Entry;
use leptos::prelude::*;

/// The heading of the models of the user.
const USER_MODELS: &str = "Your models";

/// The list of models, in groups by their data sets. The menu beside it shows what they are.
#[component]
pub(crate) fn ModelPicker() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let selected = Memo::new(move |_| actions.model());
    let option = move |entry: Entry| {
        let name = entry.name.clone();
        view! {
            // On the option rather than on the list: the selected model may be added to the list later.
            <option value=entry.name prop:selected=move || selected.get() == name>
                {entry.title}
            </option>
        }
    };
    let group = move |set: Option<SampleSet>| {
        let entries = Memo::new(move |_| {
            let mut entries = actions.catalog().entries().to_vec();
            entries.retain(|entry| match set {
                Some(set) => entry.data.as_deref() == Some(set.name()),
                None => entry.is_user_model,
            });
            entries
        });
        view! {
            <Show when=move || !entries.with(Vec::is_empty)>
                <optgroup
                    label=set.map_or(USER_MODELS, SampleSet::heading)
                    data-testid=set.is_none().then_some("own-models")
                >
                    <For each=move || entries.get() key=|entry| entry.name.clone() children=option />
                </optgroup>
            </Show>
        }
    };
    view! {
        <label class="picker model-picker">
            <span>"Model"</span>
            <select
                id="model"
                data-testid="model"
                on:change=move |event| actions.select_model(&event_target_value(&event))
            >
                {SampleSet::ALL.into_iter().map(|set| group(Some(set))).collect_view()}
                {group(None)}
            </select>
        </label>
    }
}
