//! The control of the conditioning label.

use crate::latent::label;
use crate::state::actions::Actions;
use crate::state::label::Label;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};

/// A button for each label, and a slider that mixes two neighbouring ones.
#[component]
pub(crate) fn LabelControl(
    /// Number of labels.
    classes: usize,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let state = expect_context::<Label>();
    let value = Memo::new(move |_| state.in_use(actions.classes()));
    let buttons = (0..classes)
        .map(|class| {
            let is_current = move || value.get() == class as f32;
            view! {
                <button
                    type="button"
                    data-testid=format!("label-{class}")
                    aria-label=format!("Label {class}")
                    aria-pressed=move || is_current().to_string()
                    on:click=move |event| state.set(class as f32, event.time_stamp())
                >
                    {class}
                </button>
            }
        })
        .collect_view();
    let on_input = move |event: ev::Event| {
        if let Ok(label) = event_target_value(&event).parse() {
            state.set(label, event.time_stamp());
        }
    };
    let max_label = label::max_label(classes);
    let fill = move || {
        let percent = value.get() / max_label.max(1.0) * 100.0;
        format!("--from: 0%; --to: {percent:.2}%")
    };
    view! {
        <div class="label-control" role="group" aria-label="Label">
            <div class="label-head">
                <span>
                    <Tooltip text=glossary::LABEL>"Label"</Tooltip>
                </span>
                <span class="label-words">{move || label::describe(value.get())}</span>
            </div>
            <div class="label-buttons">{buttons}</div>
            <input
                type="range"
                id="label"
                data-testid="label"
                aria-label="Label; values in between mix two labels"
                aria-valuetext=move || label::describe(value.get())
                min="0"
                max=max_label.to_string()
                step="0.01"
                style=fill
                prop:value=move || value.get().to_string()
                on:input=on_input
            />
        </div>
    }
}
