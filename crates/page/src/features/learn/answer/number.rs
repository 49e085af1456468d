//! A number as the answer of a question.

use crate::features::learn::measures::Given;
use crate::number::parse::parse;
use leptos::prelude::*;

/// A text field with a unit.
#[component]
pub(super) fn NumberAnswer(
    /// The unit; empty for none.
    unit: String,
    /// The typed number; none while the text isn't one.
    given: RwSignal<Option<Given>>,
) -> impl IntoView {
    let problem = RwSignal::new(false);
    let on_input = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let number = parse(&text).ok().map(f64::from);
        problem.set(number.is_none() && !text.trim().is_empty());
        given.set(number.map(Given::Number));
    };
    view! {
        <label class="number-answer">
            "Your answer "
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                data-testid="learn-answer-0"
                aria-invalid=move || problem.get().to_string()
                on:input=on_input
            />
            " "
            {unit}
            <span class="problem" role="status">
                {move || problem.get().then_some("type a number, like 0.5 or −1.25")}
            </span>
        </label>
    }
}
