//! A pin: its picture, the way back to it, and its end.

use crate::{
    asks::Asks,
    dom,
    latent::number,
    state::{EngineView, Latent, PIXELS, Pins},
};
use leptos::{html, prelude::*};

/// One pin.
#[component]
pub(super) fn PinCard(
    /// Which one, counting from 0.
    index: usize,
    /// Where.
    z: Vec<f32>,
) -> impl IntoView {
    let asks = expect_context::<Asks>();
    let latent = expect_context::<Latent>();
    let view = expect_context::<EngineView>();
    let pins = expect_context::<Pins>();
    let canvas = NodeRef::<html::Canvas>::new();
    let z = StoredValue::new(z);
    Effect::new(move |_| {
        // Another state of the model draws it anew.
        view.generation.track();
        asks.decode_batch(z.get_value(), move |pixels| {
            let canvas = canvas.try_get_untracked().flatten();
            if let (Some(canvas), Some(pixels)) = (canvas, pixels)
                && pixels.len() == PIXELS
            {
                dom::draw_grey(&canvas, &pixels, [28, 28]);
            }
        });
    });
    let name = letter(index);
    let text = z.with_value(|z| number::vector(z));
    view! {
        <li class="pin">
            <button
                type="button"
                class="pin-go"
                data-testid=format!("pin-{index}")
                aria-label=format!("Go to pin {name}, z = {text}")
                title=text.clone()
                on:click=move |event| latent.choose(z.get_value(), event.time_stamp())
            >
                <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas>
                {name.clone()}
            </button>
            <button
                type="button"
                class="pin-remove"
                data-testid=format!("pin-remove-{index}")
                aria-label=format!("Remove pin {name}")
                on:click=move |_| pins.remove(index)
            >
                "×"
            </button>
        </li>
    }
}

/// A, B, C and so on.
pub(super) fn letter(index: usize) -> String {
    let letter = u8::try_from(index).map_or(b'?', |index| b'A'.saturating_add(index));
    char::from(letter).to_string()
}
