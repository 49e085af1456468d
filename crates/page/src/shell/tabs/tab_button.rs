//! A tab.

use crate::shell::tabs::tab::{OpenTab, Tab};
use leptos::prelude::*;

/// Opens its panel, or closes it if it is open.
#[component]
pub(crate) fn TabButton(
    /// The panel.
    tab: Tab,
) -> impl IntoView {
    let open_tab = expect_context::<OpenTab>();
    let open = Memo::new(move |_| open_tab.get() == Some(tab));
    // The list has a single tab stop: the open tab, or the first.
    let stop = move || match open_tab.get() {
        Some(open) => open == tab,
        None => Tab::ALL[0] == tab,
    };
    let name = tab.name();
    view! {
        <button
            type="button"
            role="tab"
            class="tab"
            id=format!("tab-{name}")
            data-testid=format!("tab-{name}")
            aria-selected=move || open.get().to_string()
            aria-controls=move || open.get().then(|| format!("panel-{name}"))
            tabindex=move || if stop() { "0" } else { "-1" }
            title=move || {
                if open.get() { "Close this panel".to_owned() } else { format!("Open {}", tab.title()) }
            }
            on:click=move |_| open_tab.set((!open.get_untracked()).then_some(tab))
        >
            <span class="tab-title">{tab.title()}</span>
            // Hidden while a panel is open, which then shows its own.
            <span class="tab-purpose">{tab.purpose()}</span>
            <svg viewBox="0 0 12 12" aria-hidden="true">
                <path d=move || {
                    if open.get() { "m2.5 7.5 3.5-3.5 3.5 3.5" } else { "m2.5 4.5 3.5 3.5 3.5-3.5" }
                } />
            </svg>
        </button>
    }
}
