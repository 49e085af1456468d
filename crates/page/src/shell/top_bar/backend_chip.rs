//! The active backend, its latency, and the backends that were tried.

use crate::number::format;
use crate::state::engine_view::EngineView;
use leptos::{ev, prelude::*};

/// The chip. Hover, focus or a click shows the backends that were tried.
#[component]
pub(crate) fn BackendChip() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let open = RwSignal::new(false);
    let active = Memo::new(move |_| view.active.get());
    let name = move || active.get().map_or("", |backend| backend.name());
    let latency = move || view.latency.get().map(format::milliseconds);
    let attempts = move || {
        view.attempts
            .get()
            .into_iter()
            .map(|attempt| {
                view! {
                    <li>
                        <b>{attempt.backend.name()}</b>
                        ": "
                        {attempt.outcome}
                    </li>
                }
            })
            .collect_view()
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            open.set(false);
        }
    };
    view! {
        <div class="chip-box" class:open=move || open.get() on:keydown=on_keydown>
            <button
                type="button"
                class="chip"
                aria-expanded=move || open.get().to_string()
                aria-controls="backend-attempts"
                on:click=move |_| open.update(|open| *open = !*open)
                on:blur=move |_| open.set(false)
            >
                <span class="dot" class:on=move || active.get().is_some()></span>
                <span class="visually-hidden">"Backend "</span>
                <span data-testid="backend-active">{name}</span>
                <span class="visually-hidden">", time from input to pixels "</span>
                <span class="latency" data-testid="latency">
                    {latency}
                </span>
            </button>
            <div class="attempts" id="backend-attempts" role="group" aria-label="Backends tried">
                <p>"Time from input to pixels, and the backends tried:"</p>
                <ol>{attempts}</ol>
            </div>
        </div>
    }
}
