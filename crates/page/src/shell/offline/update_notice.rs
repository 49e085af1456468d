//! Offers a newer build of the page.

use super::update::{Update, UpdateState};
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// The offer, while there is one.
#[component]
pub(crate) fn UpdateNotice() -> impl IntoView {
    let update = expect_context::<Update>();
    let text = move || match update.state.get() {
        UpdateState::None => None,
        UpdateState::Ready => {
            Some("A new version of this page is ready. It opens with your next visit.".to_owned())
        }
        UpdateState::OtherTabs(1) => {
            Some("Close the other tab that shows this page first, then try again.".to_owned())
        }
        UpdateState::OtherTabs(count) => Some(format!(
            "Close the {count} other tabs that show this page first, then try again."
        )),
    };
    move || {
        text().map(|text| {
            view! {
                <div class="notice" data-testid="update-notice">
                    <p>{text}</p>
                    <Button kind=ButtonKind::Quiet test_id="update-now" class="notice-action" on_click=move |_| update.replace()>
                        "Reload now"
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        label="Dismiss this message"
                        on_click=move |_| update.state.set(UpdateState::None)
                    >
                        "×"
                    </Button>
                </div>
            }
        })
    }
}
