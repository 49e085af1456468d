//! What the page and the worker say of log p(x).

use serde::{Deserialize, Serialize};
use spec::McmcKernel;

/// An image under the model in use, and the label that a conditional model is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// `[height × width]` grey values, light ink on black: 255 is full ink.
    #[serde(with = "serde_bytes")]
    pub image: Vec<u8>,
    /// `[classes]`, a weight for each class; empty for a model without classes.
    pub condition: Vec<f32>,
}

/// What is to be known of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Evidence {
    /// log p(x|z) at given points. Answer: [`Found::Likelihood`].
    At {
        /// `[n × latent]`.
        z: Vec<f32>,
    },
    /// Samples and their weights, for the ELBO and for estimates of p(x). Answer: [`Found::Weights`].
    Weigh {
        /// Where z is drawn from.
        from: Proposal,
        /// How many.
        count: usize,
        /// Decides the samples,
        seed: u64,
        /// together with this: each stream of a seed is another draw.
        stream: u64,
    },
    /// Takes the decoder over some more of the plane's grid, which is kept for all images. Models of two
    /// dimensions only. Answer: [`Found::Grid`].
    Prepare,
    /// log p(x) and p(z|x) by quadrature on the grid that was prepared. Answer: [`Found::Exact`].
    Exact,
    /// The same on smaller cells where the posterior lies, from what was found last, which must be of the same
    /// image. Answer: [`Found::Exact`].
    Refine,
    /// log p(x|z) under each likelihood that the decoder's output could be read as. Answer:
    /// [`Found::Likelihoods`].
    Compare {
        /// `[latent]`.
        z: Vec<f32>,
        /// The Gaussian's.
        sigma: f64,
    },
    /// Goes on with a Markov chain on p(z|x). Answer: [`Found::Chain`].
    Walk {
        /// Where it is, `[latent]`.
        from: Vec<f32>,
        /// How it moves.
        kernel: McmcKernel,
        /// So many transitions.
        count: usize,
        /// Decides the moves,
        seed: u64,
        /// together with this.
        stream: u64,
    },
    /// The gradient of the reconstruction term, estimated in three ways. Answer: [`Found::Gradients`].
    Gradients {
        /// Samples of ε.
        count: usize,
        /// Decides them,
        seed: u64,
        /// together with this.
        stream: u64,
    },
}

/// Where samples of z come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proposal {
    /// p(z): the naive estimate.
    Prior,
    /// q(z|x): importance weights.
    Posterior,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// log p(x|z) in nats, `[n]`.
    Likelihood(Vec<f64>),
    /// Of each sample, in nats.
    Weights {
        /// log w, w = p(x, z) / (the density that z was drawn from).
        logs: Vec<f64>,
        /// log p(x|z).
        log_likelihood: Vec<f64>,
    },
    /// How far the grid is.
    Grid {
        /// Points that the decoder has been to.
        done: usize,
        /// All.
        of: usize,
    },
    /// See [`Exact`].
    Exact(Exact),
    /// In nats; the last two are densities, and none of them may be compared with another.
    Likelihoods {
        /// p(x|z) of pixels that are black or white.
        bernoulli: f64,
        /// Of pixels in between.
        continuous_bernoulli: f64,
        /// Of pixels anywhere, N(f(z), σ²I).
        gaussian: f64,
    },
    /// See [`Chain`].
    Chain(Chain),
    /// Of μ and then of log σ², for each dimension: `[2 latent]`.
    Gradients {
        /// By z = μ + σ⊙ε.
        reparameterized: Estimated,
        /// By log p(x|z) ∇ log q(z|x).
        score: Estimated,
        /// The same less the mean of the others' log p(x|z).
        with_baseline: Estimated,
    },
}

/// log p(x) and the true posterior, by quadrature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exact {
    /// log p(x) in nats.
    pub log_evidence: f64,
    /// How far off it may be, in nats.
    pub error: f64,
    /// KL(q(z|x) ‖ p(z|x)) in nats, integrated.
    pub gap: f64,
    /// The mean of p(z|x).
    pub mean: [f64; 2],
    /// Its standard deviations.
    pub deviation: [f64; 2],
    /// Cells that hold all but a millionth of the posterior, `[n × 4]`: z₁ and z₂ of the middle, the side, and
    /// the logarithm of the density.
    #[serde(with = "crate::floats")]
    pub cells: Vec<f32>,
}

/// A piece of a chain's path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// `[n × latent]`, where the chain was after each transition.
    #[serde(with = "crate::floats")]
    pub path: Vec<f32>,
    /// Proposals that were accepted.
    pub accepted: usize,
    /// Passes through the decoder.
    pub decodes: usize,
    /// Passes back through it.
    pub gradients: usize,
}

/// Estimates of several numbers, from the same samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimated {
    /// The mean over the samples.
    pub mean: Vec<f64>,
    /// The variance of one sample's contribution.
    pub variance: Vec<f64>,
}
