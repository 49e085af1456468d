//! The Evidence panel: every quantity of the theory for one digit, live, in nats, beside its equation.

mod bound;
mod bound_bars;
mod chains;
mod chart_lines;
mod collapse;
mod equations;
mod exact;
mod figure_nine;
mod jensen;
mod likelihoods;
mod naive;
mod naive_chart;
mod nats;
mod prior_draws;
mod room;
mod running_mean;
mod subject;
mod trick;

use super::encode::z_follows_mu;
use crate::{
    alert::Alert,
    asks::Asks,
    dom,
    evidence::inquire,
    state::{EngineView, EvidenceView},
};
use bound::BoundTakenApart;
use chains::PosteriorChains;
use collapse::Collapse;
use exact::ExactInTwo;
use jensen::Jensen;
use leptos::prelude::*;
use likelihoods::Likelihoods;
use naive::NaiveEstimate;
use prior_draws::PriorDraws;
use subject::Subject;
use trick::WhyTheTrick;

/// The panel.
#[component]
pub(crate) fn Evidence() -> impl IntoView {
    let asks = expect_context::<Asks>();
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceView>();
    z_follows_mu();
    inquire();
    // The digit goes with the panel.
    on_cleanup(move || asks.encode(None, dom::now()));
    let there = Memo::new(move |_| view.encoded.with(Option::is_some));
    view! {
        <div class="evidence">
            <div class="evidence-side">
                <Subject />
                <Alert message=evidence.problem />
            </div>
            <div class="evidence-main">
                <Show
                    when=move || there.get()
                    fallback=|| view! { <p class="explore-empty">"Pick or draw a digit, and see how likely it is."</p> }
                >
                    <BoundTakenApart />
                    <ExactInTwo />
                    <NaiveEstimate />
                    <PosteriorChains />
                    <WhyTheTrick />
                    <Likelihoods />
                </Show>
                <Collapse />
                <PriorDraws />
                <Jensen />
            </div>
        </div>
    }
}
