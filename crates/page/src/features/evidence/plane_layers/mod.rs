//! The Evidence panel's layers on the latent plane.

pub(crate) mod best_gaussian;
pub(crate) mod mcmc_path;
pub(crate) mod true_posterior;

use best_gaussian::BestGaussianLayer;
use leptos::prelude::*;
use mcmc_path::McmcPath;
use true_posterior::TruePosteriorLayer;

/// The layers, from bottom to top.
pub(crate) fn plane_layers() -> AnyView {
    view! {
        <TruePosteriorLayer />
        <BestGaussianLayer />
        <McmcPath />
    }
    .into_any()
}
