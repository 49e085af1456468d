//! Deletes what the page keeps on this machine.

use crate::dom;
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// The button, and the question before it.
#[component]
pub(crate) fn Forget() -> impl IntoView {
    let keeper = expect_context::<StoredValue<PersistenceWriter, LocalStorage>>();
    let asking = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let forget = move |_| {
        let keeper = keeper.get_value();
        wasm_bindgen_futures::spawn_local(async move {
            match keeper.forget_everything().await {
                Ok(()) => dom::start_over(),
                Err(error) => {
                    problem.try_set(Some(format!("Not everything was deleted: {error}")));
                }
            }
        });
    };
    view! {
        <section class="forget" aria-label="What is kept">
            <p class="hint">
                "Digits, models, settings and the run are kept in this browser, and nowhere else."
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
                            "Forget everything…"
                        </button>
                    }
                }
            >
                <div class="alert-box" role="group" aria-label="Forget everything">
                    <p>
                        "This deletes all digits, your own models, the settings and the run. What you have \
                         downloaded stays yours."
                    </p>
                    <div class="alert-actions">
                        <button type="button" data-testid="forget-confirm" on:click=forget>
                            "Delete it all"
                        </button>
                        <button type="button" on:click=move |_| asking.set(false)>
                            "Keep it"
                        </button>
                    </div>
                </div>
            </Show>
            <p class="refusal" role="alert">{move || problem.get()}</p>
        </section>
    }
}
