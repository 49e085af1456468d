//! The control of the conditioning label.

use crate::latent::label;
use crate::state::actions::Actions;
use crate::state::label::Label;
use crate::ui::button::Button;
use crate::ui::glossary;
use crate::ui::slider::Slider;
use crate::ui::tooltip::Tooltip;
use leptos::{ev::MouseEvent, prelude::*};

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
                <Button
                    test_id=format!("label-{class}")
                    label=format!("Label {class}")
                    pressed=move || is_current()
                    on_click=move |event: MouseEvent| state.set(class as f32, event.time_stamp())
                >
                    {class}
                </Button>
            }
        })
        .collect_view();
    let max_label = label::max_label(classes);
    let fill = move || [0.0, value.get() / max_label.max(1.0) * 100.0];
    view! {
        <div class="label-control" role="group" aria-label="Label">
            <div class="label-head">
                <span>
                    <Tooltip text=glossary::LABEL>"Label"</Tooltip>
                </span>
                <span class="label-words">{move || label::describe(value.get())}</span>
            </div>
            <div class="label-buttons">{buttons}</div>
            <Slider
                id="label"
                test_id="label"
                label="Label; values in between mix two labels"
                value_text=move || label::describe(value.get())
                min=0.0
                max=f64::from(max_label)
                step=0.01
                value=move || f64::from(value.get())
                fill=fill
                on_input=move |(label, at): (f64, f64)| state.set(label as f32, at)
            />
        </div>
    }
}
