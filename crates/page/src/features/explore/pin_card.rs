//! A pin: its decoded image, and buttons to go to it and to remove it.

use crate::features::decoder::decoded_thumbnail::DecodedThumbnail;
use crate::features::explore::pins::Pins;
use crate::number::format;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use leptos::{ev::MouseEvent, prelude::*};

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
    let go_to = format!("Go to pin {name}, z = {text}");
    let remove = format!("Remove pin {name}");
    view! {
        <li class="pin">
            <Button
                class="pin-go"
                test_id=format!("pin-{index}")
                label=go_to
                title=text
                on_click=move |event: MouseEvent| latent.set(target.clone(), event.time_stamp())
            >
                <DecodedThumbnail z=move || Some(z.clone()) />
                {name}
            </Button>
            <Button
                class="pin-remove"
                test_id=format!("pin-remove-{index}")
                label=remove
                on_click=move |_| pins.remove(index)
            >
                "×"
            </Button>
        </li>
    }
}

/// The name of a pin: A, B, C, ….
pub(crate) fn letter(index: usize) -> String {
    let letter = u8::try_from(index).map_or(b'?', |index| b'A'.saturating_add(index));
    char::from(letter).to_string()
}
