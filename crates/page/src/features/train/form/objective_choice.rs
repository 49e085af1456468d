//! The values of the field [`Objective`](super::field::Field::Objective).

use protocol::Objective;

/// What training maximizes, with the settings that the page offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectiveChoice {
    /// The ELBO.
    Elbo,
    /// The importance-weighted bound of eight samples.
    ImportanceWeighted,
    /// log p(x) by quadrature.
    Exact,
}

/// K of [`ObjectiveChoice::ImportanceWeighted`].
const SAMPLES: usize = 8;
/// Quantiles of each of two latent dimensions, and of a single one: a grid that a tab decodes many times a second.
const SIDES: [usize; 2] = [32, 64];

impl ObjectiveChoice {
    /// All choices, in the order of the list.
    pub(crate) const ALL: [Self; 3] = [Self::Elbo, Self::ImportanceWeighted, Self::Exact];

    /// The name in stored forms.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Elbo => "elbo",
            Self::ImportanceWeighted => "importance-weighted",
            Self::Exact => "exact",
        }
    }

    /// The text in the list.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Elbo => "ELBO",
            Self::ImportanceWeighted => "IWAE, K = 8",
            Self::Exact => "log p(x)",
        }
    }

    /// The choice with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }

    /// Whether the loss has a weight β of the KL divergence.
    pub(crate) fn has_beta(self) -> bool {
        self == Self::Elbo
    }

    /// The objective for a model of this latent size.
    ///
    /// # Errors
    ///
    /// If the objective needs another latent size; says which.
    pub(crate) fn objective(self, latent_size: u64) -> Result<Objective, &'static str> {
        match (self, latent_size) {
            (Self::Elbo, _) => Ok(Objective::Elbo),
            (Self::ImportanceWeighted, _) => Ok(Objective::ImportanceWeighted { samples: SAMPLES }),
            (Self::Exact, 2) => Ok(Objective::Exact { side: SIDES[0] }),
            (Self::Exact, 1) => Ok(Objective::Exact { side: SIDES[1] }),
            (Self::Exact, _) => Err(
                "quadrature needs a latent size of 1 or 2: its number of points is exponential in it",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_name_inverts_name() {
        for choice in ObjectiveChoice::ALL {
            assert_eq!(ObjectiveChoice::from_name(choice.name()), Some(choice));
        }
        assert_eq!(ObjectiveChoice::from_name("other"), None);
    }

    #[test]
    fn objective_by_quadrature_needs_few_dimensions() {
        let exact = |latent| ObjectiveChoice::Exact.objective(latent);
        assert_eq!(exact(2), Ok(Objective::Exact { side: 32 }));
        assert_eq!(exact(1), Ok(Objective::Exact { side: 64 }));
        assert!(exact(8).is_err());
    }
}
