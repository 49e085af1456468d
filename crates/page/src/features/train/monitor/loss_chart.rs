//! −ELBO, reconstruction and KL over the steps.

use crate::features::train::monitor::chart_lines::{HEIGHT, Part, WIDTH, axes, path};
use crate::features::train::monitor::loss_table::LossTable;
use crate::features::train::state::TrainingView;
use crate::ui::axis::tick_label;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How far an arrow key moves the readout, as a share of the chart.
const STRIDE: f64 = 0.02;

/// The chart, with a readout at the pointer.
#[component]
pub(crate) fn LossChart() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    // Where on the axis of steps the readout is, from 0 to 1; none for the newest losses.
    let readout = RwSignal::new(None::<f64>);
    let axes = Memo::new(move |_| view.history.with(axes));
    let at = Memo::new(move |_| readout.get().map(|place| axes.get().0.value(place)));
    let lines = move || {
        let axes = axes.get();
        view.history.with(|history| {
            [("training", &history.training), ("held-out", &history.held_out)]
                .into_iter()
                .flat_map(|(set, curve)| {
                    Part::ALL.map(|part| {
                        view! {
                            <path class=format!("line {} {set}", part.class()) d=path(curve, part, axes) />
                        }
                    })
                })
                .collect_view()
        })
    };
    let on_pointer = move |event: ev::PointerEvent| readout.set(place_of(&event));
    let on_keydown = move |event: ev::KeyboardEvent| {
        let place = readout.get_untracked().unwrap_or(1.0);
        let to = match event.key().as_str() {
            "ArrowLeft" => Some((place - STRIDE).max(0.0)),
            "ArrowRight" => Some((place + STRIDE).min(1.0)),
            "Home" => Some(0.0),
            "End" | "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        readout.set(to);
    };
    view! {
        <section class="view-box loss-box" aria-label="Losses">
            <LossTable at />
            <div class="chart">
                <div class="chart-y" aria-hidden="true">
                    {move || {
                        let nats = axes.get().1;
                        nats.ticks(4)
                            .into_iter()
                            .map(|tick| {
                                let top = (1.0 - nats.place(tick)) * 100.0;
                                view! { <span style=format!("top: {top:.2}%")>{tick_label(tick)}</span> }
                            })
                            .collect_view()
                    }}
                </div>
                <div
                    class="chart-area"
                    data-testid="train-chart"
                    tabindex="0"
                    role="img"
                    aria-label="Losses in nats over steps. Arrow keys move the readout in the table above."
                    on:pointermove=on_pointer
                    on:pointerdown=on_pointer
                    on:pointerleave=move |_| readout.set(None)
                    on:keydown=on_keydown
                    on:blur=move |_| readout.set(None)
                >
                    <svg
                        viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                        preserveAspectRatio="none"
                        aria-hidden="true"
                    >
                        {move || {
                            let nats = axes.get().1;
                            let d: String = nats
                                .ticks(4)
                                .into_iter()
                                .map(|tick| format!("M0 {:.1}H{WIDTH}", (1.0 - nats.place(tick)) * HEIGHT))
                                .collect();
                            view! { <path class="grid" d=d /> }
                        }}
                        {lines}
                        {move || {
                            readout
                                .get()
                                .map(|place| {
                                    view! { <path class="readout" d=format!("M{:.1} 0V{HEIGHT}", place * WIDTH) /> }
                                })
                        }}
                    </svg>
                </div>
                <div class="chart-x" aria-hidden="true">
                    {move || {
                        let steps = axes.get().0;
                        steps
                            .ticks(5)
                            .into_iter()
                            .map(|tick| {
                                let left = steps.place(tick) * 100.0;
                                view! { <span style=format!("left: {left:.2}%")>{tick_label(tick)}</span> }
                            })
                            .collect_view()
                    }}
                </div>
                <span class="axis-name axis-y">"nats a digit"</span>
                <span class="axis-name axis-x">"steps"</span>
            </div>
        </section>
    }
}

/// Where on the chart the pointer is.
fn place_of(event: &ev::PointerEvent) -> Option<f64> {
    let area: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let bounds = area.get_bounding_client_rect();
    let across = (f64::from(event.client_x()) - bounds.left()) / bounds.width();
    across.is_finite().then(|| across.clamp(0.0, 1.0))
}
