//! What the tour says, and of what.

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it speaks of: the `data-testid` of an element that every page has, or of the first that is there.
    pub(crate) of: &'static [&'static str],
    /// In a word or two.
    pub(crate) title: &'static str,
    /// In a sentence or two.
    pub(crate) text: &'static str,
}

/// All of them.
pub(crate) const STEPS: [Step; 5] = [
    Step {
        of: &["z-0", "z-8"],
        title: "Drag a slider",
        text: "A decoder makes this picture of a few numbers, the latent vector z. Each slider is one of them.",
    },
    Step {
        of: &["latent-plane", "model"],
        title: "See it all at once",
        text: "With two numbers, the whole latent space is a map of what the decoder draws. Press a place, and z \
               goes there.",
    },
    Step {
        of: &["sample-prior"],
        title: "No encoder needed",
        text: "z drawn from the prior p(z), decoded: a digit that nobody has written.",
    },
    Step {
        of: &["tab-explore"],
        title: "Put your own digit in",
        text: "In Explore, draw one: the encoder says where it lies, and how sure it is. Walk from there to \
               anywhere.",
    },
    Step {
        of: &["tab-train"],
        title: "Train it on your hand",
        text: "In Train, a model learns your own digits in a minute. All of it happens in this tab; nothing leaves \
               it.",
    },
];
