//! A button that shows and hides a box below it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// The button and its box. Escape, a press elsewhere, or moving the focus out closes it.
///
/// The closed box is laid out but not shown, and `inert`: neither the keyboard nor a screen reader reaches it.
#[component]
pub(crate) fn Popover(
    /// The box's id.
    id: &'static str,
    /// The button's name.
    label: &'static str,
    /// The button's `data-testid`.
    #[prop(into)]
    test_id: String,
    /// The button's icon, as path data in a square of 20.
    icon: &'static str,
    /// Whether the box is open.
    #[prop(default = RwSignal::new(false))]
    open: RwSignal<bool>,
    /// The content of the box.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let is_inside = move |target: Option<web_sys::EventTarget>| {
        let node = target.and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        root.get_untracked()
            .is_some_and(|root| root.contains(node.as_ref()))
    };
    let press = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked() && !is_inside(event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || press.remove());
    let on_focusout = move |event: ev::FocusEvent| {
        // Without a related target the focus leaves the page, or a press in the box has none.
        if event.related_target().is_some() && !is_inside(event.related_target()) {
            open.set(false);
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            if let Some(button) = button.get_untracked() {
                // Fails only for elements that can't be focused.
                let _ = button.focus();
            }
        }
    };
    view! {
        <div class="popover" node_ref=root on:focusout=on_focusout on:keydown=on_keydown>
            <button
                type="button"
                node_ref=button
                class="tool icon-only"
                data-testid=test_id
                aria-label=label
                title=label
                aria-expanded=move || open.get().to_string()
                aria-controls=id
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <svg viewBox="0 0 20 20" aria-hidden="true">
                    <path d=icon />
                </svg>
            </button>
            <div
                class="popover-box"
                class:closed=move || !open.get()
                id=id
                role="group"
                aria-label=label
                inert=move || !open.get()
            >
                {children()}
            </div>
        </div>
    }
}
