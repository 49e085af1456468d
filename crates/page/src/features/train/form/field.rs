//! The fields of a draft.

use serde::{Deserialize, Serialize};

/// [`Field::Origin`]: fine-tune a model.
pub(crate) const PRETRAINED: &str = "pretrained";
/// [`Field::Origin`]: fresh weights.
pub(crate) const SCRATCH: &str = "scratch";
/// [`Field::Schedule`]: down to 1 % along half a cosine.
pub(crate) const COSINE: &str = "cosine";
/// [`Field::Schedule`]: the same rate throughout.
pub(crate) const CONSTANT: &str = "constant";
/// [`Field::Warp`] and [`Field::Shift`]: digits are varied so.
pub(crate) const ON: &str = "on";
/// [`Field::Warp`] and [`Field::Shift`]: they are not.
pub(crate) const OFF: &str = "off";
/// [`Field::Likelihood`].
pub(crate) const BERNOULLI: &str = "bernoulli";
/// [`Field::Likelihood`].
pub(crate) const GAUSSIAN: &str = "gaussian";
/// [`Field::Likelihood`]: a Gaussian whose σ is learnt along.
pub(crate) const LEARNED_GAUSSIAN: &str = "learned-gaussian";
/// [`Field::Likelihood`].
pub(crate) const CONTINUOUS_BERNOULLI: &str = "continuous-bernoulli";

/// One thing that can be said about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Field {
    /// What the model will be called.
    Name,
    /// [`PRETRAINED`] or [`SCRATCH`].
    Origin,
    /// Number of latent dimensions.
    Latent,
    /// Widths of the encoder's hidden layers.
    Hidden,
    /// One of the likelihoods.
    Likelihood,
    /// σ of the Gaussian, or what it is learnt from.
    Sigma,
    /// β.
    Beta,
    /// Steps of KL warm-up.
    WarmUp,
    /// Images a step.
    Batch,
    /// The highest learning rate.
    Rate,
    /// [`COSINE`] or [`CONSTANT`].
    Schedule,
    /// [`ON`] or [`OFF`].
    Warp,
    /// [`ON`] or [`OFF`].
    Shift,
    /// The seed.
    Seed,
    /// The held-out share, in per cent.
    HeldOut,
    /// Seconds after which the run ends.
    Seconds,
    /// Steps after which it ends.
    Steps,
    /// Evaluations without a fall after which it ends.
    Patience,
}

impl Field {
    /// Whether it stands under “More”.
    pub(crate) fn is_detail(self) -> bool {
        !matches!(self, Self::Name | Self::Origin | Self::Latent)
    }

    /// What the page calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Name => "Name of the model",
            Self::Origin => "Start from",
            Self::Latent => "Latent size",
            Self::Hidden => "Hidden layers",
            Self::Likelihood => "Likelihood",
            Self::Sigma => "σ of a pixel",
            Self::Beta => "β",
            Self::WarmUp => "KL warm-up",
            Self::Batch => "Batch",
            Self::Rate => "Learning rate",
            Self::Schedule => "Schedule",
            Self::Warp => "Turn and slant",
            Self::Shift => "Shift",
            Self::Seed => "Seed",
            Self::HeldOut => "Held out",
            Self::Seconds => "Time",
            Self::Steps => "Steps",
            Self::Patience => "Patience",
        }
    }

    /// Its name in ids.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Name => "train-name",
            Self::Origin => "train-origin",
            Self::Latent => "train-latent",
            Self::Hidden => "train-hidden",
            Self::Likelihood => "train-likelihood",
            Self::Sigma => "train-sigma",
            Self::Beta => "train-beta",
            Self::WarmUp => "train-warm-up",
            Self::Batch => "train-batch",
            Self::Rate => "train-rate",
            Self::Schedule => "train-schedule",
            Self::Warp => "train-warp",
            Self::Shift => "train-shift",
            Self::Seed => "train-seed",
            Self::HeldOut => "train-held-out",
            Self::Seconds => "train-seconds",
            Self::Steps => "train-steps",
            Self::Patience => "train-patience",
        }
    }
}
