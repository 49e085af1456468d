//! A button for what cannot be undone: it asks before it acts.

use crate::ui::button::{Button, ButtonKind};
use crate::ui::handler::Handler;
use leptos::prelude::*;

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
    move || {
        if !asking.get() {
            let text = text.clone();
            return view! {
                <Button kind=ButtonKind::Quiet test_id=test_id on_click=move |_| asking.set(true)>
                    {text}
                </Button>
            }
            .into_any();
        }
        let confirmed = move |_| {
            asking.set(false);
            on_confirm.with_value(|on_confirm| on_confirm.call(()));
        };
        view! {
            <div class="alert-box" role="group" aria-label=label>
                <p>{question.clone()}</p>
                <div class="alert-actions">
                    <Button test_id=format!("{test_id}-confirm") on_click=confirmed>
                        {confirm}
                    </Button>
                    <Button on_click=move |_| asking.set(false)>"Cancel"</Button>
                </div>
            </div>
        }
        .into_any()
    }
}
