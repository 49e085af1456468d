//! Queries about log p(x) of an image, and their results.

use serde::{Deserialize, Serialize};
use spec::McmcKernel;

/// An image x under the model in use, with the label that a conditional model is conditioned on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// `[height × width]` grey values, light ink on black: 255 is full ink.
    #[serde(with = "serde_bytes")]
    pub image: Vec<u8>,
    /// `[classes]`, a weight for each class; empty for an unconditional model.
    pub conditioning: Vec<f32>,
}

/// What to compute about an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EvidenceQuery {
    /// log p(x|z) at given points. Result: [`EvidenceResult::LogLikelihood`].
    LogLikelihood {
        /// `[n × latent]`.
        #[serde(with = "crate::floats")]
        z: Vec<f32>,
    },
    /// Samples with their importance weights, for the ELBO and for estimates of p(x). Result:
    /// [`EvidenceResult::ImportanceWeights`].
    ImportanceWeights {
        /// The distribution that z is drawn from.
        proposal: Proposal,
        /// Number of samples.
        count: usize,
        /// The seed of the random numbers.
        seed: u64,
        /// The stream of the seed: different streams give independent samples.
        stream: u64,
    },
    /// Decodes another part of the grid over the latent plane; the result is cached for all images.
    /// Two-dimensional models only. Result: [`EvidenceResult::Grid`].
    DecodeGrid,
    /// log p(x) and p(z|x) by quadrature on the decoded grid. Result: [`EvidenceResult::Quadrature`].
    Quadrature,
    /// Refines the latest quadrature, which must be of the same image, on smaller cells where the posterior mass is.
    /// Result: [`EvidenceResult::Quadrature`].
    RefineQuadrature,
    /// log p(x|z) under each likelihood that the decoder's output can be interpreted as. Result:
    /// [`EvidenceResult::Likelihoods`].
    CompareLikelihoods {
        /// `[latent]`.
        z: Vec<f32>,
        /// σ of the Gaussian.
        sigma: f64,
    },
    /// Continues a Markov chain on p(z|x). Result: [`EvidenceResult::McmcSteps`].
    McmcSteps {
        /// The chain's present state, `[latent]`.
        from: Vec<f32>,
        /// The transition kernel.
        kernel: McmcKernel,
        /// Number of transitions.
        count: usize,
        /// The seed of the random numbers.
        seed: u64,
        /// The stream of the seed.
        stream: u64,
    },
    /// The gradient of the reconstruction term with respect to μ and log σ², by three estimators. Result:
    /// [`EvidenceResult::GradientEstimates`].
    GradientEstimates {
        /// Samples of ε.
        count: usize,
        /// The seed of the random numbers.
        seed: u64,
        /// The stream of the seed.
        stream: u64,
    },
}

/// The distribution that samples of z are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proposal {
    /// p(z): the naive Monte Carlo estimate.
    Prior,
    /// q(z|x): importance sampling.
    Posterior,
}

/// The result of an [`EvidenceQuery`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EvidenceResult {
    /// log p(x|z) in nats, `[n]`.
    LogLikelihood(Vec<f64>),
    /// For each sample, in nats.
    ImportanceWeights {
        /// log w with w = p(x, z) / (the density that z was drawn from).
        log_weights: Vec<f64>,
        /// log p(x|z).
        log_likelihood: Vec<f64>,
    },
    /// How much of the grid is decoded.
    Grid {
        /// Points that are decoded.
        done: usize,
        /// All points.
        total: usize,
    },
    /// See [`Quadrature`].
    Quadrature(Quadrature),
    /// log p(x|z) in nats. The last two are densities, and none of them can be compared with another.
    Likelihoods {
        /// For black and white pixels.
        bernoulli: f64,
        /// For pixels in [0, 1].
        continuous_bernoulli: f64,
        /// For real pixels, N(f(z), σ²I).
        gaussian: f64,
    },
    /// See [`McmcPath`].
    McmcSteps(McmcPath),
    /// The derivatives with respect to μ and then to log σ², for each dimension: `[2 latent]`.
    GradientEstimates {
        /// By z = μ + σ⊙ε.
        reparameterized: Moments,
        /// By log p(x|z) ∇ log q(z|x).
        score_function: Moments,
        /// The same with the mean of the other samples' log p(x|z) as baseline.
        with_baseline: Moments,
    },
}

/// log p(x) and the true posterior, by quadrature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quadrature {
    /// log p(x) in nats.
    pub log_evidence: f64,
    /// Estimate of its error, in nats.
    pub error: f64,
    /// KL(q(z|x) ‖ p(z|x)) in nats.
    pub gap: f64,
    /// The mean of p(z|x).
    pub mean: [f64; 2],
    /// Its standard deviations.
    pub standard_deviation: [f64; 2],
    /// Cells that contain all but a millionth of the posterior mass, `[n × 4]`: z₁ and z₂ of the centre, the side
    /// length, and the log density.
    #[serde(with = "crate::floats")]
    pub cells: Vec<f32>,
}

/// A part of a Markov chain's path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct McmcPath {
    /// `[n × latent]`, the state after each transition.
    #[serde(with = "crate::floats")]
    pub states: Vec<f32>,
    /// Number of accepted proposals.
    pub accepted: usize,
    /// Forward passes through the decoder.
    pub forward_passes: usize,
    /// Backward passes through the decoder.
    pub backward_passes: usize,
}

/// Estimates of several numbers from the same samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// The mean over the samples.
    pub mean: Vec<f64>,
    /// The variance of one sample's contribution.
    pub variance: Vec<f64>,
}
