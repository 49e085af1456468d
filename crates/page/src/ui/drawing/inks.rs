//! Colours to draw with.

use crate::ui::drawing::strokes::Ink;
use crate::ui::drawing::surface::Drawing;
use leptos::prelude::*;

/// The ground of drawings in colour.
pub(crate) const PAPER: Ink = "#fff";

/// The colours with their names; the first is chosen at first.
pub(crate) const INKS: [(Ink, &str); 8] = [
    ("#222222", "Black"),
    ("#e0312d", "Red"),
    ("#f5871f", "Orange"),
    ("#fcd21d", "Yellow"),
    ("#3fa34d", "Green"),
    ("#2f7de1", "Blue"),
    ("#8d5a2b", "Brown"),
    ("#ffffff", "White"),
];

/// A button for each colour.
#[component]
pub(crate) fn InkButtons(
    /// The drawing.
    drawing: Drawing,
) -> impl IntoView {
    let buttons = INKS.map(|(ink, name)| {
        view! {
            <button
                type="button"
                class="ink"
                data-testid=format!("ink-{}", name.to_lowercase())
                style:background=ink
                title=name
                aria-label=name
                aria-pressed=move || (drawing.ink.get() == ink).to_string()
                on:click=move |_| drawing.ink.set(ink)
            ></button>
        }
    });
    view! {
        <div class="inks" role="group" aria-label="Colour of the pen">
            {buttons.into_iter().collect_view()}
        </div>
    }
}
