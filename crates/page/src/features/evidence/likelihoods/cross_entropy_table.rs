//! Comparison of the notes' Figure 9 with a numerically stable cross-entropy.

use crate::features::evidence::likelihoods::cross_entropy::CrossEntropy;
use crate::number::format;
use crate::ui::slider::Slider;
use leptos::prelude::*;

/// Loss and derivative of both forms at an adjustable logit.
#[component]
pub(crate) fn CrossEntropyTable() -> impl IntoView {
    let logit = RwSignal::new(17.0_f64);
    let loss = Memo::new(move |_| CrossEntropy::at(logit.get() as f32));
    let derivative = |value: f32| format!("{value:.3}");
    view! {
        <details class="card-more">
            <summary>"Numerical stability: where Figure 9’s 1e-10 fails"</summary>
            <label class="labelled-slider">
                "logit l of a black pixel (x = 0): " {move || format::fixed(logit.get(), 1)}
                <Slider
                    min=-5.0
                    max=40.0
                    step=0.5
                    test_id="figure-nine-logit"
                    value=logit
                    on_input=move |(value, _)| logit.set(value)
                />
            </label>
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"in single precision"</th>
                        <th scope="col">"loss, nats"</th>
                        <th scope="col">"derivative"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">"−log(1 − y + 1e-10), y = sigmoid(l)"</th>
                        <td data-testid="figure-nine-written">{move || format::nats(f64::from(loss.get().naive))}</td>
                        <td>{move || derivative(loss.get().naive_derivative)}</td>
                    </tr>
                    <tr>
                        <th scope="row">"max(l, 0) + log(1 + e^−|l|)"</th>
                        <td data-testid="figure-nine-stable">{move || format::nats(f64::from(loss.get().stable))}</td>
                        <td>{move || derivative(loss.get().stable_derivative)}</td>
                    </tr>
                </tbody>
            </table>
            <p class="card-note">
                "Above a logit of about 16.6, 1 − y is exactly 0 in single precision: the loss stays at 23.03 and its \
                 derivative is 0, so the pixel with the largest error gets no gradient. ELBO Room uses the second form."
            </p>
        </details>
    }
}
