//! Selects the backend.

use crate::state::actions::Actions;
use crate::ui::select::{Select, SelectOption};
use client::backend_choice::BackendChoice;
use leptos::prelude::*;

/// The list of backends.
#[component]
pub(crate) fn BackendPicker() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let options = BackendChoice::all()
        .map(|choice| SelectOption::new(choice.to_string(), choice.to_string()))
        .collect::<Vec<_>>();
    let choose = move |name: String| {
        if let Ok(choice) = name.parse() {
            actions.select_backend(choice);
        }
    };
    view! {
        <label class="picker">
            <span>"Backend"</span>
            <Select
                test_id="backend"
                value=move || actions.selected_backend().to_string()
                options=options
                on_change=choose
            />
        </label>
    }
}
