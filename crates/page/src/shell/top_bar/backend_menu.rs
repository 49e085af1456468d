//! The backend: which one is active, how fast it is, which to use, and those that were tried.

use crate::number::format;
use crate::shell::top_bar::backend_picker::BackendPicker;
use crate::state::engine_view::EngineView;
use crate::ui::popover::Popover;
use leptos::prelude::*;

/// A processor: a square with legs.
const ICON: &str = "M6 6h8v8H6zM8 6V3M12 6V3M8 17v-3M12 17v-3M6 8H3M6 12H3M17 8h-3M17 12h-3";

/// The menu.
#[component]
pub(crate) fn BackendMenu() -> impl IntoView {
    let view = expect_context::<EngineView>();
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
    view! {
        <Popover id="backend-menu" label="Backend and latency" test_id="backend-menu" icon=ICON>
            <BackendPicker />
            <dl>
                <dt>"Active"</dt>
                <dd data-testid="backend-active">{name}</dd>
                <dt>"Input to pixels"</dt>
                <dd data-testid="latency">{latency}</dd>
            </dl>
            <p>"Tried:"</p>
            <ol>{attempts}</ol>
        </Popover>
    }
}
