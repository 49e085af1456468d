//! One latent dimension: its symbol, slider and number.

use crate::latent;
use crate::latent::{LIMIT, REACH, percent};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::number_field::NumberField;
use leptos::{ev, prelude::*};

/// The row of one dimension. A double click or Home sets it to 0.
#[component]
pub(crate) fn SliderRow(
    /// The dimension, counting from 0.
    index: usize,
    /// Its KL in nats and as a share of the largest, where they are known.
    kl: Option<(f64, f64)>,
) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let value = Memo::new(move |_| latent.value(index));
    let symbol = latent::symbol(index);
    let id = format!("z-{index}");

    let on_input = move |event: ev::Event| {
        if let Ok(value) = event_target_value(&event).parse() {
            latent.set_one(index, value, event.time_stamp());
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Home" {
            event.prevent_default();
            latent.set_one(index, 0.0, event.time_stamp());
        }
    };
    // Where the filled part of the track starts and ends, in per cent.
    let fill = move || {
        let at = percent(value.get());
        format!("--from: {:.2}%; --to: {:.2}%", at.min(50.0), at.max(50.0))
    };
    // q(z|x) of what is encoded, at two σ.
    let spread = move || {
        view.encoded.with(|encoded| {
            let encoded = encoded.as_deref()?;
            let (mu, sigma) = (*encoded.mu.get(index)?, *encoded.sigma.get(index)?);
            let (from, to) = (percent(mu - 2.0 * sigma), percent(mu + 2.0 * sigma));
            let style = format!("left: {from:.2}%; width: {:.2}%", to - from);
            Some(view! { <span class="slider-spread" style=style></span> })
        })
    };
    let bar = kl.map(|(nats, share)| {
        let style = format!("width: {:.1}%", share * 100.0);
        view! {
            <span class="slider-kl" title=format!("KL {nats:.2} nats")>
                <span style=style></span>
            </span>
        }
    });
    view! {
        <div
            class="slider-row"
            class:outside=move || { value.get().abs() > REACH }
            on:dblclick=move |event| latent.set_one(index, 0.0, event.time_stamp())
        >
            <label for=id.clone() title="Double click sets it to 0">
                <i>"z"</i>
                <sub>{index + 1}</sub>
                {bar}
            </label>
            <div class="slider-track">
                {spread}
                <input
                    type="range"
                    id=id.clone()
                    data-testid=id.clone()
                    aria-label=symbol.clone()
                    min="-3"
                    max="3"
                    step="0.01"
                    style=fill
                    prop:value=move || value.get().to_string()
                    on:input=on_input
                    on:keydown=on_keydown
                />
            </div>
            <NumberField
                symbol=symbol
                id=id
                limit=LIMIT
                value=value
                on_commit=move |value, at| latent.set_one(index, value, at)
                on_focus=move || latent.set_playing(false)
            />
        </div>
    }
}
