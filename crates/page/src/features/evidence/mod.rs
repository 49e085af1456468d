//! The Evidence panel: estimates of log p(x) and its bounds for one image, in nats, beside their equations.

pub(crate) mod announcements;
pub(crate) mod elbo;
pub(crate) mod estimates;
pub(crate) mod gap_split;
pub(crate) mod image_choice;
pub(crate) mod importance_weights;
pub(crate) mod jensen;
pub(crate) mod label_note;
pub(crate) mod likelihoods;
pub(crate) mod log_likelihood_at_z;
pub(crate) mod mcmc;
pub(crate) mod naive_estimate;
pub(crate) mod own_samples;
pub(crate) mod plane_layers;
pub(crate) mod posterior_collapse;
pub(crate) mod prior_samples;
pub(crate) mod quadrature;
pub(crate) mod query_sequence;
pub(crate) mod reparameterization;
pub(crate) mod samples_by_class;
pub(crate) mod sections;
pub(crate) mod sentences;
pub(crate) mod state;
pub(crate) mod summary;

use crate::features::encode::follow_mean::follow_mean;
use crate::features::evidence::mcmc::card::Mcmc;
use crate::features::evidence::naive_estimate::card::NaiveEstimateCard;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use announcements::Announcements;
use elbo::ElboTerms;
use image_choice::ImageChoice;
use jensen::Jensen;
use leptos::prelude::*;
use likelihoods::Likelihoods;
use log_likelihood_at_z::follow_log_likelihood_at_z;
use posterior_collapse::PosteriorCollapse;
use prior_samples::PriorSamples;
use quadrature::QuadratureCard;
use query_sequence::run_queries;
use reparameterization::Reparameterization;
use state::EvidenceState;
use summary::Summary;

/// Instead of the cards, while there is no image.
#[component]
fn Empty() -> impl IntoView {
    let view = expect_context::<EngineView>();
    view! {
        <p class="explore-empty">
            "Choose or draw " {move || view.image_kind().a()} " to see how likely it is."
        </p>
    }
}

/// The panel.
#[component]
pub(crate) fn Evidence() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    follow_mean();
    run_queries();
    follow_log_likelihood_at_z();
    // The image is discarded with the panel.
    on_cleanup(move || actions.encode(None));
    let is_encoded = Memo::new(move |_| view.encoded.with(Option::is_some));
    view! {
        <div class="evidence">
            <Summary />
            <div class="evidence-main">
                <ImageChoice />
                <Alert message=evidence.problem />
                <Announcements />
                <Show
                    when=move || is_encoded.get()
                    fallback=Empty
                >
                    <ElboTerms />
                    <QuadratureCard />
                    <NaiveEstimateCard />
                    <Mcmc />
                    <Reparameterization />
                    <Likelihoods />
                </Show>
                <PosteriorCollapse />
                <PriorSamples />
                <Jensen />
            </div>
        </div>
    }
}
