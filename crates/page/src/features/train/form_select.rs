//! A list that sets a field of the training form.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use crate::features::train::form_text_field::FormError;
use crate::ui::select::{Select, SelectOption};
use crate::ui::text_field::FieldLabel;
use leptos::prelude::*;

/// A labelled list.
#[component]
pub(crate) fn FormSelect(
    /// The field.
    field: Field,
    /// Its values, with the shown text.
    options: Vec<SelectOption>,
    /// The explanation of the label.
    #[prop(optional)]
    help: &'static str,
    /// The label.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let value = Memo::new(move |_| actions.text(field));
    let id = field.id();
    view! {
        <div class="entry">
            <FieldLabel id help children />
            <Select
                value
                options
                on_change=move |text| actions.set(field, text)
                id
                test_id=id
            />
            <FormError field />
        </div>
    }
}
