//! A text field of the draft, with what is wrong with it beside it.

use crate::features::train::FormProblems;
use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use leptos::prelude::*;

/// A labelled text field. Whatever is typed stays as it was typed.
#[component]
pub(crate) fn Entry(
    /// What it says.
    field: Field,
    /// The unit behind it.
    #[prop(optional)]
    unit: &'static str,
    /// What an empty field means.
    #[prop(optional)]
    placeholder: &'static str,
    /// Whether it holds words rather than numbers.
    #[prop(optional)]
    wide: bool,
    /// The label.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let FormProblems(problems) = expect_context();
    let is_wrong = move || problems.with(|problems| problems.contains_key(&field));
    let id = field.id();
    view! {
        <div class="entry" class:wide=wide>
            <label for=id>{children()}</label>
            <span class="entry-line">
                <input
                    type="text"
                    id=id
                    data-testid=id
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    placeholder=placeholder
                    inputmode=if wide { "text" } else { "decimal" }
                    aria-describedby=format!("{id}-problem")
                    aria-invalid=move || is_wrong().to_string()
                    prop:value=move || actions.text(field)
                    on:input=move |event| actions.set(field, event_target_value(&event))
                />
                {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
            </span>
            <Problem field />
        </div>
    }
}

/// What is wrong with a field.
#[component]
pub(crate) fn Problem(
    /// The field.
    field: Field,
) -> impl IntoView {
    let FormProblems(problems) = expect_context();
    view! {
        <span class="entry-problem" id=format!("{}-problem", field.id()) role="status">
            {move || problems.with(|problems| problems.get(&field).cloned())}
        </span>
    }
}
