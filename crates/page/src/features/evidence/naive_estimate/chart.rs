//! Estimates of log p(x) over the number of samples.

use crate::features::evidence::naive_estimate::chart_lines::{self, NaivePlot};
use crate::features::evidence::state::EvidenceState;
use crate::number::format;
use crate::ui::chart::plot::{VIEW_BOX, vertical_line};
use leptos::prelude::*;

/// The chart. The list of numbers below it is its legend.
#[component]
pub(crate) fn NaiveChart() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let estimates = evidence.estimates;
    let plot = Memo::new(move |_| estimates.with(NaivePlot::new));
    let decades = move || {
        let to = plot.get().plot.x.to;
        (0..=to as i32).map(move |decade| (decade, f64::from(decade) / to))
    };
    let grid = move || {
        let vertical = decades().map(|(_, position)| vertical_line(position));
        let plot = plot.get();
        let horizontal = plot
            .ticks()
            .into_iter()
            .map(|tick| plot.level(plot.reference + tick));
        horizontal.chain(vertical).collect::<String>()
    };
    // Position and text of each tick: as long as these are the same, nothing is replaced.
    let y_ticks = Memo::new(move |_| {
        let plot = plot.get();
        let ticks = plot.ticks().into_iter().map(|tick| {
            let top = (1.0 - plot.position(tick)) * 100.0;
            (format!("{top:.2}%"), format::tick(tick))
        });
        ticks.collect::<Vec<_>>()
    });
    let x_ticks = Memo::new(move |_| {
        decades()
            .map(|(decade, position)| (format!("{:.2}%", position * 100.0), decade))
            .collect::<Vec<_>>()
    });
    let exact = move || {
        estimates.with(|estimates| {
            let exact = estimates.exact.as_ref()?;
            Some(plot.get().level(exact.log_evidence))
        })
    };
    let elbo = move || {
        estimates.with(|estimates| {
            let bounds = estimates.weights.bounds();
            Some(plot.get().level(bounds.first()?.1.value))
        })
    };
    let naive_band = move || estimates.with(|f| chart_lines::naive_band(&plot.get(), &f.naive));
    let bounds_band = move || estimates.with(|f| chart_lines::bounds_band(&plot.get(), &f.weights));
    let bounds = move || estimates.with(|f| chart_lines::bounds(&plot.get(), &f.weights));
    let naive = move || estimates.with(|f| chart_lines::naive(&plot.get(), &f.naive));
    view! {
        <div class="chart" data-testid="naive-chart" role="img" aria-label="Estimates of log p(x) relative to its value, in nats, over the number of samples; the numbers are in the list below">
            <div class="chart-y" aria-hidden="true">
                {move || {
                    let ticks = y_ticks.get().into_iter();
                    ticks.map(|(top, text)| view! { <span style:top=top>{text}</span> }).collect_view()
                }}
            </div>
            <div class="chart-area" aria-hidden="true">
                <svg viewBox=VIEW_BOX preserveAspectRatio="none">
                    <path class="grid" d=grid />
                    <path class="band naive" d=naive_band />
                    <path class="band weighted" d=bounds_band />
                    <path class="line elbo" d=elbo />
                    <path class="line exact" d=exact />
                    <path class="line weighted" d=bounds />
                    <path class="line naive" d=naive />
                </svg>
            </div>
            <div class="chart-x" aria-hidden="true">
                {move || {
                    let ticks = x_ticks.get().into_iter();
                    ticks
                        .map(|(left, decade)| view! { <span style:left=left>"10" <sup>{decade}</sup></span> })
                        .collect_view()
                }}
            </div>
            <span class="axis-name axis-y">
                {move || {
                    let reference = estimates
                        .with(|estimates| if estimates.exact.is_some() { "log p(x)" } else { "the tightest bound" });
                    format!("nats from {reference}, log scale beyond ±1")
                }}
            </span>
            <span class="axis-name axis-x">
                "samples: " <i>"n"</i> " from the prior, " <i>"K"</i> " from " <i>"q"</i>
            </span>
        </div>
    }
}
