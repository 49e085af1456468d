//! The chapters' interactive figures, by the names that the Markdown files use.

mod bayes_plane;
mod be_the_encoder;
mod cost_function;
mod encoder_network;
mod evidence_bar;
mod exact_posterior;
mod flow;
mod gaps;
mod gradient_graph;
mod guess;
mod heat;
mod joint_table;
mod length;
mod maps;
mod pixel_sample;
pub(crate) mod plane_square;
mod train_run;

use crate::features::evidence::jensen::Jensen;
use crate::features::evidence::likelihoods::Likelihoods;
use crate::features::evidence::mcmc::card::Mcmc;
use crate::features::evidence::naive_estimate::card::NaiveEstimateCard;
use crate::features::evidence::prior_samples::PriorSamples;
use crate::features::evidence::reparameterization::Reparameterization;
use crate::features::learn::live_html::LiveHtml;
use bayes_plane::BayesPlane;
use be_the_encoder::BeTheEncoder;
use cost_function::CostFunction;
use encoder_network::EncoderNetwork;
use evidence_bar::EvidenceBar;
use exact_posterior::ExactPosterior;
use flow::{Generate, Generator, GraphicalModel};
use gaps::Gaps;
use gradient_graph::{GradientGraph, Graph};
use joint_table::JointTableFigure;
use length::Length;
use leptos::prelude::*;
use train_run::TrainRun;

/// The names of all figures.
#[cfg(test)]
pub(crate) const NAMES: [&str; 22] = [
    "generate",
    "graphical-model",
    "generator",
    "joint-table",
    "bayes-plane",
    "exact-posterior",
    "naive",
    "be-the-encoder",
    "gaps",
    "evidence-bar",
    "jensen",
    "encoder-network",
    "graph-inside",
    "graph-outside",
    "graph-training",
    "reparameterization",
    "cost-function",
    "likelihoods",
    "train-run",
    "samples",
    "length",
    "mcmc",
];

/// A figure with its caption.
#[component]
pub(crate) fn Figure(
    /// Its number in the notes.
    number: Option<usize>,
    /// The name of its component.
    name: String,
    /// The caption.
    html: String,
) -> impl IntoView {
    view! {
        <figure class="learn-figure" data-figure=number.map(|number| number.to_string())>
            {content(&name)}
            <figcaption>
                {number.map(|number| view! { <b class="figure-number">{format!("Figure {number}. ")}</b> })}
                <LiveHtml html class="caption-text" />
            </figcaption>
        </figure>
    }
}

fn content(name: &str) -> AnyView {
    match name {
        "generate" => view! { <Generate /> }.into_any(),
        "graphical-model" => view! { <GraphicalModel /> }.into_any(),
        "generator" => view! { <Generator /> }.into_any(),
        "joint-table" => view! { <JointTableFigure /> }.into_any(),
        "bayes-plane" => view! { <BayesPlane /> }.into_any(),
        "exact-posterior" => view! { <ExactPosterior /> }.into_any(),
        "naive" => view! { <NaiveEstimateCard /> }.into_any(),
        "be-the-encoder" => view! { <BeTheEncoder /> }.into_any(),
        "gaps" => view! { <Gaps /> }.into_any(),
        "evidence-bar" => view! { <EvidenceBar /> }.into_any(),
        "jensen" => view! { <Jensen /> }.into_any(),
        "encoder-network" => view! { <EncoderNetwork /> }.into_any(),
        "graph-inside" => view! { <GradientGraph graph=Graph::SamplingInside /> }.into_any(),
        "graph-outside" => view! { <GradientGraph graph=Graph::SamplingOutside /> }.into_any(),
        "graph-training" => view! { <GradientGraph graph=Graph::Training /> }.into_any(),
        "reparameterization" => view! { <Reparameterization /> }.into_any(),
        "cost-function" => view! { <CostFunction /> }.into_any(),
        "likelihoods" => view! { <Likelihoods /> }.into_any(),
        "train-run" => view! { <TrainRun /> }.into_any(),
        "samples" => view! { <PriorSamples /> }.into_any(),
        "length" => view! { <Length /> }.into_any(),
        "mcmc" => view! { <Mcmc /> }.into_any(),
        _ => view! { <p role="alert">"This figure is missing: " {name.to_owned()}</p> }.into_any(),
    }
}
