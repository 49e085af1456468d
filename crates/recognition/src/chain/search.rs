//! The search itself.

use super::{Chain, Data, Next, Step, heads::last_head, is_image, is_square, label::LabelInput};
use crate::{
    layer::{Layer, LayerKind},
    name_evidence::{Side, is_location, is_spread},
};

/// Chains that are kept.
const KEPT: usize = 12;
/// Partial chains that are looked at.
const MAX_NODES: usize = 300_000;
/// What it costs to leave out a layer.
const UNUSED: f64 = 10.0;

pub(super) struct Search<'a> {
    pub(super) layers: &'a [Layer],
    pub(super) used: Vec<bool>,
    /// The place of each layer in the order that was asked for.
    places: Option<Vec<usize>>,
    nodes: usize,
    pub(super) has_named_heads: bool,
    pub(super) current: Chain,
    found: Vec<Chain>,
}

impl<'a> Search<'a> {
    pub(super) fn new(layers: &'a [Layer], order: Option<&[usize]>) -> Self {
        // Layers that are not in the order may not be used.
        let place = |order: &[usize], at: usize| order.iter().position(|&layer| layer == at);
        let places = |order: &[usize]| {
            (0..layers.len())
                .map(|at| place(order, at).unwrap_or(usize::MAX))
                .collect()
        };
        Self {
            layers,
            used: vec![false; layers.len()],
            places: order.map(places),
            nodes: 0,
            has_named_heads: layers
                .iter()
                .any(|layer| is_location(&layer.name) || is_spread(&layer.name)),
            current: Chain {
                encoder: Vec::new(),
                heads: None,
                latent: 0,
                decoder: Vec::new(),
                classes: 0,
                label: 0,
                embedding: None,
                encoder_label: None,
                values: None,
                channels: None,
                unused: Vec::new(),
                cost: 0.0,
            },
            found: Vec::new(),
        }
    }

    /// The chains, the best first.
    pub(super) fn run(mut self) -> Vec<Chain> {
        self.start();
        self.found
    }

    /// Runs `continue_with` with an additional cost, and a layer in use.
    pub(super) fn with(&mut self, layer: usize, cost: f64, continue_with: impl FnOnce(&mut Self)) {
        let before = (self.current.cost, self.used[layer]);
        self.current.cost += cost;
        self.nodes += 1;
        if self.nodes <= MAX_NODES && !self.is_hopeless() {
            self.used[layer] = true;
            continue_with(self);
        }
        (self.current.cost, self.used[layer]) = before;
    }

    /// The same with the layer that embeds a label, if one does.
    pub(super) fn with_embedding(
        &mut self,
        label: Option<LabelInput>,
        continue_with: impl FnOnce(&mut Self),
    ) {
        match label.and_then(|label| label.embedding) {
            Some(at) => self.with(at, 0.0, continue_with),
            None => continue_with(self),
        }
    }

    fn is_hopeless(&self) -> bool {
        let full = self.found.len() >= KEPT;
        full && self
            .found
            .last()
            .is_some_and(|worst| worst.cost <= self.current.cost)
    }

    fn start(&mut self) {
        // Images that linear layers write.
        let mut sizes: Vec<usize> = self
            .layers
            .iter()
            .filter(|layer| layer.kind == LayerKind::Linear)
            .map(|layer| layer.shape[0])
            .collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.dedup();
        for &values in &sizes {
            self.current.values = Some(values);
            self.encode(Data::Vector(values));
            self.current.values = None;
        }
        // Images that a linear layer reads, but a convolution writes.
        let read: Vec<usize> = (0..self.layers.len())
            .filter(|&at| self.layers[at].kind == LayerKind::Linear)
            .map(|at| self.layers[at].shape[1])
            .filter(|values| !sizes.contains(values))
            .collect();
        for values in read {
            self.current.values = Some(values);
            self.encode(Data::Vector(values));
            self.current.values = None;
        }
        for channels in [1, 3] {
            self.current.channels = Some(channels);
            self.encode(Data::Map(channels));
            self.current.channels = None;
        }
        self.decode_alone();
    }

