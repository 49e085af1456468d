//! A pin: its decoded image, and buttons to go to it and to remove it.

use crate::features::decoder::decoded_thumbnail::DecodedThumbnail;
use crate::features::explore::pins::Pins;
use crate::number::format;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// One pin.
#[component]
pub(crate) fn PinCard(
    /// Its index, from 0.
    index: usize,
    /// Its latent vector.
    z: Vec<f32>,
) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let pins = expect_context::<Pins>();
    let name = letter(index);
    let text = format::vector(&z);
    let target = z.clone();
    view! {
        <li class="pin">
            <button
                type="button"
                class="pin-go"
                data-testid=format!("pin-{index}")
                aria-label=format!("Go to pin {name}, z = {text}")
                title=text.clone()
                on:click=move |event| latent.set(target.clone(), event.time_stamp())
            >
                <DecodedThumbnail z />
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

/// The name of a pin: A, B, C, ….
pub(crate) fn letter(index: usize) -> String {
    let letter = u8::try_from(index).map_or(b'?', |index| b'A'.saturating_add(index));
    char::from(letter).to_string()
}
