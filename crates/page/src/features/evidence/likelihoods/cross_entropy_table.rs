//! Figure 9's 1e-10 beside the stable form.

use crate::features::evidence::likelihoods::cross_entropy::CrossEntropy;
use crate::number::format::nats;
use leptos::prelude::*;

/// A logit to slide, and both forms of one pixel's loss.
#[component]
pub(crate) fn CrossEntropyTable() -> impl IntoView {
    let logit = RwSignal::new(17.0_f32);
    let at = Memo::new(move |_| CrossEntropy::at(logit.get()));
    let slope = |value: f32| format!("{value:.3}");
    view! {
        <details class="card-more">
            <summary>"Figure 9’s 1e-10, and where it breaks"</summary>
            <label class="sigma-slider">
                "logit of a pixel that has no ink: " {move || format!("{:.1}", logit.get()).replace('-', "−")}
                <input
                    type="range"
                    min="-5"
                    max="40"
                    step="0.5"
                    data-testid="figure-nine-logit"
                    prop:value=move || logit.get().to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse() {
                            logit.set(value);
                        }
                    }
                />
            </label>
            <table class="likelihoods">
                <thead>
                    <tr>
                        <th scope="col">"in single precision"</th>
                        <th scope="col">"loss, nats"</th>
                        <th scope="col">"its slope"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">"−log(1 − y + 1e-10), y = sigmoid(l)"</th>
                        <td data-testid="figure-nine-written">{move || nats(f64::from(at.get().written))}</td>
                        <td>{move || slope(at.get().written_slope)}</td>
                    </tr>
                    <tr>
                        <th scope="row">"max(l, 0) + log(1 + e^−|l|)"</th>
                        <td data-testid="figure-nine-stable">{move || nats(f64::from(at.get().stable))}</td>
                        <td>{move || slope(at.get().stable_slope)}</td>
                    </tr>
                </tbody>
            </table>
            <p class="card-note">
                "From a logit of about 16.6 on, 1 − y is exactly 0 in single precision: the loss stands at 23.03 and \
                 its slope is 0, so that the pixel that is most wrong learns nothing. ELBO Room computes with the \
                 second form."
            </p>
        </details>
    }
}
