//! Switches the colour theme.

use crate::shell::theme::Theme;
use crate::ui::button::Button;
use leptos::prelude::*;

/// The button that cycles through the three themes.
#[component]
pub(crate) fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let switch = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };
    let icon = move || match theme.get() {
        // A half-shaded disc, a sun, a moon.
        Theme::Auto => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 3v14M7 4.2v11.6M4.5 6v8",
        Theme::Light => {
            "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6l1.4 1.4M16 4l-1.4 1.4M5.4 14.6 4 16"
        }
        Theme::Dark => "M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z",
    };
    let label = move || format!("Theme: {}", theme.get().name());
    view! {
        <Button class="tool icon-only" test_id="theme" label=label title=label on_click=switch>
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d=icon />
            </svg>
        </Button>
    }
}
