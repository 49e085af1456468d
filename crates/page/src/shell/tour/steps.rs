//! The steps of the tour.

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The ids of the element that it is about; the first that is on the page is highlighted.
    pub(crate) targets: &'static [&'static str],
    /// A short title.
    pub(crate) title: &'static str,
    /// The text, in a sentence or two.
    pub(crate) text: &'static str,
}

/// All steps, in order.
pub(crate) const STEPS: [Step; 6] = [
    Step {
        targets: &["z-0", "z-8"],
        title: "Drag a slider",
        text: "The decoder turns a few numbers, the latent vector z, into this image. Each slider is one of them.",
    },
    Step {
        targets: &["latent-plane", "model"],
        title: "See the whole latent space",
        text: "With two dimensions, the latent space is a map of decoded images. Click anywhere to move z there.",
    },
    Step {
        targets: &["sample-prior"],
        title: "Generate a digit",
        text: "Sample z from the prior p(z) and decode it: a new digit, without an encoder.",
    },
    Step {
        targets: &["tab-explore"],
        title: "Encode your own image",
        text: "Draw one in Explore: the encoder shows where it lies in the latent space, and how certain that is.",
    },
    Step {
        targets: &["tab-train"],
        title: "Train on your handwriting",
        text: "In Train, a model learns your own digits in a minute. Everything runs in this tab; nothing is uploaded.",
    },
    Step {
        targets: &["tab-evidence"],
        title: "See how good the model is",
        text: "In Evidence, compare the ELBO of a digit with log p(x), which it bounds, term by term.",
    },
];
