//! The fields of the training form.

use serde::{Deserialize, Serialize};

/// [`Field::Origin`]: fine-tune a pretrained model.
pub(crate) const PRETRAINED: &str = "pretrained";
/// [`Field::Origin`]: random weights.
pub(crate) const SCRATCH: &str = "scratch";
/// [`Field::Architecture`]: fully connected layers.
pub(crate) const MLP: &str = "mlp";
/// [`Field::Architecture`]: convolutions around fully connected layers.
pub(crate) const CONV: &str = "conv";
/// [`Field::Schedule`]: cosine decay to 1 %.
pub(crate) const COSINE: &str = "cosine";
/// [`Field::Schedule`]: the same learning rate throughout.
pub(crate) const CONSTANT: &str = "constant";
/// [`Field::Warp`] and [`Field::Shift`]: the augmentation is used.
pub(crate) const ON: &str = "on";
/// [`Field::Warp`] and [`Field::Shift`]: the augmentation is not used.
pub(crate) const OFF: &str = "off";

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Field {
    /// The name of the model.
    Name,
    /// The initial weights: [`PRETRAINED`] or [`SCRATCH`].
    Origin,
    /// Number of latent dimensions.
    Latent,
    /// The kind of network: [`MLP`] or [`CONV`].
    Architecture,
    /// The channels of each convolution.
    Channels,
    /// Widths of the encoder's hidden layers.
    Hidden,
    /// The name of a [`LikelihoodChoice`](super::likelihood_choice::LikelihoodChoice).
    Likelihood,
    /// σ of the Gaussian, or its initial value.
    Sigma,
    /// The name of an [`ObjectiveChoice`](super::objective_choice::ObjectiveChoice).
    Objective,
    /// β.
    Beta,
    /// Steps of KL warm-up.
    WarmUp,
    /// Images per step.
    Batch,
    /// The initial learning rate.
    Rate,
    /// [`COSINE`] or [`CONSTANT`].
    Schedule,
    /// Random rotation and shear: [`ON`] or [`OFF`].
    Warp,
    /// Random shift: [`ON`] or [`OFF`].
    Shift,
    /// The seed.
    Seed,
    /// The held-out share, in per cent.
    HeldOut,
    /// The longest duration, in seconds.
    Seconds,
    /// The largest number of steps.
    Steps,
    /// Evaluations without improvement after which the run ends.
    Patience,
}

impl Field {
    /// Whether the field is among the advanced settings.
    pub(crate) fn is_advanced(self) -> bool {
        !matches!(
            self,
            Self::Name | Self::Origin | Self::Latent | Self::Architecture
        )
    }

    /// Whether the field determines the model rather than its training.
    pub(crate) fn is_of_model(self) -> bool {
        matches!(
            self,
            Self::Origin
                | Self::Latent
                | Self::Architecture
                | Self::Channels
                | Self::Hidden
                | Self::Likelihood
                | Self::Sigma
        )
    }

    /// The name on the page.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Name => "Model name",
            Self::Origin => "Start from",
            Self::Latent => "Latent size",
            Self::Architecture => "Network",
            Self::Channels => "Channels",
            Self::Hidden => "Hidden layers",
            Self::Likelihood => "Likelihood",
            Self::Sigma => "σ of a pixel",
            Self::Objective => "Objective",
            Self::Beta => "β",
            Self::WarmUp => "KL warm-up",
            Self::Batch => "Batch size",
            Self::Rate => "Learning rate",
            Self::Schedule => "Schedule",
            Self::Warp => "Random rotation and shear",
            Self::Shift => "Random shift by up to ±1 px",
            Self::Seed => "Seed",
            Self::HeldOut => "Held out",
            Self::Seconds => "Time",
            Self::Steps => "Steps",
            Self::Patience => "Patience",
        }
    }

    /// The id and `data-testid` of its control.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Name => "train-name",
            Self::Origin => "train-origin",
            Self::Latent => "train-latent",
            Self::Architecture => "train-architecture",
            Self::Channels => "train-channels",
            Self::Hidden => "train-hidden",
            Self::Likelihood => "train-likelihood",
            Self::Sigma => "train-sigma",
            Self::Objective => "train-objective",
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
