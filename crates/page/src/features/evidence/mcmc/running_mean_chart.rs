//! The running means of a chain, over its transitions.

use crate::features::evidence::mcmc::chain::ChainRun;
use crate::features::evidence::naive_estimate::chart_lines::{HEIGHT, WIDTH};
use crate::features::evidence::state::EvidenceView;
use crate::latent;
use crate::ui::axis::{Axis, tick_label};
use leptos::prelude::*;

/// Points of a line.
const POINTS: usize = 300;
/// Dimensions that are drawn.
const LINES: usize = 2;

/// A line for each of the first two dimensions, and where quadrature has the mean.
#[component]
pub(crate) fn RunningMean() -> impl IntoView {
    let evidence = expect_context::<EvidenceView>();
    let exact = Memo::new(move |_| {
        evidence
            .findings
            .with(|findings| findings.exact.as_ref().map(|exact| exact.mean))
    });
    let lines = Memo::new(move |_| evidence.chain.with(|chain| lines(chain)));
    let axes = Memo::new(move |_| {
        let count = evidence.chain.with(|chain| chain.count());
        let values = lines.with(|lines| lines.concat());
        let exact = exact.get().into_iter().flatten();
        let axis = Axis::holding(values.into_iter().map(|(_, mean)| mean).chain(exact));
        let air = 0.1 * (axis.to - axis.from);
        (
            Axis {
                from: 0.0,
                to: count.max(10) as f64,
            },
            Axis {
                from: axis.from - air,
                to: axis.to + air,
            },
        )
    });
    let y = move |value: f64| (1.0 - axes.get().1.place(value)) * HEIGHT;
    let paths = move || {
        let across = axes.get().0;
        let drawn = lines
            .get()
            .into_iter()
            .enumerate()
            .map(|(dimension, line)| {
                let mut d = String::new();
                for (i, (n, mean)) in line.into_iter().enumerate() {
                    let to = if i == 0 { 'M' } else { 'L' };
                    d += &format!("{to}{:.1} {:.1}", across.place(n) * WIDTH, y(mean));
                }
                view! { <path class=format!("line mean-{dimension}") d=d /> }
            });
        drawn.collect_view()
    };
    let levels = move || {
        let means = exact.get()?.into_iter().enumerate();
        let drawn = means.map(|(dimension, mean)| {
            let d = format!("M0 {:.1}H{WIDTH}", y(mean));
            view! { <path class=format!("line exact-mean mean-{dimension}") d=d /> }
        });
        Some(drawn.collect_view())
    };
    view! {
        <div
            class="chart running-mean"
            role="img"
            aria-label="Running means of the chain over its transitions; the numbers are in the table below"
        >
            <div class="chart-y" aria-hidden="true">
                {move || {
                    let axis = axes.get().1;
                    axis.ticks(4)
                        .into_iter()
                        .map(|tick| {
                            let top = (1.0 - axis.place(tick)) * 100.0;
                            view! { <span style=format!("top: {top:.2}%")>{tick_label(tick)}</span> }
                        })
                        .collect_view()
                }}
            </div>
            <div class="chart-area" aria-hidden="true">
                <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none">
                    {levels}
                    {paths}
                </svg>
            </div>
            <div class="chart-x" aria-hidden="true">
                {move || {
                    let axis = axes.get().0;
                    axis.ticks(5)
                        .into_iter()
                        .map(|tick| {
                            let left = axis.place(tick) * 100.0;
                            view! { <span style=format!("left: {left:.2}%")>{tick_label(tick)}</span> }
                        })
                        .collect_view()
                }}
            </div>
            <span class="axis-name axis-y">
                "running mean of "
                <span class="mean-0">{latent::symbol(0)}</span>
                " and "
                <span class="mean-1">{latent::symbol(1)}</span>
                {move || exact.get().map(|_| ", dashed: by quadrature")}
            </span>
            <span class="axis-name axis-x">"transitions"</span>
        </div>
    }
}

fn lines(chain: &ChainRun) -> Vec<Vec<(f64, f64)>> {
    let dimensions = chain.last().map_or(0, <[f32]>::len);
    (0..dimensions.min(LINES))
        .map(|dimension| chain.running_mean(dimension, POINTS))
        .collect()
}
