//! The bars of −ELBO and −log p(x) with their names and numbers beside them.

use crate::features::evidence::elbo::bars::{BarSegment, Bars};
use crate::number::format::{fixed, nats as format_nats};
use crate::ui::getter::Getter;
use leptos::prelude::*;

/// The whole bars, and below them their ends magnified.
#[component]
pub(crate) fn BoundBars(
    /// The bars; `None` if there are none.
    bars: Memo<Option<Bars>>,
    /// Whether −log p(x) is only known by a bound.
    #[prop(into)]
    is_bound: Getter<bool>,
) -> impl IntoView {
    let content = move || {
        let Bars {
            whole,
            magnified,
            factor,
        } = bars.get()?;
        let log_evidence = if is_bound.get() {
            "−log p(x), at most"
        } else {
            "−log p(x)"
        };
        let window = 100.0 / factor;
        let rows =
            |bars: Vec<Vec<BarSegment>>, names: [&'static str; 2], totals: [Option<usize>; 2]| {
                bars.into_iter()
                    .zip(names)
                    .zip(totals)
                    .map(|((bar, name), shown)| {
                        let nats = match shown {
                            Some(index) => bar[index].nats,
                            None => bar.iter().map(|segment| segment.nats).sum(),
                        };
                        view! { <BarRow name nats segments=bar /> }
                    })
                    .collect_view()
            };
        let whole_rows = rows(whole, ["−ELBO", log_evidence], [None, Some(0)]);
        let magnified_rows = rows(magnified, ["KL(q ‖ p(z))", "gap"], [None, None]);
        Some(view! {
            {whole_rows}
            <div class="bar-row bar-lens-row" aria-hidden="true">
                <span class="bar-name">{format!("{}×", fixed(factor, 0))}</span>
                <svg class="bar-lens" viewBox="0 0 100 10" preserveAspectRatio="none">
                    <path d=format!("M{:.2} 0H100V10H0Z", 100.0 - window) />
                </svg>
            </div>
            {magnified_rows}
        })
    };
    let is_split = Memo::new(move |_| {
        bars.with(|bars| {
            let gap = bars.as_ref().and_then(|bars| bars.magnified.get(1));
            gap.is_some_and(|gap| gap.len() > 1)
        })
    });
    let gap_parts = move || {
        if is_split.get() {
            view! {
                <li class="gap shape">"gap by shape"</li>
                <li class="gap scale">"by scale"</li>
                <li class="gap shift">"by shift"</li>
            }
            .into_any()
        } else {
            view! { <li class="gap">"gap"</li> }.into_any()
        }
    };
    view! {
        <div class="bars" data-testid="bound-bars">
            {content}
        </div>
        <ul class="bar-legend">
            <li class="reconstruction">"reconstruction"</li>
            <li class="kl">"KL(q ‖ p(z))"</li>
            <li class="neg-log-evidence">"−log p(x)"</li>
            {gap_parts}
        </ul>
    }
}

/// A bar with its name on the left and its length on the right.
#[component]
fn BarRow(name: &'static str, nats: f64, segments: Vec<BarSegment>) -> impl IntoView {
    let segments = segments
        .into_iter()
        .map(|segment| {
            view! {
                <span
                    class=format!("bar-segment {}", segment.class)
                    style:left=format!("{:.3}%", segment.from)
                    style:width=format!("{:.3}%", segment.percent)
                    title=format!("{} {} nats", segment.name, format_nats(segment.nats))
                ></span>
            }
        })
        .collect_view();
    view! {
        <div class="bar-row">
            <span class="bar-name">{name}</span>
            <div class="bound-bar">{segments}</div>
            <span class="bar-value">{format_nats(nats)}</span>
        </div>
    }
}
