//! Deletes everything that the page has stored in the browser.

use crate::dom;
use crate::shell::persistence::writer::PersistenceWriter;
use crate::ui::confirm_button::ConfirmButton;
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// The button, which asks before it deletes.
#[component]
pub(crate) fn DeleteStoredData() -> impl IntoView {
    let writer = expect_context::<StoredValue<PersistenceWriter, LocalStorage>>();
    let problem = RwSignal::new(None::<String>);
    let delete = move |()| {
        let writer = writer.get_value();
        wasm_bindgen_futures::spawn_local(async move {
            match writer.delete_all().await {
                Ok(()) => dom::clear_storage_and_reload(),
                Err(cause) => {
                    problem.try_set(Some(format!("Not everything was deleted: {cause}")));
                }
            }
        });
    };
    view! {
        <section class="stored-data" aria-label="Stored data">
            <p class="hint">
                "Images, models, settings and the training run are stored in this browser only."
            </p>
            <ConfirmButton
                text="Delete all stored data…"
                test_id="forget"
                label="Delete all stored data"
                question="This deletes all images, your own models, the settings and the training run. Files that you \
                          have downloaded are not affected."
                confirm="Delete everything"
                on_confirm=delete
            />
            <p class="start-error" role="alert">{move || problem.get()}</p>
        </section>
    }
}
