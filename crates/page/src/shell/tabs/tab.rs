//! The panels that can be opened, and the one that is open.

use leptos::prelude::*;

/// A panel, by its tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tab {
    /// Walk about in the latent space.
    Explore,
    /// Train a model on digits of one's own.
    Train,
    /// What is known of log p(x) of a digit, and how.
    Evidence,
}

impl Tab {
    /// All of them, in the order in which they stand.
    pub(crate) const ALL: [Self; 3] = [Self::Explore, Self::Train, Self::Evidence];

    /// Its name in the address and in ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Explore => "explore",
            Self::Train => "train",
            Self::Evidence => "evidence",
        }
    }

    /// What the tab says.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Explore => "Explore",
            Self::Train => "Train",
            Self::Evidence => "Evidence",
        }
    }

    /// The tab of this name.
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
    fn names_round_trip() {
        for tab in Tab::ALL {
            assert_eq!(Tab::find(tab.name()), Some(tab));
        }
        assert_eq!(Tab::find("nope"), None);
    }
}
