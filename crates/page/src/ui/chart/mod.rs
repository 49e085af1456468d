//! Charts: axes, lines and ticks. A chart lays out `chart-y`, `chart-area` and `chart-x`; CSS stretches the
//! drawing to the area.

pub(crate) mod axis;
pub(crate) mod plot;

use crate::number::format;
use crate::ui::getter::Getter;
use axis::Axis;
use leptos::prelude::*;

/// The numbers beside the vertical axis.
#[component]
pub(crate) fn YTicks(
    /// The axis.
    #[prop(into)]
    axis: Getter<Axis>,
    /// The approximate number of ticks.
    count: usize,
) -> impl IntoView {
    view! {
        <div class="chart-y" aria-hidden="true">
            {move || ticks(axis.get(), count, |position| ("top", format!("{:.2}%", (1.0 - position) * 100.0)))}
        </div>
    }
}

/// The numbers below the horizontal axis.
#[component]
pub(crate) fn XTicks(
    /// The axis.
    #[prop(into)]
    axis: Getter<Axis>,
    /// The approximate number of ticks.
    count: usize,
) -> impl IntoView {
    view! {
        <div class="chart-x" aria-hidden="true">
            {move || ticks(axis.get(), count, |position| ("left", format!("{:.2}%", position * 100.0)))}
        </div>
    }
}

fn ticks(
    axis: Axis,
    count: usize,
    style: fn(f64) -> (&'static str, String),
) -> impl IntoView + use<> {
    axis.ticks(count)
        .into_iter()
        .map(|tick| view! { <span style=style(axis.position(tick))>{format::tick(tick)}</span> })
        .collect_view()
}
