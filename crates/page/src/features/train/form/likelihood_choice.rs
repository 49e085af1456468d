//! The values of the field [`Likelihood`](super::field::Field::Likelihood).

use protocol::{ChannelScales, Likelihood};

/// A likelihood p(x|z), and for the Gaussian whether σ is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LikelihoodChoice {
    /// Bernoulli.
    Bernoulli,
    /// Gaussian with the σ of the form.
    FixedGaussian,
    /// Gaussian whose σ is learned, with the σ of the form as its initial value.
    LearnedGaussian,
    /// Continuous Bernoulli.
    ContinuousBernoulli,
    /// Discretized logistic whose scale is learned.
    DiscretizedLogistic,
}

/// The initial scale of a discretized logistic, in units of the pixel's range.
const INITIAL_SCALE: f64 = 0.1;

impl LikelihoodChoice {
    /// All choices, in the order of the list.
    pub(crate) const ALL: [Self; 5] = [
        Self::Bernoulli,
        Self::FixedGaussian,
        Self::LearnedGaussian,
        Self::ContinuousBernoulli,
        Self::DiscretizedLogistic,
    ];

    /// The name in stored forms.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bernoulli => "bernoulli",
            Self::FixedGaussian => "gaussian",
            Self::LearnedGaussian => "learned-gaussian",
            Self::ContinuousBernoulli => "continuous-bernoulli",
            Self::DiscretizedLogistic => "discretized-logistic",
        }
    }

    /// The text in the list.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bernoulli => "Bernoulli",
            Self::FixedGaussian => "Gaussian, fixed σ",
            Self::LearnedGaussian => "Gaussian, learned σ",
            Self::ContinuousBernoulli => "Continuous Bernoulli",
            Self::DiscretizedLogistic => "Discretized logistic, learned scale",
        }
    }

    /// The choice with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// Whether the likelihood has the parameter σ.
    pub(crate) fn has_sigma(self) -> bool {
        match self {
            Self::FixedGaussian | Self::LearnedGaussian => true,
            Self::Bernoulli | Self::ContinuousBernoulli | Self::DiscretizedLogistic => false,
        }
    }

    /// Whether the scale of the likelihood is learned.
    pub(crate) fn learns_scale(self) -> bool {
        match self {
            Self::LearnedGaussian | Self::DiscretizedLogistic => true,
            Self::Bernoulli | Self::FixedGaussian | Self::ContinuousBernoulli => false,
        }
    }

    /// The likelihood of images with this number of channels. `sigma` returns the Gaussian's (initial) σ, in units of the
    /// pixel's range.
    pub(crate) fn likelihood(self, channels: usize, sigma: impl FnOnce() -> f64) -> Likelihood {
        match self {
            Self::Bernoulli => Likelihood::Bernoulli,
            Self::FixedGaussian | Self::LearnedGaussian => Likelihood::Gaussian { sigma: sigma() },
            Self::ContinuousBernoulli => Likelihood::ContinuousBernoulli,
            Self::DiscretizedLogistic => Likelihood::DiscretizedLogistic {
                scales: ChannelScales::equal(INITIAL_SCALE, channels),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihood_choice_offers_each_likelihood() {
        for likelihood in Likelihood::of_each_kind(0.3) {
            let kind = std::mem::discriminant(&likelihood);
            let offers = |choice: LikelihoodChoice| {
                std::mem::discriminant(&choice.likelihood(1, || 0.3)) == kind
            };
            assert!(
                LikelihoodChoice::ALL.into_iter().any(offers),
                "{likelihood}"
            );
        }
    }

    #[test]
    fn likelihood_choice_is_found_by_its_name() {
        for choice in LikelihoodChoice::ALL {
            assert_eq!(LikelihoodChoice::from_name(choice.name()), Some(choice));
            let has_sigma = matches!(choice.likelihood(1, || 0.3), Likelihood::Gaussian { .. });
            assert_eq!(choice.has_sigma(), has_sigma, "{choice:?}");
        }
        assert_eq!(LikelihoodChoice::from_name("poisson"), None);
    }
}
