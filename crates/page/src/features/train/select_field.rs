//! A field of the draft that is one of a few words.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use leptos::prelude::*;

/// A labelled list.
#[component]
pub(crate) fn Select(
    /// What it says.
    field: Field,
    /// What it can say, and how that is shown.
    options: &'static [(&'static str, &'static str)],
    /// The label.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let chosen = Memo::new(move |_| actions.text(field));
    let id = field.id();
    view! {
        <div class="entry">
            <label for=id>{children()}</label>
            <select
                id=id
                data-testid=id
                on:change=move |event| actions.set(field, event_target_value(&event))
            >
                {options
                    .iter()
                    .map(|&(value, title)| {
                        view! {
                            <option value=value prop:selected=move || chosen.get() == value>
                                {title}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}
