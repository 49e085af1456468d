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
    let row = move |pick: fn(&Bars) -> Option<&Vec<BarSegment>>| {
        Memo::new(move |_| {
            bars.with(|bars| bars.as_ref().and_then(pick).cloned().unwrap_or_default())
        })
    };
    let factor = Memo::new(move |_| bars.with(|bars| bars.as_ref().map(|bars| bars.factor)));
    let is_bound = Memo::new(move |_| is_bound.get());
    let log_evidence = move || match is_bound.get() {
        true => "−log p(x), at most",
        false => "−log p(x)",
    };
    let total = |segments: &[BarSegment]| segments.iter().map(|segment| segment.nats).sum();
    let first = |segments: &[BarSegment]| segments.first().map_or(0.0, |segment| segment.nats);
    let lens = move || {
        let window = 100.0 / factor.get().unwrap_or(1.0);
        format!("M{:.2} 0H100V10H0Z", 100.0 - window)
    };
    // The elements stay while the numbers change several times per image: replacing them costs a new layout each time.
    let content = move || {
        view! {
            <BarRow name=|| "−ELBO" segments=row(|bars| bars.whole.first()) nats=total />
            <BarRow name=log_evidence segments=row(|bars| bars.whole.get(1)) nats=first />
            <div class="bar-row bar-lens-row" aria-hidden="true">
                <span class="bar-name">
                    {move || format!("{}×", fixed(factor.get().unwrap_or(1.0), 0))}
                </span>
                <svg class="bar-lens" viewBox="0 0 100 10" preserveAspectRatio="none">
                    <path d=lens />
                </svg>
            </div>
            <BarRow name=|| "KL(q ‖ p(z))" segments=row(|bars| bars.magnified.first()) nats=total />
            <BarRow name=|| "gap" segments=row(|bars| bars.magnified.get(1)) nats=total />
        }
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
            <Show when=move || factor.with(Option::is_some)>{content()}</Show>
        </div>
        <ul class="bar-legend">
            <li class="reconstruction">"reconstruction"</li>
            <li class="kl">"KL(q ‖ p(z))"</li>
            <li class="neg-log-evidence">"−log p(x)"</li>
            {gap_parts}
        </ul>
    }
}

/// A bar with its name on the left and its length on the right; nothing without segments.
#[component]
fn BarRow(
    #[prop(into)] name: Getter<&'static str>,
    segments: Memo<Vec<BarSegment>>,
    /// The length that is shown.
    nats: fn(&[BarSegment]) -> f64,
) -> impl IntoView {
    let name = Memo::new(move |_| name.get());
    let classes = Memo::new(move |_| {
        segments.with(|segments| {
            let classes = segments.iter().map(|segment| segment.class);
            classes.collect::<Vec<_>>()
        })
    });
    let segment_of = move |class: &'static str| {
        let segment = Memo::new(move |_| {
            segments.with(|segments| {
                segments
                    .iter()
                    .find(|segment| segment.class == class)
                    .copied()
            })
        });
        let percent = move |of: fn(&BarSegment) -> f64| {
            move || segment.with(|segment| format!("{:.3}%", segment.as_ref().map_or(0.0, of)))
        };
        let title = move || {
            let segment = segment.get()?;
            Some(format!(
                "{} {} nats",
                segment.name,
                format_nats(segment.nats)
            ))
        };
        view! {
            <span
                class=format!("bar-segment {class}")
                style:left=percent(|segment| segment.from)
                style:width=percent(|segment| segment.percent)
                title=title
            ></span>
        }
    };
    view! {
        <Show when=move || classes.with(|classes| !classes.is_empty())>
            <div class="bar-row">
                <span class="bar-name">{move || name.get()}</span>
                <div class="bound-bar">
                    <For each=move || classes.get() key=|class| *class children=segment_of />
                </div>
                <span class="bar-value">
                    {move || segments.with(|segments| format_nats(nats(segments)))}
                </span>
            </div>
        </Show>
    }
}
