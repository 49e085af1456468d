//! Which layers form the encoder, the heads and the decoder: a search with shapes as constraints and names as costs.

mod heads;
mod label;
mod search;

use crate::layer::Layer;
use search::Search;

/// A chain that costs so much more than the best is not offered.
const MARGIN: f64 = 12.0;

/// A layer in the encoder or decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) layer: usize,
    pub(crate) transposed: bool,
    /// Positions of the feature map between a vector and a map: the map that a linear layer reads, or the map that its
    /// vector is arranged as for a convolution.
    pub(crate) positions: Option<usize>,
}

/// The layers that compute the parameters of q(z|x).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Heads {
    /// One layer for each, in the order of the file.
    Separate(usize, usize),
    /// One layer for both, each half of its output.
    Joint(usize),
}

/// Where the encoder takes the label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EncoderLabel {
    /// The index of the layer in the encoder that reads it; the number of its layers if the heads do.
    pub(crate) at: usize,
    /// Values that this layer reads beside what comes before it: inputs, or channels of a convolution.
    pub(crate) width: usize,
    /// The layer that maps the label to them; `None` for a one-hot label.
    pub(crate) embedding: Option<usize>,
}

/// The layers of each part of a VAE, as indices into the list of layers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chain {
    pub(crate) encoder: Vec<Step>,
    /// The heads and the positions of the map that they read, if they read one; `None` for a decoder alone.
    pub(crate) heads: Option<(Heads, Option<usize>)>,
    pub(crate) latent: usize,
    pub(crate) decoder: Vec<Step>,
    /// Number of classes; 0 without a label.
    pub(crate) classes: usize,
    /// Values that the decoder's first layer reads beside z; 0 without a label.
    pub(crate) label: usize,
    /// The layer that maps the label to them; `None` for a one-hot label.
    pub(crate) embedding: Option<usize>,
    /// Where the encoder takes the label, if it does.
    pub(crate) encoder_label: Option<EncoderLabel>,
    /// Values of an image, if a linear layer reads or writes it.
    pub(crate) values: Option<usize>,
    /// Channels of an image, if a convolution reads or writes it.
    pub(crate) channels: Option<usize>,
    /// Layers that are left out.
    pub(crate) unused: Vec<usize>,
    /// How far names and order contradict it.
    pub(crate) cost: f64,
}

impl Chain {
    /// The side of the map that convolutional heads end with; `None` for linear ones.
    pub(crate) fn side_of_heads(&self, layers: &[Layer]) -> Option<usize> {
        let (heads, _) = self.heads?;
        let (layer, outputs) = match heads {
            Heads::Separate(first, _) => (first, layers[first].shape[0]),
            Heads::Joint(layer) => (layer, layers[layer].shape[0] / 2),
        };
        layers[layer]
            .is_convolution()
            .then(|| (self.latent / outputs.max(1)).isqrt())
    }
}

/// What the next layer reads.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Data {
    Vector(usize),
    /// A map with this number of channels.
    Map(usize),
}

/// A layer that can follow, with what it gives.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Next {
    step: Step,
    data: Data,
    cost: f64,
    /// The label that it takes beside what comes before it.
    label: Option<label::LabelInput>,
}

/// The chains that fit, the best first. With an order, as indices of layers, each layer of a chain comes after the one
/// before it in that order.
pub(crate) fn find_chains(layers: &[Layer], order: Option<&[usize]>) -> Vec<Chain> {
    let mut found = Search::new(layers, order).run();
    let best = found.first().map_or(0.0, |chain| chain.cost);
    found.retain(|chain| chain.cost <= best + MARGIN);
    found
}

fn is_square(values: usize) -> bool {
    values.isqrt().pow(2) == values
}

/// Whether a square image, grey or coloured, has this many values.
pub(crate) fn is_image(values: usize) -> bool {
    values >= 16 && (is_square(values) || values.is_multiple_of(3) && is_square(values / 3))
}
