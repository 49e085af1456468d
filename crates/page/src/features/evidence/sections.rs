//! The sections of the panel: their ids, and their names in the list of contents.

/// A section of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    /// The id of its element, which links refer to.
    pub(crate) id: &'static str,
    /// Its name in the list of contents.
    pub(crate) name: &'static str,
}

macro_rules! sections {
    ($($constant:ident = $id:literal, $name:literal;)*) => {
        impl Section {
            $(
                #[doc = concat!("“", $name, "”")]
                pub(crate) const $constant: Self = Self { id: $id, name: $name };
            )*
            /// All sections, in the order of the panel.
            pub(crate) const ALL: &[Self] = &[$(Self::$constant),*];
        }
    };
}

sections! {
    IMAGE = "evidence-image", "The image x";
    ELBO = "evidence-elbo", "ELBO";
    EXACT = "evidence-exact", "Exact value";
    NAIVE = "evidence-naive", "Naive Monte Carlo";
    MCMC = "evidence-mcmc", "Markov chains";
    GRADIENT = "evidence-gradient", "Reparameterization";
    LIKELIHOOD = "evidence-likelihood", "Likelihood";
    COLLAPSE = "evidence-collapse", "Posterior collapse";
    SAMPLES = "evidence-samples", "Samples";
    JENSEN = "evidence-jensen", "Jensen’s inequality";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn sections_have_different_ids() {
        let ids: HashSet<&str> = Section::ALL.iter().map(|section| section.id).collect();
        assert_eq!(ids.len(), Section::ALL.len());
    }
}
