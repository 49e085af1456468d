//! A term that explains itself on hover, focus and touch.

use leptos::{ev, prelude::*};
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::JsCast;

static LAST_ID: AtomicU32 = AtomicU32::new(0);

/// A term with its explanation; see [`glossary`](crate::ui::glossary).
#[component]
pub(crate) fn Tooltip(
    /// The explanation, one sentence.
    text: &'static str,
    /// For a button beside a label rather than a term in a text: the id of the label, which names the button.
    #[prop(optional)]
    about: Option<String>,
    /// The term.
    children: Children,
) -> impl IntoView {
    let id = format!("term-{}", LAST_ID.fetch_add(1, Ordering::Relaxed));
    let is_help = about.is_some();
    let button_id = is_help.then(|| format!("{id}-button"));
    let labelled_by = about.map(|label| format!("{id}-button {label}"));
    // Escape hides the explanation without moving the pointer or the focus.
    let dismissed = RwSignal::new(false);
    let show_again = move |_| dismissed.set(false);
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            dismissed.set(true);
        }
    };
    // Safari does not focus a button that is tapped.
    let on_click = move |event: ev::MouseEvent| {
        dismissed.set(false);
        if let Some(button) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = button.focus();
        }
    };
    view! {
        <span class="term-box" class:dismissed=move || dismissed.get()>
            <button
                type="button"
                class="term"
                class:help=is_help
                id=button_id
                aria-label=is_help.then_some("Explanation:")
                aria-labelledby=labelled_by
                aria-describedby=id.clone()
                on:keydown=on_keydown
                on:click=on_click
                on:focus=move |_| dismissed.set(false)
                on:pointerenter=show_again
            >
                {children()}
            </button>
            <span class="tip" role="tooltip" id=id>
                {text}
            </span>
        </span>
    }
}
