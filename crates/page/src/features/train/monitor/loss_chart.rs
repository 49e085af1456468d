//! −ELBO, reconstruction and KL over the steps.

use crate::features::train::monitor::chart_lines::{LossTerm, dots, path, plot};
use crate::features::train::monitor::loss_table::LossTable;
use crate::state::training::TrainingView;
use crate::ui::chart::plot::{VIEW_BOX, vertical_line};
use crate::ui::chart::{XTicks, YTicks};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// The distance that an arrow key moves the readout, as a share of the chart.
const STRIDE: f64 = 0.02;
/// The approximate number of ticks on the vertical axis.
const Y_TICKS: usize = 4;

/// The chart, with a readout at the pointer.
#[component]
pub(crate) fn LossChart() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    // The position of the readout on the axis of steps, from 0 to 1; none for the latest losses.
    let readout = RwSignal::new(None::<f64>);
    let plot = Memo::new(move |_| view.history.with(plot));
    let at = Memo::new(move |_| readout.get().map(|position| plot.get().x.value(position)));
    let lines = move || {
        let plot = plot.get();
        view.history.with(|history| {
            [("training", &history.training), ("held-out", &history.held_out)]
                .into_iter()
                .flat_map(|(set, curve)| {
                    LossTerm::ALL.map(|term| {
                        view! {
                            <path class=format!("line {} {set}", term.class()) d=path(curve, term, &plot) />
                            <path class=format!("dots {}", term.class()) d=dots(curve, term, &plot) />
                        }
                    })
                })
                .collect_view()
        })
    };
    let on_pointer = move |event: ev::PointerEvent| readout.set(position_of(&event));
    let on_keydown = move |event: ev::KeyboardEvent| {
        let position = readout.get_untracked().unwrap_or(1.0);
        let to = match event.key().as_str() {
            "ArrowLeft" => Some((position - STRIDE).max(0.0)),
            "ArrowRight" => Some((position + STRIDE).min(1.0)),
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
                <YTicks axis=move || plot.get().y count=Y_TICKS />
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
                    <svg viewBox=VIEW_BOX preserveAspectRatio="none" aria-hidden="true">
                        <path class="grid" d=move || plot.get().grid(Y_TICKS) />
                        {lines}
                        {move || {
                            let position = readout.get()?;
                            Some(view! { <path class="readout" d=vertical_line(position) /> })
                        }}
                    </svg>
                </div>
                <XTicks axis=move || plot.get().x count=5 />
                <span class="axis-name axis-y">"nats per image"</span>
                <span class="axis-name axis-x">"steps"</span>
            </div>
        </section>
    }
}

/// The pointer's position on the axis of steps.
fn position_of(event: &ev::PointerEvent) -> Option<f64> {
    let area: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let bounds = area.get_bounding_client_rect();
    let across = (f64::from(event.client_x()) - bounds.left()) / bounds.width();
    across.is_finite().then(|| across.clamp(0.0, 1.0))
}
