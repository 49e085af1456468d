//! Jensen's inequality (notes, Figure 1), with a hand on it.

use crate::number::format::nats;
use crate::ui::card::Card;
use leptos::prelude::*;

/// Two values of w.
const LOW: f64 = 0.25;
const HIGH: f64 = 3.5;
/// The drawing goes from 0 to 4 and from −2 to 1.5.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 210.0;

/// The chord under the logarithm, and the gap between them.
#[component]
pub(crate) fn Jensen() -> impl IntoView {
    let share = RwSignal::new(0.5_f64);
    let mean = Memo::new(move |_| share.get() * HIGH + (1.0 - share.get()) * LOW);
    let of_mean = Memo::new(move |_| mean.get().ln());
    let mean_of = Memo::new(move |_| share.get() * HIGH.ln() + (1.0 - share.get()) * LOW.ln());
    let curve: String = (0..=80)
        .map(|i| 0.13 + f64::from(i) * (4.0 - 0.13) / 80.0)
        .enumerate()
        .map(|(i, w)| {
            let (x, y) = drawn(w, w.ln());
            format!("{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' })
        })
        .collect();
    let [(x0, y0), (x1, y1)] = [LOW, HIGH].map(|w| drawn(w, w.ln()));
    let (label_x, label_y) = drawn(2.0, 2.0_f64.ln());
    let gap = move || {
        let (x, top) = drawn(mean.get(), of_mean.get());
        let (_, bottom) = drawn(mean.get(), mean_of.get());
        format!("M{x:.1} {top:.1}V{bottom:.1}")
    };
    view! {
        <Card title="Jensen’s inequality" source="Notes, Figure 1" equation=equations::JENSEN_INEQUALITY>
            <svg class="jensen" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label="The logarithm lies above its chord">
                <path class="jensen-curve" d=curve />
                <path class="jensen-chord" d=format!("M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}") />
                <path class="jensen-gap" d=gap />
                <circle cx=x0.to_string() cy=y0.to_string() r="4" />
                <circle cx=x1.to_string() cy=y1.to_string() r="4" />
                <text x=(label_x - 8.0).to_string() y=(label_y - 10.0).to_string() text-anchor="end">"log w"</text>
            </svg>
            <label class="sigma-slider">
                "share of the larger w: " {move || format!("{:.2}", share.get())}
                <input
                    type="range"
                    min="0"
                    max="1"
                    step="0.01"
                    data-testid="jensen-share"
                    prop:value=move || share.get().to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse() {
                            share.set(value);
                        }
                    }
                />
            </label>
            <p class="card-note">
                "log E[w] = " <b>{move || nats(of_mean.get())}</b> ", E[log w] = "
                <b>{move || nats(mean_of.get())}</b> ". The logarithm is bent, so that the mean of logarithms is the \
                 smaller: with w = p(x, z)/q(z|x) the left side is log p(x) and the right side the ELBO. A mean over \
                 K weights spreads less than one weight, and so its bound is nearer."
            </p>
        </Card>
    }
}

/// Where a point lies in the drawing.
fn drawn(w: f64, log: f64) -> (f64, f64) {
    (w / 4.0 * WIDTH, (1.5 - log) / 3.6 * HEIGHT)
}
