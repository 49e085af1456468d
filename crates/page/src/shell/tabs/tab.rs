//! The panels that can be opened, and the one that is open.

use leptos::prelude::*;

/// A panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tab {
    /// Explore the latent space.
    Explore,
    /// Train a model on your digits.
    Train,
    /// Estimate log p(x) of a digit.
    Evidence,
    /// A course in chapters.
    Learn,
}

impl Tab {
    /// All panels, in the order of their tabs.
    pub(crate) const ALL: [Self; 4] = [Self::Explore, Self::Train, Self::Evidence, Self::Learn];

    /// The name in the address and in ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Explore => "explore",
            Self::Train => "train",
            Self::Evidence => "evidence",
            Self::Learn => "learn",
        }
    }

    /// The text of the tab.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Explore => "Explore",
            Self::Train => "Train",
            Self::Evidence => "Evidence",
            Self::Learn => "Learn",
        }
    }

    /// What the panel is for, in one sentence.
    pub(crate) fn purpose(self) -> &'static str {
        match self {
            Self::Explore => "Encode an image, walk through latent space.",
            Self::Train => "Train a model on your own images.",
            Self::Evidence => "Compare the ELBO with log p(x).",
            Self::Learn => "Work through the theory in ten chapters.",
        }
    }

    /// The panel with this name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }
}

/// The open panel, if any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenTab(RwSignal<Option<Tab>>);

impl OpenTab {
    /// Opens this panel, or none.
    pub(crate) fn new(tab: Option<Tab>) -> Self {
        Self(RwSignal::new(tab))
    }

    /// The open panel.
    pub(crate) fn get(self) -> Option<Tab> {
        self.0.get()
    }

    /// Opens this panel in place of the one that is open, or closes that one.
    pub(crate) fn set(self, tab: Option<Tab>) {
        self.0.set(tab);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_is_found_by_its_name() {
        for tab in Tab::ALL {
            assert_eq!(Tab::find(tab.name()), Some(tab));
        }
        assert_eq!(Tab::find("nope"), None);
    }
}
