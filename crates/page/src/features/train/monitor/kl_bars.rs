//! The KL of each latent dimension, as bars.

use crate::latent;
use crate::state::training::TrainingView;
use crate::ui::chart::YTicks;
use crate::ui::chart::axis::Axis;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// A dimension with less KL, in nats, is collapsed.
const COLLAPSED: f64 = 0.01;
/// With more bars there is no room for their names.
const MAX_NAMES: usize = 16;

/// The bars.
#[component]
pub(crate) fn KlBars() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let kl = Memo::new(move |_| {
        view.latest_losses()
            .map(|losses| losses.kl_per_dimension)
            .unwrap_or_default()
    });
    let axis = Memo::new(move |_| {
        kl.with(|kl| Axis::spanning(kl.iter().copied().chain([0.0, 0.5])).with_zero_and_margin())
    });
    let count = Memo::new(move |_| kl.with(Vec::len));
    let collapsed =
        Memo::new(move |_| kl.with(|kl| kl.iter().filter(|&&kl| kl < COLLAPSED).count()));
    let description = move || {
        kl.with(|kl| {
            let list: Vec<_> = kl.iter().map(|kl| format!("{kl:.2}")).collect();
            format!("KL of each dimension in nats: {}", list.join(", "))
        })
    };
    let bar = move |index: usize| {
        let value = Memo::new(move |_| kl.with(|kl| kl.get(index).copied().unwrap_or(0.0)));
        let symbol = latent::symbol(index);
        let title = {
            let symbol = symbol.clone();
            move || format!("{symbol}: {:.2} nats", value.get())
        };
        view! {
            <div class="kl-bar" class:collapsed=move || value.get() < COLLAPSED title=title>
                <span
                    class="kl-fill"
                    style:height=move || format!("{:.2}%", axis.get().position(value.get().max(0.0)) * 100.0)
                ></span>
                <span class="kl-name">
                    {(count.get_untracked() <= MAX_NAMES).then_some(symbol)}
                </span>
            </div>
        }
    };
    view! {
        <section class="view-box kl-box" aria-label="KL of each dimension">
            <h4>
                <Tooltip text=glossary::KL>"KL"</Tooltip>
                " of each latent dimension"
            </h4>
            <div class="chart kl-chart" data-testid="train-kl" role="img" aria-label=description>
                <YTicks axis count=3 />
                <div class="chart-area kl-bars" aria-hidden="true">
                    {move || (0..count.get()).map(bar).collect_view()}
                </div>
                <span class="axis-name axis-y">"nats"</span>
            </div>
            <p class="kl-note">
                {move || match collapsed.get() {
                    0 => "no dimension ".to_owned(),
                    collapsed => format!("{collapsed} of {} dimensions ", count.get()),
                }}
                <Tooltip text=glossary::COLLAPSED_DIMENSION>"collapsed"</Tooltip>
            </p>
        </section>
    }
}
