//! A choice of a few, all in view.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use leptos::prelude::*;

/// One of the choices: what the field then says, what is shown, and whether it can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// What the field says.
    pub(crate) value: &'static str,
    /// What is shown.
    pub(crate) label: &'static str,
    /// Why it can't be chosen now.
    pub(crate) barred: Option<&'static str>,
}

impl Segment {
    /// A choice that can be had.
    pub(crate) fn new(value: &'static str, label: &'static str) -> Self {
        Self {
            value,
            label,
            barred: None,
        }
    }
}

/// The choices, as radio buttons in a row.
#[component]
pub(crate) fn Segments(
    /// What they decide.
    field: Field,
    /// All of them.
    #[prop(into)]
    segments: Signal<Vec<Segment>>,
    /// Called with the value that was chosen.
    on_choose: impl Fn(&'static str) + Copy + Send + Sync + 'static,
    /// What they decide, in words.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let chosen = Memo::new(move |_| actions.text(field));
    let radio = move |segment: Segment| {
        let value = segment.value;
        view! {
            <label class="segment" title=segment.barred>
                <input
                    type="radio"
                    name=field.id()
                    value=value
                    data-testid=format!("{}-{value}", field.id())
                    disabled=segment.barred.is_some()
                    prop:checked=move || chosen.get() == value
                    on:change=move |_| on_choose(value)
                />
                <span>{segment.label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segments">
            <legend>{children()}</legend>
            <div class="segment-row">
                {move || segments.get().into_iter().map(radio).collect_view()}
            </div>
        </fieldset>
    }
}
