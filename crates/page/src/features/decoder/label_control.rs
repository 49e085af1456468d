//! The control of the conditioning label.

use crate::latent::class_names::ClassNames;
use crate::latent::label;
use crate::state::actions::Actions;
use crate::state::label::Label;
use crate::ui::button::Button;
use crate::ui::class_filter::{ClassFilter, MANY, matches};
use crate::ui::glossary;
use crate::ui::slider::Slider;
use crate::ui::tooltip::Tooltip;
use leptos::{ev::MouseEvent, prelude::*};

/// Names up to this length fit into a small button.
const SHORT: usize = 3;

/// A button for each label, and a slider that mixes two neighbouring ones.
#[component]
pub(crate) fn LabelControl(
    /// Number of labels.
    classes: usize,
    /// Their names.
    names: ClassNames,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let state = expect_context::<Label>();
    let names = StoredValue::new(names);
    let name = move |class: usize| names.with_value(|names| names.name(class));
    let value = Memo::new(move |_| state.in_use(actions.classes()));
    let typed = RwSignal::new(String::new());
    let button = move |class: usize| {
        let is_current = move || value.get() == class as f32;
        view! {
            <Button
                test_id=format!("label-{class}")
                label=format!("Label {}", name(class))
                pressed=move || is_current()
                on_click=move |event: MouseEvent| state.set(class as f32, event.time_stamp())
            >
                {name(class)}
            </Button>
        }
    };
    let buttons = move || {
        let typed = typed.get();
        let shown = (0..classes).filter(|class| matches(&name(*class), &typed));
        shown.map(button).collect_view()
    };
    let is_short = |class: usize| name(class).chars().count() <= SHORT;
    let are_short = (0..classes).all(is_short);
    let max_label = label::max_label(classes);
    let fill = move || [0.0, value.get() / max_label.max(1.0) * 100.0];
    let words = move || names.with_value(|names| label::describe(value.get(), names));
    view! {
        <div class="label-control" role="group" aria-label="Label">
            <div class="label-head">
                <span>
                    <Tooltip text=glossary::LABEL>"Label"</Tooltip>
                </span>
                <span class="label-words" data-testid="label-words">{words}</span>
            </div>
            {(classes > MANY).then(|| view! { <ClassFilter typed test_id="label-filter" /> })}
            <div class="label-buttons" class:compact={classes > 10} class:named=!are_short>
                {buttons}
            </div>
            <Slider
                id="label"
                test_id="label"
                label="Label; values in between mix two labels"
                value_text=words
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
