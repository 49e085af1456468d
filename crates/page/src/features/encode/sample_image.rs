//! A button that chooses a sample image.

use crate::dom;
use leptos::{html, prelude::*};
use protocol::ImageShape;

/// Shows an image; nothing until its pixels are loaded.
#[component]
pub(crate) fn SampleImage(
    /// Its name for screen readers.
    name: String,
    /// The shape of the image.
    shape: ImageShape,
    /// Its values, `[height, width, channels]`.
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
            && pixels.len() == shape.values()
        {
            dom::draw_image(&canvas, &pixels, shape);
        }
    });
    view! {
        <button
            type="button"
            class="sample-digit"
            data-testid=test_id
            title=name.clone()
            aria-label=name
            aria-pressed=is_chosen.map(|is_chosen| move || is_chosen.get().to_string())
            on:click=move |_| on_click.run(())
        >
            <canvas
                node_ref=canvas
                width=shape.width.to_string()
                height=shape.height.to_string()
                aria-hidden="true"
            ></canvas>
        </button>
    }
}
