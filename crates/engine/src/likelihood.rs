//! The protocol's likelihoods and activations as the model's.

use protocol::{ActivationKind, LikelihoodKind};
use vae::{Activation, Likelihood};

/// The likelihood that was asked for.
pub(crate) fn likelihood_of(kind: LikelihoodKind) -> Likelihood {
    match kind {
        LikelihoodKind::Bernoulli => Likelihood::Bernoulli,
        LikelihoodKind::Gaussian(sigma) => Likelihood::Gaussian { sigma },
        LikelihoodKind::ContinuousBernoulli => Likelihood::ContinuousBernoulli,
    }
}

/// The activation that was asked for.
pub(crate) fn activation_of(kind: ActivationKind) -> Activation {
    match kind {
        ActivationKind::Relu => Activation::Relu,
        ActivationKind::Gelu => Activation::Gelu,
        ActivationKind::Silu => Activation::Silu,
        ActivationKind::Tanh => Activation::Tanh,
    }
}
