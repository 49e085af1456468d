//! Tells how to zoom when the wheel scrolls the page instead.

use leptos::prelude::*;
use std::time::Duration;

/// How long the hint stays after the last event.
const SHOWN_FOR: Duration = Duration::from_millis(1500);

/// Whether the hint is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WheelHint {
    shown: RwSignal<bool>,
    timeout: StoredValue<Option<TimeoutHandle>>,
}

impl WheelHint {
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new(false),
            timeout: StoredValue::new(None),
        }
    }

    /// Shows the hint for a moment.
    pub(crate) fn show(self) {
        self.shown.set(true);
        let hide = move || {
            // The plane may be unmounted by now.
            self.shown.try_set(false);
        };
        let next = set_timeout_with_handle(hide, SHOWN_FOR).ok();
        let before = self
            .timeout
            .try_update_value(|timeout| std::mem::replace(timeout, next));
        if let Some(handle) = before.flatten() {
            handle.clear();
        }
    }

    /// Hides the hint.
    pub(crate) fn hide(self) {
        self.shown.set(false);
    }

    /// The hint. It is for people with a wheel; keys and buttons zoom, too.
    pub(crate) fn view(self) -> impl IntoView {
        view! {
            <p
                class="wheel-hint"
                class:shown=move || self.shown.get()
                data-testid="wheel-hint"
                aria-hidden="true"
            >
                "Ctrl + wheel or pinch to zoom"
            </p>
        }
    }
}
