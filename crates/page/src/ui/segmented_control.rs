//! A choice of a few options, all in view.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use crate::ui::help::Help;
use leptos::prelude::*;

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its value.
    pub(crate) value: &'static str,
    /// The shown text.
    pub(crate) text: &'static str,
    /// Why it cannot be chosen now.
    pub(crate) disabled_because: Option<&'static str>,
}

impl Segment {
    /// An option that can be chosen.
    pub(crate) fn new(value: &'static str, text: &'static str) -> Self {
        Self {
            value,
            text,
            disabled_because: None,
        }
    }
}

/// The options, as radio buttons in a row. Their label is in the children.
#[component]
pub(crate) fn SegmentedControl(
    /// The radio buttons' name; an option's `data-testid` is `{name}-{value}`.
    name: &'static str,
    /// The value of the chosen option.
    #[prop(into)]
    value: Getter<String>,
    /// The options, in order.
    #[prop(into)]
    segments: Getter<Vec<Segment>>,
    /// Called with the value that was chosen.
    #[prop(into)]
    on_change: Handler<&'static str>,
    /// The explanation of the label.
    #[prop(optional)]
    help: &'static str,
    /// The label.
    children: Children,
) -> impl IntoView {
    let on_change = StoredValue::new_local(on_change);
    let label_id = format!("{name}-segments");
    let labelled_by = label_id.clone();
    let radio = move |segment: Segment| {
        let own = segment.value;
        let value = value.clone();
        view! {
            <label class="segment" title=segment.disabled_because>
                <input
                    type="radio"
                    name=name
                    value=own
                    data-testid=format!("{name}-{own}")
                    disabled=segment.disabled_because.is_some()
                    prop:checked=move || value.get() == own
                    on:change=move |_| on_change.with_value(|on_change| on_change.call(own))
                />
                <span>{segment.text}</span>
            </label>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-labelledby=labelled_by>
            <div class="segments-head">
                <span id=label_id.clone()>{children()}</span>
                <Help text=help about=label_id />
            </div>
            <div class="segment-row">
                {move || segments.get().into_iter().map(&radio).collect_view()}
            </div>
        </div>
    }
}
