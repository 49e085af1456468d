//! Chart of a chain's running means.

use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::ui::chart::axis::Axis;
use crate::ui::chart::plot::{Plot, VIEW_BOX};
use crate::ui::chart::{XTicks, YTicks};
use leptos::prelude::*;

/// Approximate number of points of a line.
const POINTS: usize = 300;
/// Number of latent dimensions that are drawn.
const MAX_LINES: usize = 2;

/// Running means of the first two dimensions, and the means by quadrature.
#[component]
pub(crate) fn RunningMeanChart() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let exact = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.exact.as_ref().map(|exact| exact.mean))
    });
    let lines = Memo::new(move |_| evidence.chain.with(|chain| lines(chain)));
    let plot = Memo::new(move |_| {
        let count = evidence.chain.with(|chain| chain.count());
        let values = lines.with(|lines| lines.concat());
        let exact = exact.get().into_iter().flatten();
        let axis = Axis::spanning(values.into_iter().map(|(_, mean)| mean).chain(exact));
        Plot {
            x: Axis {
                from: 0.0,
                to: count.max(10) as f64,
            },
            y: axis.with_margin(0.1 * axis.length()),
        }
    });
    let paths = move || {
        let plot = plot.get();
        let lines = lines.get().into_iter().enumerate();
        let paths = lines.map(|(dimension, line)| {
            let d = plot.line(line.into_iter());
            view! { <path class=format!("line mean-{dimension}") d=d /> }
        });
        paths.collect_view()
    };
    let levels = move || {
        let means = exact.get()?.into_iter().enumerate();
        let paths = means.map(|(dimension, mean)| {
            let d = plot.get().level(mean);
            view! { <path class=format!("line exact-mean mean-{dimension}") d=d /> }
        });
        Some(paths.collect_view())
    };
    view! {
        <div
            class="chart running-mean"
            role="img"
            aria-label="Running means of the chain over its transitions. The table below lists the numbers."
        >
            <YTicks axis=move || plot.get().y count=4 />
            <div class="chart-area" aria-hidden="true">
                <svg viewBox=VIEW_BOX preserveAspectRatio="none">
                    {levels}
                    {paths}
                </svg>
            </div>
            <XTicks axis=move || plot.get().x count=5 />
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

fn lines(chain: &McmcChain) -> Vec<Vec<(f64, f64)>> {
    let dimensions = chain.last().map_or(0, <[f32]>::len);
    (0..dimensions.min(MAX_LINES))
        .map(|dimension| chain.running_mean(dimension, POINTS))
        .collect()
}
