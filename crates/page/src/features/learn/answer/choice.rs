//! The options of a question.

use crate::features::learn::measures::Given;
use leptos::prelude::*;

/// Radio buttons.
#[component]
pub(super) fn Choices(
    /// The options, as HTML.
    options: Vec<String>,
    /// The chosen option.
    given: RwSignal<Option<Given>>,
    /// Unique on the page.
    id: String,
) -> impl IntoView {
    let options = options.into_iter().enumerate().map(|(index, html)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=id.clone()
                    data-testid=format!("learn-answer-{index}")
                    prop:checked=move || given.get() == Some(Given::Choice(index))
                    on:change=move |_| given.set(Some(Given::Choice(index)))
                />
                <span inner_html=html></span>
            </label>
        }
    });
    view! {
        <div class="choices" role="radiogroup" aria-label="Answers">
            {options.collect_view()}
        </div>
    }
}
