//! A text field of the training form, with its error.

use crate::features::train::FormErrors;
use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use crate::ui::getter::Getter;
use crate::ui::text_field::{FieldError, TextField};
use leptos::prelude::*;

/// A labelled text field.
#[component]
pub(crate) fn FormTextField(
    /// The field.
    field: Field,
    /// The unit behind it.
    #[prop(optional)]
    unit: &'static str,
    /// The meaning of an empty field.
    #[prop(optional)]
    placeholder: &'static str,
    /// Whether it is a wide field for text rather than a number.
    #[prop(optional)]
    wide: bool,
    /// The explanation of the label.
    #[prop(optional)]
    help: &'static str,
    /// The label.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    view! {
        <TextField
            id=field.id()
            value=move || actions.text(field)
            on_input=move |text| actions.set(field, text)
            error=error_of(field)
            unit
            placeholder
            wide
            help
        >
            {children()}
        </TextField>
    }
}

/// The error of a field that is shown elsewhere.
#[component]
pub(crate) fn FormError(
    /// The field.
    field: Field,
) -> impl IntoView {
    view! { <FieldError id=field.id() error=error_of(field) /> }
}

fn error_of(field: Field) -> Getter<Option<String>> {
    let FormErrors(errors) = expect_context();
    Getter::from(move || errors.with(|errors| errors.get(&field).cloned()))
}
