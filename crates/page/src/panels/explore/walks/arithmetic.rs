//! a − b + c with pins.

use super::pin::letter;
use crate::{
    latent::{LIMIT, to_step, walk},
    state::{Latent, Pins},
};
use leptos::{ev, prelude::*};

/// Three pins, and the z that they come to.
#[component]
pub(super) fn PinArithmetic() -> impl IntoView {
    let latent = expect_context::<Latent>();
    let pins = expect_context::<Pins>();
    let chosen = [0, 1, 0].map(RwSignal::new);
    let count = Memo::new(move |_| pins.count());
    let go = move |event: ev::MouseEvent| {
        let [a, b, c] = chosen.map(|index| untrack(|| pins.get(index.get())));
        if let (Some(a), Some(b), Some(c)) = (a, b, c) {
            let z = walk::arithmetic(&a, &b, &c);
            let z = z.iter().map(|z| to_step(z.clamp(-LIMIT, LIMIT))).collect();
            latent.choose(z, event.time_stamp());
        }
    };
    let pick = move |which: usize, label: &'static str| {
        let index = chosen[which];
        let choose = move |event: ev::Event| {
            if let Ok(value) = event_target_value(&event).parse() {
                index.set(value);
            }
        };
        view! {
            <select
                data-testid=format!("arithmetic-{which}")
                aria-label=label
                prop:value=move || index.get().to_string()
                on:change=choose
            >
                {move || {
                    (0..count.get())
                        .map(|pin| {
                            view! {
                                <option value=pin.to_string() selected=pin == index.get_untracked()>
                                    {letter(pin)}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        }
    };
    view! {
        <div class="pin-arithmetic" role="group" aria-label="Arithmetic with pins">
            {pick(0, "First pin")}
            " − "
            {pick(1, "Pin to subtract")}
            " + "
            {pick(2, "Pin to add")}
            <button type="button" data-testid="arithmetic-go" on:click=go>
                "Go there"
            </button>
        </div>
    }
}
