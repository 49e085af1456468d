//! A labelled text field with a message about its content.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use crate::ui::help::Help;
use leptos::prelude::*;

/// A text field. Its label is in the children. The text stays as it was typed, right or wrong.
#[component]
pub(crate) fn TextField(
    /// Its id and `data-testid`.
    id: &'static str,
    /// The text.
    #[prop(into)]
    value: Getter<String>,
    /// Called with the new text on each change.
    #[prop(into)]
    on_input: Handler<String>,
    /// What is wrong with the text, if anything.
    #[prop(into)]
    error: Getter<Option<String>>,
    /// The unit behind the field.
    #[prop(optional)]
    unit: &'static str,
    /// The meaning of an empty field.
    #[prop(optional)]
    placeholder: &'static str,
    /// Whether it is a wide field for text; otherwise it is for a number.
    #[prop(optional)]
    wide: bool,
    /// The explanation of the label.
    #[prop(optional)]
    help: &'static str,
    /// The label.
    children: Children,
) -> impl IntoView {
    let is_wrong = error.clone();
    view! {
        <div class="entry" class:wide=wide>
            <FieldLabel id help children />
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
                    aria-invalid=move || is_wrong.get().is_some().to_string()
                    prop:value=move || value.get()
                    on:input=move |event| on_input.call(event_target_value(&event))
                />
                {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
            </span>
            <FieldError id error />
        </div>
    }
}

/// The label of a field, with an explanation beside it.
#[component]
pub(crate) fn FieldLabel(
    /// The field's id.
    id: &'static str,
    /// The explanation, if any.
    help: &'static str,
    /// The text.
    children: Children,
) -> impl IntoView {
    let label_id = format!("{id}-label");
    view! {
        <span class="entry-label">
            <label for=id id=label_id.clone()>
                {children()}
            </label>
            <Help text=help about=label_id />
        </span>
    }
}

/// The message about a field.
#[component]
pub(crate) fn FieldError(
    /// The field's id.
    id: &'static str,
    /// What is wrong with it, if anything.
    #[prop(into)]
    error: Getter<Option<String>>,
) -> impl IntoView {
    view! {
        <span class="entry-problem" id=format!("{id}-problem") role="status">
            {move || error.get()}
        </span>
    }
}
