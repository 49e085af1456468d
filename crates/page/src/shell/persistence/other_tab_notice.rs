//! Says that another tab of the page saves, and offers to save in this one.

use crate::shell::persistence::writer::PersistenceWriter;
use crate::state::save_status::SaveStatus;
use crate::ui::button::{Button, ButtonKind};
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// The notice, while another tab saves and the notice is not dismissed.
#[component]
pub(crate) fn OtherTabNotice() -> impl IntoView {
    let status = expect_context::<SaveStatus>();
    let writer = expect_context::<StoredValue<PersistenceWriter, LocalStorage>>();
    let other_tab = Memo::new(move |_| status.other_tab());
    let dismissed = RwSignal::new(false);
    Effect::new(move |_| {
        if !other_tab.get() {
            // It may happen again.
            dismissed.set(false);
        }
    });
    move || {
        (other_tab.get() && !dismissed.get()).then(|| {
            view! {
                <div class="notice" data-testid="other-tab-notice">
                    <p>"This page is open in another tab, which saves your work. Changes in this tab are not saved."</p>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="save-here"
                        class="notice-action"
                        on_click=move |_| writer.with_value(PersistenceWriter::take_over)
                    >
                        "Save in this tab instead"
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        label="Dismiss this message"
                        on_click=move |_| dismissed.set(true)
                    >
                        "×"
                    </Button>
                </div>
            }
        })
    }
}
