//! Jensen's inequality (notes, Figure 1), interactive.

use crate::features::evidence::sections::Section;
use crate::number::format::nats;
use crate::ui::card::Card;
use crate::ui::slider::Slider;
use leptos::prelude::*;

/// The two values of w.
const LOW: f64 = 0.25;
const HIGH: f64 = 3.5;
/// Size of the drawing, which shows w from 0 to 4 and log w from −2.1 to 1.5.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 210.0;

/// The logarithm, its chord, and the gap between them at the mean of w.
#[component]
pub(crate) fn Jensen() -> impl IntoView {
    let probability = RwSignal::new(0.5_f64);
    let expectation =
        move |low: f64, high: f64| probability.get() * high + (1.0 - probability.get()) * low;
    let mean = Memo::new(move |_| expectation(LOW, HIGH));
    let log_of_mean = Memo::new(move |_| mean.get().ln());
    let mean_of_log = Memo::new(move |_| expectation(LOW.ln(), HIGH.ln()));
    let curve: String = (0..=80)
        .map(|i| 0.13 + f64::from(i) * (4.0 - 0.13) / 80.0)
        .enumerate()
        .map(|(i, w)| {
            let (x, y) = to_svg(w, w.ln());
            format!("{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' })
        })
        .collect();
    let [(x0, y0), (x1, y1)] = [LOW, HIGH].map(|w| to_svg(w, w.ln()));
    let (label_x, label_y) = to_svg(2.0, 2.0_f64.ln());
    let gap = move || {
        let (x, top) = to_svg(mean.get(), log_of_mean.get());
        let (_, bottom) = to_svg(mean.get(), mean_of_log.get());
        format!("M{x:.1} {top:.1}V{bottom:.1}")
    };
    view! {
        <Card id=Section::JENSEN.id title="Jensen’s inequality" source="Notes, Figure 1" equation=equations::JENSEN_INEQUALITY>
            <svg class="jensen" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label="The logarithm is above its chord">
                <path class="jensen-curve" d=curve />
                <path class="jensen-chord" d=format!("M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}") />
                <path class="jensen-gap" d=gap />
                <circle cx=x0.to_string() cy=y0.to_string() r="4" />
                <circle cx=x1.to_string() cy=y1.to_string() r="4" />
                <text x=(label_x - 8.0).to_string() y=(label_y - 10.0).to_string() text-anchor="end">"log w"</text>
            </svg>
            <label class="labelled-slider">
                "probability of the larger w: " {move || format!("{:.2}", probability.get())}
                <Slider
                    min=0.0
                    max=1.0
                    step=0.01
                    test_id="jensen-share"
                    value=probability
                    on_input=move |(value, _)| probability.set(value)
                />
            </label>
            <p class="card-note">
                "log E[w] = " <b>{move || nats(log_of_mean.get())}</b> ", E[log w] = "
                <b>{move || nats(mean_of_log.get())}</b> ". The logarithm is concave, so the mean of the logs is \
                 smaller. With w = p(x, z)/q(z|x) the left side is log p(x) and the right side is the ELBO. The mean \
                 of K weights has a smaller variance than one weight, so its bound is tighter."
            </p>
        </Card>
    }
}

/// SVG coordinates of a point (w, log w).
fn to_svg(w: f64, log_w: f64) -> (f64, f64) {
    (w / 4.0 * WIDTH, (1.5 - log_w) / 3.6 * HEIGHT)
}
