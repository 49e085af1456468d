//! Chart of the chains' running means.

use crate::features::evidence::mcmc::chains::McmcChains;
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
    let lines = Memo::new(move |_| evidence.chains.with(|chains| lines(chains)));
    let plot = Memo::new(move |_| {
        let count = evidence.chains.with(|chains| chains.count());
        let values: Vec<(f64, f64)> =
            lines.with(|lines| lines.iter().flat_map(|(_, line)| line.clone()).collect());
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
        let paths = lines.get().into_iter().map(|(dimension, line)| {
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
            aria-label="Running means of the chains over their transitions. The table below lists the numbers."
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

/// A line for each of the first dimensions and each chain, with the index of the dimension.
fn lines(chains: &McmcChains) -> Vec<(usize, Vec<(f64, f64)>)> {
    let points = POINTS / chains.all().len().max(1);
    (0..chains.latent_size().min(MAX_LINES))
        .flat_map(|dimension| {
            let chains = chains.all().iter();
            chains.map(move |chain| (dimension, chain.running_mean(dimension, points)))
        })
        .collect()
}
