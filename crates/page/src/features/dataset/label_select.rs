//! A list of the data set's classes, to which a new one can be added.

use crate::features::dataset::image_set::ImageSet;
use crate::ui::button::Button;
use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use crate::ui::select::{Select, SelectOption};
use leptos::{ev, html, prelude::*};

/// The value of the option that asks for a new class.
const NEW: &str = "new";

/// The list. The caller adds the label.
#[component]
pub(crate) fn LabelSelect(
    /// The chosen option's value: a label as a number, or one of `extra`.
    #[prop(into)]
    value: Getter<String>,
    /// Options before the classes.
    first: Vec<SelectOption>,
    /// Options after the classes.
    #[prop(optional)]
    last: Vec<SelectOption>,
    /// Called with the value that was chosen.
    #[prop(into)]
    on_change: Handler<String>,
    /// Called with the name of a new class.
    #[prop(into)]
    on_new: Handler<String>,
    /// Its `data-testid`; that of the new class's name has `-new` at its end.
    test_id: &'static str,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Option<Getter<bool>>,
) -> impl IntoView {
    let images = expect_context::<ImageSet>();
    let names = Memo::new(move |_| images.class_names());
    let options = move || {
        let classes = names.get().into_iter().enumerate();
        let classes = classes.map(|(label, name)| SelectOption::new(label.to_string(), name));
        let new = SelectOption::new(NEW, "New label…");
        let options = first.iter().cloned().chain(classes);
        options
            .chain(last.iter().cloned())
            .chain(std::iter::once(new))
            .collect::<Vec<_>>()
    };
    let asks = RwSignal::new(false);
    let on_change = StoredValue::new_local(on_change);
    let on_new = StoredValue::new_local(on_new);
    let input = NodeRef::<html::Input>::new();
    let choose = move |value: String| {
        asks.set(value == NEW);
        if value != NEW {
            on_change.with_value(|on_change| on_change.call(value));
        }
    };
    // A new class is typed at once.
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let add = move || {
        let name = input.get_untracked().map(|input| input.value());
        let name = name.unwrap_or_default().trim().to_owned();
        asks.set(false);
        if !name.is_empty() {
            on_new.with_value(|on_new| on_new.call(name));
        }
    };
    let shown = move || {
        if asks.get() {
            NEW.to_owned()
        } else {
            value.get()
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            add();
        }
        "Escape" => asks.set(false),
        _ => {}
    };
    view! {
        <Select
            test_id
            value=shown
            options
            disabled=disabled.unwrap_or_else(|| Getter::from(|| false))
            on_change=choose
        />
        <Show when=move || asks.get()>
            <span class="new-label">
                <input
                    type="text"
                    node_ref=input
                    maxlength="40"
                    aria-label="Name of the new label"
                    data-testid=format!("{test_id}-new")
                    on:keydown=on_keydown
                />
                <Button on_click=move |_| add()>"Add label"</Button>
            </span>
        </Show>
    }
}
