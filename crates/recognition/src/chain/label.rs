//! Labels: which layers may take one beside their other input, and what embeds it.

use super::{Data, Next, is_square, search::Search};
use crate::{
    chain::{EncoderLabel, Step},
    layer::LayerKind,
    name_evidence::{Side, is_embedding},
};

/// The most classes of a label.
const MAX_CLASSES: usize = 256;
/// Digits have ten classes: the number that needs no further evidence.
const USUAL_CLASSES: usize = 10;

/// A label that a layer takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LabelInput {
    /// Values or channels.
    pub(super) width: usize,
    pub(super) classes: usize,
    /// The layer that embeds it.
    pub(super) embedding: Option<usize>,
}

impl LabelInput {
    /// The same for the encoder's layer at this index.
    pub(super) fn at(self, at: usize) -> EncoderLabel {
        EncoderLabel {
            at,
            width: self.width,
            embedding: self.embedding,
        }
    }

    /// What is unusual about it, as a cost.
    fn cost(self, is_known: bool) -> f64 {
        match self.classes {
            USUAL_CLASSES => 0.5,
            _ if is_known => 0.5,
            _ => 1.5,
        }
    }
}

impl Search<'_> {
    /// Layers that embed labels.
    fn embeddings(&self) -> impl Iterator<Item = usize> {
        let layers = self.layers;
        (0..layers.len()).filter(|&at| layers[at].kind == LayerKind::Embedding)
    }

    /// The label of this many values beside the others, or channels: that of an embedding, or a one-hot one. With
    /// `is_map` an embedding may also give whole planes of values.
    fn label_input(&self, width: usize, side: Side, is_map: bool) -> Option<LabelInput> {
        let known = self.current.classes;
        let of_known = |classes: usize| known == 0 || known == classes;
        let embedding = self
            .embeddings()
            .filter(|&at| {
                let [classes, values] = [self.layers[at].shape[0], self.layers[at].shape[1]];
                let fits = values == width
                    || is_map
                        && width > 0
                        && values.is_multiple_of(width)
                        && is_square(values / width);
                fits && of_known(classes)
            })
            // Encoder and decoder may have one each, or share one.
            .min_by_key(|&at| {
                (
                    self.layers[at].side.is_some_and(|of| of != side),
                    self.used[at],
                )
            });
        if let Some(at) = embedding {
            return Some(LabelInput {
                width,
                classes: self.layers[at].shape[0],
                embedding: Some(at),
            });
        }
        // Where there are embeddings, their number of labels is that of the classes.
        let mut classes = self
            .embeddings()
            .map(|at| self.layers[at].shape[0])
            .peekable();
        let agrees = classes.peek().is_none() || classes.any(|classes| classes == width);
        let fits = (1..=MAX_CLASSES).contains(&width) && of_known(width) && agrees;
        fits.then_some(LabelInput {
            width,
            classes: width,
            embedding: None,
        })
    }

    /// Layers that take a label beside this input, the cheapest first.
    pub(super) fn next_with_label(
        &self,
        data: Data,
        side: Side,
        previous: Option<usize>,
    ) -> Vec<Next> {
        let is_start = match side {
            Side::Encoder => self.current.encoder.is_empty(),
            Side::Decoder => self.current.decoder.is_empty(),
        };
        let is_known = self.current.classes > 0;
        let mut next: Vec<Next> = (0..self.layers.len())
            .filter(|&at| !self.used[at] && self.may_follow(at, previous))
            .filter_map(|at| {
                let (step, result, input) = self.with_label(at, data, side, is_start)?;
                Some(Next {
                    step,
                    data: result,
                    cost: self.cost(at, side, previous) + input.cost(is_known),
                    label: Some(input),
                })
            })
            .collect();
        next.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        next
    }

    /// A layer as one that takes a label beside this input.
    fn with_label(
        &self,
        at: usize,
        data: Data,
        side: Side,
        is_start: bool,
    ) -> Option<(Step, Data, LabelInput)> {
        let layer = &self.layers[at];
        let step = |transposed, positions| Step {
            layer: at,
            transposed,
            positions,
        };
        match (layer.kind, data) {
            (LayerKind::Linear, Data::Vector(values)) => {
                let width = layer.shape[1]
                    .checked_sub(values)
                    .filter(|width| *width > 0)?;
                let input = self.label_input(width, side, false)?;
                // A label is not wider than the image, but may be wider than z.
                let fits = match (side, is_start) {
                    (_, true) => width <= values.max(64) || input.embedding.is_some(),
                    // Beside hidden values: any difference of two widths would be a label.
                    (_, false) => width == USUAL_CLASSES || input.embedding.is_some(),
                };
                fits.then(|| (step(false, None), Data::Vector(layer.shape[0]), input))
            }
            // Beside the values of a map: the widest label whose map is square is the smallest map.
            (LayerKind::Linear, Data::Map(channels)) if !is_start => {
                let inputs = layer.shape[1];
                let label = |width: usize| {
                    let positions = inputs.checked_sub(width)? / channels;
                    let fits = positions > 0
                        && (inputs - width).is_multiple_of(channels)
                        && is_square(positions);
                    fits.then(|| self.label_input(width, side, false))
                        .flatten()
                        .map(|input| (step(false, Some(positions)), input))
                };
                let widths = std::iter::once(USUAL_CLASSES).chain(2..=MAX_CLASSES);
                let (step, input) = widths.take_while(|width| *width < inputs).find_map(label)?;
                Some((step, Data::Vector(layer.shape[0]), input))
            }
            // Planes beside the channels of the image.
            (
                LayerKind::Convolution {
                    may_be_plain: true, ..
                },
                Data::Map(channels),
            ) if side == Side::Encoder => {
                let after_embedding = self
                    .current
                    .encoder
                    .last()
                    .is_some_and(|step| is_embedding(&self.layers[step.layer].name));
                if !is_start && !after_embedding {
                    return None;
                }
                let width = layer.shape[1]
                    .checked_sub(channels)
                    .filter(|width| *width > 0)?;
                let input = self.label_input(width, side, true)?;
                // One plane is an embedding's.
                let fits = input.classes > 1;
                fits.then(|| (step(false, None), Data::Map(layer.shape[0]), input))
            }
            // Beside a z that is a map of one position.
            (
                LayerKind::Convolution {
                    may_be_transposed: true,
                    ..
                },
                Data::Vector(values),
            ) if side == Side::Decoder && is_start => {
                let width = layer.shape[0]
                    .checked_sub(values)
                    .filter(|width| *width > 0)?;
                let input = self.label_input(width, side, false)?;
                Some((step(true, Some(1)), Data::Map(layer.shape[1]), input))
            }
            _ => None,
        }
    }
}
