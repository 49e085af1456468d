//! A list to choose one option from.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use leptos::prelude::*;

/// One option of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SelectOption {
    /// Its value.
    pub(crate) value: String,
    /// The shown text.
    pub(crate) text: String,
    /// Whether it cannot be chosen now.
    pub(crate) disabled: bool,
}

impl SelectOption {
    /// An option that can be chosen.
    pub(crate) fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            disabled: false,
        }
    }
}

/// Options that do not change, as pairs of value and text.
pub(crate) fn options(pairs: &[(&str, &str)]) -> Vec<SelectOption> {
    pairs
        .iter()
        .map(|&(value, text)| SelectOption::new(value, text))
        .collect()
}

/// A list. The caller adds the label.
#[component]
pub(crate) fn Select(
    /// The value of the chosen option.
    #[prop(into)]
    value: Getter<String>,
    /// The options, in order.
    #[prop(into)]
    options: Getter<Vec<SelectOption>>,
    /// Called with the value that was chosen.
    #[prop(into)]
    on_change: Handler<String>,
    /// Its id, for a label in another element.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Its `data-testid`.
    #[prop(optional, into)]
    test_id: Option<String>,
    /// Its name for screen readers, where it has no label.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Option<Getter<bool>>,
) -> impl IntoView {
    let option = move |SelectOption {
                           value: own,
                           text,
                           disabled,
                       }: SelectOption| {
        let is_chosen = {
            let (value, own) = (value.clone(), own.clone());
            move || value.get() == own
        };
        view! {
            // On the option rather than on the list: the chosen option may be added later.
            <option value=own disabled=disabled prop:selected=is_chosen>
                {text}
            </option>
        }
    };
    view! {
        <select
            id=id
            data-testid=test_id
            aria-label=label
            disabled=disabled.map(|disabled| move || disabled.get())
            on:change=move |event| on_change.call(event_target_value(&event))
        >
            {move || options.get().into_iter().map(&option).collect_view()}
        </select>
    }
}