    /// Whether a layer may follow another.
    pub(super) fn may_follow(&self, layer: usize, previous: Option<usize>) -> bool {
        let Some(places) = &self.places else {
            return true;
        };
        places[layer] < usize::MAX
            && previous.is_none_or(|previous| places[previous] < places[layer])
    }

    /// The layers that can follow, with the data that they give, the cheapest first.
    fn next(&self, data: Data, side: Side, previous: Option<usize>) -> Vec<Next> {
        let mut next = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            if self.used[at] || !self.may_follow(at, previous) {
                continue;
            }
            let cost = self.cost(at, side, previous);
            let mut add = |transposed, positions, data, cost| {
                next.push(Next {
                    step: Step {
                        layer: at,
                        transposed,
                        positions,
                    },
                    data,
                    cost,
                    label: None,
                });
            };
            match (layer.kind, data) {
                (LayerKind::Linear, Data::Vector(width)) => {
                    let [outputs, inputs] = [layer.shape[0], layer.shape[1]];
                    if inputs == width {
                        add(false, None, Data::Vector(outputs), cost);
                    }
                }
                // An image is a vector for a linear layer.
                (LayerKind::Linear, Data::Map(_)) if previous.is_none() => {}
                (LayerKind::Linear, Data::Map(channels)) => {
                    let [outputs, inputs] = [layer.shape[0], layer.shape[1]];
                    if inputs.is_multiple_of(channels) && is_square(inputs / channels) {
                        let positions = Some(inputs / channels);
                        add(false, positions, Data::Vector(outputs), cost);
                    }
                }
                (
                    LayerKind::Convolution {
                        may_be_plain,
                        may_be_transposed,
                    },
                    data,
                ) => {
                    let wanted = side == Side::Decoder;
                    for transposed in [wanted, !wanted] {
                        if !(if transposed {
                            may_be_transposed
                        } else {
                            may_be_plain
                        }) {
                            continue;
                        }
                        let (inputs, outputs) = match transposed {
                            true => (layer.shape[0], layer.shape[1]),
                            false => (layer.shape[1], layer.shape[0]),
                        };
                        let (fits, positions) = match data {
                            Data::Map(channels) => (channels == inputs, None),
                            Data::Vector(width) => {
                                let positions = width / inputs;
                                let fits = side == Side::Decoder
                                    && width.is_multiple_of(inputs)
                                    && is_square(positions);
                                (fits, Some(positions))
                            }
                        };
                        // A transposed convolution in an encoder is unusual.
                        let odd = match (side, transposed) {
                            (Side::Encoder, true) => 5.0,
                            (Side::Decoder, false) => 0.5,
                            // A decoder that upsamples goes on so; the other way round, plain ones end it.
                            (Side::Decoder, true) if self.after_plain_convolution() => 1.5,
                            _ => 0.0,
                        };
                        if fits {
                            add(transposed, positions, Data::Map(outputs), cost + odd);
                        }
                    }
                }
                (LayerKind::Embedding, _) => {}
            }
        }
        next.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        next
    }

    /// Whether the decoder's last layer is a convolution that is not transposed.
    fn after_plain_convolution(&self) -> bool {
        let last = self.current.decoder.last();
        last.is_some_and(|step| !step.transposed && self.layers[step.layer].is_convolution())
    }

    /// How far name and place of a layer contradict its use.
    pub(super) fn cost(&self, layer: usize, side: Side, previous: Option<usize>) -> f64 {
        let named = match self.layers[layer].side {
            Some(found) if found != side => 8.0,
            _ => 0.0,
        };
        let order = match previous {
            _ if self.places.is_some() => 0.0,
            Some(previous) if previous > layer => 3.0,
            Some(previous) => 0.25 * (layer - previous - 1) as f64,
            None => 0.1 * (0..layer).filter(|&at| !self.used[at]).count() as f64,
        };
        let order = match (side, self.current.decoder.is_empty()) {
            // The decoder may come first in the file if the names tell.
            (Side::Decoder, true) if self.layers[layer].side == Some(side) => order.min(0.1),
            _ => order,
        };
        named + order
    }

    fn encode(&mut self, data: Data) {
        let previous = self.current.encoder.last().map(|step| step.layer);
        let mut next = self.next(data, Side::Encoder, previous);
        // One layer takes the label.
        if self.current.encoder_label.is_none() {
            next.extend(self.next_with_label(data, Side::Encoder, previous));
        }
        self.heads(&next);
        for Next {
            step,
            data,
            cost,
            label,
        } in next
        {
            let name = &self.layers[step.layer].name;
            let is_head = is_location(name) || is_spread(name);
            let cost = cost + if is_head { 6.0 } else { 0.0 };
            self.with(step.layer, cost, |search| {
                search.with_embedding(label, |search| {
                    let before = (search.current.classes, search.current.encoder_label);
                    if let Some(label) = label {
                        let at = search.current.encoder.len();
                        search.current.classes = label.classes;
                        search.current.encoder_label = Some(label.at(at));
                    }
                    search.current.encoder.push(step);
                    search.encode(data);
                    search.current.encoder.pop();
                    (search.current.classes, search.current.encoder_label) = before;
                });
            });
        }
    }

    /// Continues with the first layer of the decoder, which may take a label.
    pub(super) fn decode_first(&mut self, latent: usize) {
        let previous = self
            .current
            .heads
            .map(|(heads, _)| last_head(heads, self.places.as_deref()));
        let z = Data::Vector(latent);
        // An encoder that takes a label has a decoder that does.
        if self.current.classes == 0 {
            for next in self.next(z, Side::Decoder, previous) {
                self.decode_step(next.step, next.data, next.cost);
            }
        }
        for next in self.next_with_label(z, Side::Decoder, previous) {
            self.decode_with_label(next);
        }
    }

    /// Continues with a first layer of the decoder that takes a label.
    fn decode_with_label(&mut self, next: Next) {
        let Some(label) = next.label else { return };
        let before = self.current.classes;
        // A label of the decoder alone is unusual, unless a layer embeds it.
        let alone = before == 0 && label.embedding.is_none() && self.current.heads.is_some();
        let cost = next.cost + if alone { 1.5 } else { 0.0 };
        (self.current.classes, self.current.label) = (label.classes, label.width);
        self.current.embedding = label.embedding;
        self.with_embedding(next.label, |search| {
            search.decode_step(next.step, next.data, cost);
        });
        (self.current.classes, self.current.label) = (before, 0);
        self.current.embedding = None;
    }

    fn decode_step(&mut self, step: Step, data: Data, cost: f64) {
        let name = &self.layers[step.layer].name;
        let is_head = is_location(name) || is_spread(name);
        // A decoder's output may be called mean.
        let ends = matches!(data, Data::Vector(width) if Some(width) == self.current.values);
        let cost = cost + if is_head && !ends { 6.0 } else { 0.0 };
        self.with(step.layer, cost, |search| {
            search.current.decoder.push(step);
            search.finish(data);
            search.decode(data);
            search.current.decoder.pop();
        });
    }

    fn decode(&mut self, data: Data) {
        let previous = self.current.decoder.last().map(|step| step.layer);
        for next in self.next(data, Side::Decoder, previous) {
            self.decode_step(next.step, next.data, next.cost);
        }
    }

    /// A decoder without an encoder.
    fn decode_alone(&mut self) {
        let layers = self.layers;
        for (first, layer) in layers.iter().enumerate() {
            let inputs = match layer.kind {
                LayerKind::Linear => layer.shape[1],
                LayerKind::Convolution {
                    may_be_transposed: true,
                    ..
                } => layer.shape[0],
                _ => continue,
            };
            let widths: Vec<usize> = layers
                .iter()
                .filter(|layer| layer.kind == LayerKind::Embedding)
                .map(|layer| layer.shape[1])
                .collect();
            let without = match widths.is_empty() {
                true => vec![(10, 3.0)],
                false => widths.into_iter().map(|width| (width, 0.0)).collect(),
            };
            let latents = std::iter::once((0, 0.0)).chain(without);
            for (width, cost) in latents.filter(|(width, _)| *width < inputs) {
                let latent = inputs - width;
                self.current.latent = latent;
                let before = self.current.cost;
                self.current.cost += cost + 1.0;
                let z = Data::Vector(latent);
                let next = match width {
                    0 => self.next(z, Side::Decoder, None),
                    _ => self.next_with_label(z, Side::Decoder, None),
                };
                let is_first = |next: &&Next| {
                    // A map of several positions is not told by the decoder alone.
                    next.step.layer == first && next.step.positions.is_none_or(|found| found == 1)
                };
                match next.iter().find(is_first).copied() {
                    Some(next) if width > 0 => self.decode_with_label(next),
                    Some(next) => self.decode_step(next.step, next.data, next.cost),
                    None => {}
                }
                self.current.cost = before;
            }
        }
    }

    /// Keeps the chain if its decoder has written an image.
    fn finish(&mut self, data: Data) {
        let alone = self.current.heads.is_none();
        let image = match (data, self.current.values, self.current.channels) {
            // A decoder alone has no image to compare with.
            (Data::Vector(width), ..) if alone => is_image(width).then_some((Some(width), None)),
            (Data::Map(channels @ (1 | 3)), ..) if alone => Some((None, Some(channels))),
            (Data::Vector(width), Some(values), _) => {
                (width == values).then_some((Some(values), None))
            }
            (Data::Vector(width), None, Some(channels)) => (width.is_multiple_of(channels)
                && is_square(width / channels))
            .then_some((Some(width), Some(channels))),
            (Data::Map(channels @ (1 | 3)), Some(values), _) => (values.is_multiple_of(channels)
                && is_square(values / channels))
            .then_some((Some(values), Some(channels))),
            (Data::Map(found), None, Some(channels)) => {
                (found == channels).then_some((None, Some(channels)))
            }
            _ => None,
        };
        let Some((values, channels)) = image else {
            return;
        };
        let unused: Vec<usize> = (0..self.layers.len())
            .filter(|&at| !self.used[at])
            .collect();
        let not_used: f64 = unused
            .iter()
            .map(|&at| match self.layers[at].side {
                // An encoder that is no half of a VAE.
                Some(Side::Encoder) if alone => UNUSED / 4.0,
                _ => UNUSED,
            })
            .sum();
        let odd_image = match values {
            Some(values) if !is_image(values) => 5.0,
            _ => 0.0,
        };
        // A latent space that is larger than the image is no code of it.
        let large = match values {
            Some(values) if self.current.latent >= values => 5.0,
            _ => 0.0,
        };
        // An encoder of convolutions usually has a decoder of convolutions, and the other way round.
        let has_convolution = |steps: &[Step]| {
            steps
                .iter()
                .any(|step| self.layers[step.layer].is_convolution())
        };
        let unequal = !alone
            && has_convolution(&self.current.encoder) != has_convolution(&self.current.decoder);
        let unequal = if unequal { 2.0 } else { 0.0 };
        // Among transposed convolutions, a plain one ends the decoder.
        let of_decoder = || {
            let steps = self.current.decoder.iter();
            steps.filter(|step| self.layers[step.layer].is_convolution())
        };
        let plain = of_decoder().filter(|step| !step.transposed).count();
        let mixed = match of_decoder().any(|step| step.transposed) {
            true => plain.saturating_sub(1) as f64,
            false => 0.0,
        };
        let chain = Chain {
            cost: self.current.cost + not_used + odd_image + large + unequal + mixed,
            unused,
            values,
            channels,
            ..self.current.clone()
        };
        let same = |other: &Chain| {
            other.encoder == chain.encoder
                && other.decoder == chain.decoder
                && other.heads == chain.heads
                && other.latent == chain.latent
                && other.label == chain.label
                && other.encoder_label == chain.encoder_label
        };
        if let Some(known) = self.found.iter().position(same) {
            if self.found[known].cost <= chain.cost {
                return;
            }
            self.found.remove(known);
        }
        let at = self.found.partition_point(|other| other.cost <= chain.cost);
        self.found.insert(at, chain);
        self.found.truncate(KEPT);
    }
}
