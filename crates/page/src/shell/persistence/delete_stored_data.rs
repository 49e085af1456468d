//! Deletes everything that the page has stored in this browser.

use crate::dom;
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// The button, and a question before anything is deleted.
#[component]
pub(crate) fn DeleteStoredData() -> impl IntoView {
    let writer = expect_context::<StoredValue<PersistenceWriter, LocalStorage>>();
    let asking = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let delete = move |_| {
        let writer = writer.get_value();
        wasm_bindgen_futures::spawn_local(async move {
            match writer.delete_all().await {
                Ok(()) => dom::clear_storage_and_reload(),
                Err(error) => {
                    problem.try_set(Some(format!("Not everything was deleted: {error}")));
                }
            }
        });
    };
    view! {
        <section class="forget" aria-label="Stored data">
            <p class="hint">
                "Images, models, settings and the training run are stored in this browser only."
            </p>
            <Show
                when=move || asking.get()
                fallback=move || {
                    view! {
                        <button
                            type="button"
                            class="quiet"
                            data-testid="forget"
                            on:click=move |_| asking.set(true)
                        >
                            "Delete all stored data…"
                        </button>
                    }
                }
            >
                <div class="alert-box" role="group" aria-label="Delete all stored data">
                    <p>
                        "This deletes all images, your own models, the settings and the training run. Files that you have \
                         downloaded are not affected."
                    </p>
                    <div class="alert-actions">
                        <button type="button" data-testid="forget-confirm" on:click=delete>
                            "Delete everything"
                        </button>
                        <button type="button" on:click=move |_| asking.set(false)>
                            "Cancel"
                        </button>
                    </div>
                </div>
            </Show>
            <p class="refusal" role="alert">{move || problem.get()}</p>
        </section>
    }
}
