//! Estimates of log p(x) over the number of samples.

use crate::features::evidence::naive_estimate::chart_lines::{Axes, HEIGHT, WIDTH};
use crate::features::evidence::state::EvidenceView;
use crate::ui::axis::tick_label;
use leptos::prelude::*;

/// The chart; its legend is the table of numbers below it.
#[component]
pub(crate) fn NaiveChart() -> impl IntoView {
    let evidence = expect_context::<EvidenceView>();
    let findings = evidence.findings;
    let axes = Memo::new(move |_| findings.with(Axes::of));
    let ticks = move || axes.get().nats.ticks(5);
    let decades = move || {
        let to = axes.get().decades.to;
        (0..=to as i32).map(move |decade| (decade, f64::from(decade) / to))
    };
    let grid = move || -> String {
        let across = ticks().into_iter().map(|tick| axes.get().level(tick));
        let up = decades().map(|(_, place)| format!("M{:.1} 0V{HEIGHT}", place * WIDTH));
        across.chain(up).collect()
    };
    let exact = move || {
        findings.with(|findings| {
            let exact = findings.exact.as_ref()?;
            Some(axes.get().level(exact.log_evidence))
        })
    };
    let elbo = move || {
        findings.with(|findings| {
            let bounds = findings.weights.bounds();
            Some(axes.get().level(bounds.first()?.1.value))
        })
    };
    view! {
        <div class="chart" data-testid="naive-chart" role="img" aria-label="Estimates of log p(x) in nats over the number of samples; the numbers are in the list below">
            <div class="chart-y" aria-hidden="true">
                {move || {
                    let nats = axes.get().nats;
                    ticks()
                        .into_iter()
                        .map(|tick| {
                            let top = (1.0 - nats.place(tick)) * 100.0;
                            view! { <span style=format!("top: {top:.2}%")>{tick_label(tick)}</span> }
                        })
                        .collect_view()
                }}
            </div>
            <div class="chart-area" aria-hidden="true">
                <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none">
                    <path class="grid" d=grid />
                    <path class="band naive" d=move || findings.with(|f| axes.get().naive_band(&f.naive)) />
                    <path class="band weighted" d=move || findings.with(|f| axes.get().bounds_band(&f.weights)) />
                    <path class="line elbo" d=elbo />
                    <path class="line exact" d=exact />
                    <path class="line weighted" d=move || findings.with(|f| axes.get().bounds(&f.weights)) />
                    <path class="line naive" d=move || findings.with(|f| axes.get().course(&f.naive)) />
                </svg>
            </div>
            <div class="chart-x" aria-hidden="true">
                {move || {
                    decades()
                        .map(|(decade, place)| {
                            view! {
                                <span style=format!("left: {:.2}%", place * 100.0)>
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
