//! A button for what cannot be undone: it asks before it acts.

use crate::dom::focus;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::handler::Handler;
use leptos::{ev, html, prelude::*};

/// The button and, once it is pressed, the question in its place.
#[component]
pub(crate) fn ConfirmButton(
    /// The button's text.
    #[prop(into)]
    text: String,
    /// The button's `data-testid`; the confirming button's is `{test_id}-confirm`.
    test_id: &'static str,
    /// The name of the question, for screen readers.
    label: &'static str,
    /// What will be done.
    #[prop(into)]
    question: String,
    /// The text of the button that does it.
    confirm: &'static str,
    /// Called when it is confirmed.
    #[prop(into)]
    on_confirm: Handler<()>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let on_confirm = StoredValue::new_local(on_confirm);
    let place = NodeRef::<html::Div>::new();
    // The focused button is replaced, so the focus goes to what replaces it: first to what changes nothing.
    let ask = move |on: bool| {
        asking.set(on);
        let button = if on { ".cancel" } else { "button" };
        request_animation_frame(move || {
            if let Some(button) = find_in(place, button) {
                focus::focus(&button);
            }
        });
    };
    let content = move || {
        if !asking.get() {
            let text = text.clone();
            return view! {
                <Button kind=ButtonKind::Quiet test_id=test_id on_click=move |_| ask(true)>
                    {text}
                </Button>
            }
            .into_any();
        }
        let confirmed = move |_| {
            // The question, and what it was about, may be gone afterwards.
            let home = place
                .get_untracked()
                .and_then(|place| focus::home_of(&place));
            asking.set(false);
            focus::restore_if_lost(move || home);
            on_confirm.with_value(|on_confirm| on_confirm.call(()));
        };
        view! {
            <div class="alert-box" role="group" aria-label=label>
                <p>{question.clone()}</p>
                <div class="alert-actions">
                    <Button test_id=format!("{test_id}-confirm") on_click=confirmed>
                        {confirm}
                    </Button>
                    <Button class="cancel" on_click=move |_| ask(false)>
                        "Cancel"
                    </Button>
                </div>
            </div>
        }
        .into_any()
    };
    let cancel_by_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && asking.get_untracked() {
            // A menu around it stays open.
            event.stop_propagation();
            ask(false);
        }
    };
    view! {
        <div class="confirm-place" node_ref=place on:keydown=cancel_by_key>
            {content}
        </div>
    }
}

/// The first match in the box, if that is still on the page.
fn find_in(place: NodeRef<html::Div>, selector: &str) -> Option<web_sys::Element> {
    let place = place.try_get_untracked().flatten()?;
    place.query_selector(selector).ok().flatten()
}
