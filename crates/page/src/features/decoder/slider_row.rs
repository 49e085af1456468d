//! One latent dimension: symbol, slider and number field.

use crate::latent;
use crate::latent::{LATENT_LIMIT, SLIDER_LIMIT, slider_percent};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::number_field::NumberField;
use crate::ui::slider::Slider;
use leptos::prelude::*;

/// Slider of one latent dimension. A double click or Home sets it to 0.
#[component]
pub(crate) fn SliderRow(
    /// The dimension, counting from 0.
    index: usize,
    /// Its KL in nats and relative to the largest one, if known.
    kl: Option<(f64, f64)>,
) -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let value = Memo::new(move |_| latent.value(index));
    let symbol = latent::symbol(index);
    let id = format!("z-{index}");

    // The track is filled from 0 to the value.
    let fill = move || {
        let percent = slider_percent(value.get());
        [percent.min(50.0), percent.max(50.0)]
    };
    // q(z|x) of the encoded image: μ ± 2σ.
    let interval = move || {
        view.encoded.with(|encoded| {
            let encoded = encoded.as_deref()?;
            let (mu, sigma) = (*encoded.mu.get(index)?, *encoded.sigma.get(index)?);
            let (from, to) = (
                slider_percent(mu - 2.0 * sigma),
                slider_percent(mu + 2.0 * sigma),
            );
            let width = to - from;
            Some(view! {
                <span
                    class="slider-interval"
                    style:left=format!("{from:.2}%")
                    style:width=format!("{width:.2}%")
                ></span>
            })
        })
    };
    let bar = kl.map(|(nats, share)| {
        let width = format!("{:.1}%", share * 100.0);
        view! {
            <span class="slider-kl" title=format!("KL {nats:.2} nats")>
                <span style:width=width></span>
            </span>
        }
    });
    view! {
        <div
            class="slider-row"
            class:outside=move || { value.get().abs() > SLIDER_LIMIT }
            on:dblclick=move |event| latent.set_one(index, 0.0, event.time_stamp())
        >
            <label for=id.clone() title="Double-click to set to 0">
                <i>"z"</i>
                <sub>{index + 1}</sub>
                {bar}
            </label>
            <div class="slider-track">
                {interval}
                <Slider
                    id=id.clone()
                    test_id=id.clone()
                    label=symbol.clone()
                    min=f64::from(-SLIDER_LIMIT)
                    max=f64::from(SLIDER_LIMIT)
                    step=0.01
                    value=move || f64::from(value.get())
                    fill=fill
                    on_input=move |(value, at): (f64, f64)| latent.set_one(index, value as f32, at)
                    on_home=move |at| latent.set_one(index, 0.0, at)
                />
            </div>
            <NumberField
                symbol=symbol
                id=id
                limit=LATENT_LIMIT
                value=value
                on_commit=move |value, at| latent.set_one(index, value, at)
                on_focus=move || latent.set_playing(false)
            />
        </div>
    }
}
