//! Estimates of log p(x) over the number of samples.

use crate::features::evidence::naive_estimate::chart_lines;
use crate::features::evidence::state::EvidenceState;
use crate::ui::chart::YTicks;
use crate::ui::chart::plot::{VIEW_BOX, vertical_line};
use leptos::prelude::*;

/// Approximate number of ticks on the vertical axis.
const Y_TICKS: usize = 5;

/// The chart. The list of numbers below it is its legend.
#[component]
pub(crate) fn NaiveChart() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let estimates = evidence.estimates;
    let plot = Memo::new(move |_| estimates.with(chart_lines::plot));
    let decades = move || {
        let to = plot.get().x.to;
        (0..=to as i32).map(move |decade| (decade, f64::from(decade) / to))
    };
    let grid = move || {
        let vertical = decades().map(|(_, position)| vertical_line(position));
        plot.get().grid(Y_TICKS) + &vertical.collect::<String>()
    };
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
        <div class="chart" data-testid="naive-chart" role="img" aria-label="Estimates of log p(x) in nats over the number of samples; the numbers are in the list below">
            <YTicks axis=move || plot.get().y count=Y_TICKS />
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
                    decades()
                        .map(|(decade, position)| {
                            view! {
                                <span style:left=format!("{:.2}%", position * 100.0)>
                                    "10" <sup>{decade}</sup>
                                </span>
                            }
                        })
                        .collect_view()
                }}
            </div>
            <span class="axis-name axis-y">"nats"</span>
            <span class="axis-name axis-x">
                "samples: " <i>"n"</i> " from the prior, " <i>"K"</i> " from " <i>"q"</i>
            </span>
        </div>
    }
}
