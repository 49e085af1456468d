//! A checkbox of the training form.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{Field, OFF, ON};
use crate::ui::checkbox::Checkbox;
use leptos::prelude::*;

/// A checkbox with the field's title.
#[component]
pub(crate) fn FormCheckbox(
    /// The field.
    field: Field,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    view! {
        <Checkbox
            test_id=field.id()
            checked=move || actions.text(field) == ON
            on_change=move |on| actions.set(field, if on { ON } else { OFF })
        >
            {field.title()}
        </Checkbox>
    }
}
