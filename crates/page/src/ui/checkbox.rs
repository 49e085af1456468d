//! A checkbox with its label.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use crate::ui::help::Help;
use leptos::prelude::*;

/// A checkbox. Its label is in the children.
#[component]
pub(crate) fn Checkbox(
    /// Whether it is checked.
    #[prop(into)]
    checked: Getter<bool>,
    /// Called with the new value.
    #[prop(into)]
    on_change: Handler<bool>,
    /// Its `data-testid`.
    #[prop(optional)]
    test_id: Option<&'static str>,
    /// What it does, where the label is not enough.
    #[prop(optional)]
    title: Option<&'static str>,
    /// The explanation of a term in the label.
    #[prop(optional)]
    help: &'static str,
    /// The label.
    children: Children,
) -> impl IntoView {
    let label_id = format!("{}-label", test_id.unwrap_or_default());
    view! {
        <span class="check-line">
            <label class="check" title=title>
                <input
                    type="checkbox"
                    data-testid=test_id
                    prop:checked=move || checked.get()
                    on:change=move |event| on_change.call(event_target_checked(&event))
                />
                <span id=(!help.is_empty()).then(|| label_id.clone())>{children()}</span>
            </label>
            <Help text=help about=label_id />
        </span>
    }
}
