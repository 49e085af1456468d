//! A button that chooses a sample digit.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use leptos::{html, prelude::*};

/// Shows a digit of 28×28 pixels; nothing until its pixels are loaded.
#[component]
pub(crate) fn SampleDigit(
    class: usize,
    pixels: Vec<u8>,
    test_id: String,
    /// Whether it is the chosen one; without it, the button does not say.
    #[prop(optional, into)]
    is_chosen: Option<Signal<bool>>,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get()
            && pixels.len() == PIXELS
        {
            dom::draw_grey(&canvas, &pixels, [28, 28]);
        }
    });
    view! {
        <button
            type="button"
            class="sample-digit"
            data-testid=test_id
            aria-label=format!("Digit {class}")
            aria-pressed=is_chosen.map(|is_chosen| move || is_chosen.get().to_string())
            on:click=move |_| on_click.run(())
        >
            <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas>
        </button>
    }
}
