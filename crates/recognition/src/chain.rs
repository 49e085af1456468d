//! Which layers form the encoder, the heads and the decoder: a search with shapes as constraints and names as costs.

use crate::{
    layer::{Layer, LayerKind},
    name_evidence::{Side, is_location, is_spread},
};

/// Chains that are kept.
const KEPT: usize = 12;
/// Partial chains that are looked at.
const MAX_NODES: usize = 300_000;
/// The most classes of a label.
const MAX_CLASSES: usize = 256;
/// What it costs to leave out a layer.
const UNUSED: f64 = 10.0;
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

/// The layers of each part of a VAE, as indices into the list of layers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chain {
    pub(crate) encoder: Vec<Step>,
    /// The heads and the positions of the map that they read, if they read one; `None` for a decoder alone.
    pub(crate) heads: Option<(Heads, Option<usize>)>,
    pub(crate) latent: usize,
    pub(crate) decoder: Vec<Step>,
    /// Width of the label; 0 without one.
    pub(crate) label: usize,
    /// Whether the encoder takes the label, too.
    pub(crate) encoder_label: bool,
    /// The layer that embeds the label.
    pub(crate) embedding: Option<usize>,
    /// Values of an image, if a linear layer reads or writes it.
    pub(crate) values: Option<usize>,
    /// Channels of an image, if a convolution reads or writes it.
    pub(crate) channels: Option<usize>,
    /// Layers that are left out.
    pub(crate) unused: Vec<usize>,
    /// How far names and order contradict it.
    pub(crate) cost: f64,
}

/// What the next layer reads.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Data {
    Vector(usize),
    /// A map with this number of channels.
    Map(usize),
}

/// The chains that fit, the best first.
pub(crate) fn find_chains(layers: &[Layer]) -> Vec<Chain> {
    let mut search = Search {
        layers,
        used: vec![false; layers.len()],
        nodes: 0,
        embedding: layers
            .iter()
            .position(|layer| layer.kind == LayerKind::Embedding),
        has_named_heads: layers
            .iter()
            .any(|layer| is_location(&layer.name) || is_spread(&layer.name)),
        current: Chain {
            encoder: Vec::new(),
            heads: None,
            latent: 0,
            decoder: Vec::new(),
            label: 0,
            encoder_label: false,
            embedding: None,
            values: None,
            channels: None,
            unused: Vec::new(),
            cost: 0.0,
        },
        found: Vec::new(),
    };
    search.start();
    let mut found = search.found;
    let best = found.first().map_or(0.0, |chain| chain.cost);
    found.retain(|chain| chain.cost <= best + MARGIN);
    found
}

struct Search<'a> {
    layers: &'a [Layer],
    used: Vec<bool>,
    nodes: usize,
    embedding: Option<usize>,
    has_named_heads: bool,
    current: Chain,
    found: Vec<Chain>,
}

impl Search<'_> {
    /// Runs `continue_with` with an additional cost, and a layer in use.
    fn with(&mut self, layer: usize, cost: f64, continue_with: impl FnOnce(&mut Self)) {
        let before = self.current.cost;
        self.current.cost += cost;
        self.nodes += 1;
        if self.nodes <= MAX_NODES && !self.is_hopeless() {
            self.used[layer] = true;
            continue_with(self);
            self.used[layer] = false;
        }
        self.current.cost = before;
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

    /// The layers that can follow, with the data that they give, the cheapest first.
    fn next(&self, data: Data, side: Side, previous: Option<usize>) -> Vec<(Step, Data, f64)> {
        let mut next = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            if self.used[at] {
                continue;
            }
            let cost = self.cost(at, side, previous);
            let step = |transposed, positions| Step {
                layer: at,
                transposed,
                positions,
            };
            match (layer.kind, data) {
                (LayerKind::Linear, Data::Vector(width)) => {
                    let [outputs, inputs] = [layer.shape[0], layer.shape[1]];
                    if inputs == width {
                        next.push((step(false, None), Data::Vector(outputs), cost));
                    }
                }
                // An image is a vector for a linear layer.
                (LayerKind::Linear, Data::Map(_)) if previous.is_none() => {}
                (LayerKind::Linear, Data::Map(channels)) => {
                    let [outputs, inputs] = [layer.shape[0], layer.shape[1]];
                    if inputs.is_multiple_of(channels) && is_square(inputs / channels) {
                        next.push((
                            step(false, Some(inputs / channels)),
                            Data::Vector(outputs),
                            cost,
                        ));
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
                            next.push((
                                step(transposed, positions),
                                Data::Map(outputs),
                                cost + odd,
                            ));
                        }
                    }
                }
                (LayerKind::Embedding, _) => {}
            }
        }
        next.sort_by(|a, b| a.2.total_cmp(&b.2));
        next
    }

    /// Whether the decoder's last layer is a convolution that is not transposed.
    fn after_plain_convolution(&self) -> bool {
        let last = self.current.decoder.last();
        last.is_some_and(|step| {
            !step.transposed && self.layers[step.layer].kind != LayerKind::Linear
        })
    }

    /// How far name and place of a layer contradict its use.
    fn cost(&self, layer: usize, side: Side, previous: Option<usize>) -> f64 {
        let named = match self.layers[layer].side {
            Some(found) if found != side => 8.0,
            _ => 0.0,
        };
        let order = match previous {
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
        let is_start = self.current.encoder.is_empty();
        let mut next = self.next(data, Side::Encoder, previous);
        if is_start && let (Data::Vector(values), None) = (data, previous) {
            next.extend(self.next_with_label(values, Side::Encoder));
        }
        self.heads(&next);
        for (step, data, cost) in next {
            let name = &self.layers[step.layer].name;
            let is_head = is_location(name) || is_spread(name);
            let cost = cost + if is_head { 6.0 } else { 0.0 };
            let label = self.label_of(step, is_start);
            self.with(step.layer, cost, |search| {
                let before = (search.current.label, search.current.encoder_label);
                if let Some(width) = label {
                    (search.current.label, search.current.encoder_label) = (width, true);
                }
                search.current.encoder.push(step);
                search.encode(data);
                search.current.encoder.pop();
                (search.current.label, search.current.encoder_label) = before;
            });
        }
    }

    /// The width of the label that the first layer of the encoder takes beside the image.
    fn label_of(&self, step: Step, is_start: bool) -> Option<usize> {
        let layer = &self.layers[step.layer];
        let values = self.current.values.filter(|_| is_start)?;
        let label = layer.shape[1].checked_sub(values)?;
        (layer.kind == LayerKind::Linear && label > 0).then_some(label)
    }

    /// Layers that take a label beside this many values, the cheapest first.
    fn next_with_label(&self, values: usize, side: Side) -> Vec<(Step, Data, f64)> {
        let mut next: Vec<_> = (0..self.layers.len())
            .filter(|&at| !self.used[at] && self.layers[at].kind == LayerKind::Linear)
            .filter_map(|at| {
                let layer = &self.layers[at];
                let label = layer.shape[1].checked_sub(values)?;
                let most = MAX_CLASSES.min(values.max(64));
                let known = self.label_width();
                let fits = (1..=most).contains(&label) && known.is_none_or(|known| known == label);
                let unusual = match label {
                    10 => 0.5,
                    _ if known.is_some() => 0.5,
                    _ => 1.5,
                };
                let previous = self.current.heads.map(|(heads, _)| last_head(heads));
                let step = Step {
                    layer: at,
                    transposed: false,
                    positions: None,
                };
                fits.then(|| {
                    (
                        step,
                        Data::Vector(layer.shape[0]),
                        self.cost(at, side, previous) + unusual,
                    )
                })
            })
            .collect();
        next.sort_by(|a, b| a.2.total_cmp(&b.2));
        next
    }

    /// The width of the label, if it is known already: by the encoder, or by an embedding.
    fn label_width(&self) -> Option<usize> {
        match (self.current.label, self.embedding) {
            (0, Some(embedding)) => Some(self.layers[embedding].shape[1]),
            (0, None) => None,
            (width, _) => Some(width),
        }
    }

    /// Continues with heads among these layers.
    fn heads(&mut self, next: &[(Step, Data, f64)]) {
        let linear: Vec<_> = next
            .iter()
            .filter(|(step, ..)| self.layers[step.layer].kind == LayerKind::Linear)
            .collect();
        // Heads without a hidden layer before them would read the label, too, which only one layer may.
        if self.current.encoder.is_empty()
            && linear
                .iter()
                .any(|(step, ..)| self.label_of(*step, true).is_some())
        {
            return;
        }
        for (at, (first, data, cost)) in linear.iter().enumerate() {
            for (second, other, other_cost) in &linear[at + 1..] {
                if data != other || first.positions != second.positions {
                    continue;
                }
                let Data::Vector(latent) = *data else {
                    continue;
                };
                let (low, high) = (first.layer.min(second.layer), first.layer.max(second.layer));
                let names = [low, high].map(|at| &self.layers[at].name);
                let named = names.iter().any(|name| is_location(name))
                    && names.iter().any(|name| is_spread(name));
                let half = names
                    .iter()
                    .any(|name| is_location(name) || is_spread(name));
                let cost = match (named, half) {
                    (true, _) => 0.0,
                    (false, true) => 0.3 + cost.min(*other_cost),
                    // fc21 and fc22.
                    _ if differ_in_last_digit(names) => 0.3,
                    (false, false) => 1.0 + cost.min(*other_cost) + 0.25 * (high - low - 1) as f64,
                };
                let side = names
                    .iter()
                    .filter(|name| crate::name_evidence::side(name) == Some(Side::Decoder))
                    .count();
                let cost = cost + 8.0 * side as f64;
                let (heads, positions) = (Heads::Separate(low, high), first.positions);
                self.with(low, cost, |search| {
                    search.with(high, 0.0, |search| {
                        search.decode_from(heads, positions, latent)
                    });
                });
            }
        }
        for (step, data, cost) in linear {
            let Data::Vector(both) = *data else { continue };
            if both.is_multiple_of(2) {
                let cost = cost + if self.has_named_heads { 4.0 } else { 1.5 };
                let (heads, positions) = (Heads::Joint(step.layer), step.positions);
                self.with(step.layer, cost, |search| {
                    search.decode_from(heads, positions, both / 2);
                });
            }
        }
    }

    fn decode_from(&mut self, heads: Heads, positions: Option<usize>, latent: usize) {
        self.current.heads = Some((heads, positions));
        self.current.latent = latent;
        self.decode_first(latent);
        self.current.heads = None;
    }

    /// Continues with the first layer of the decoder, which may take a label.
    fn decode_first(&mut self, latent: usize) {
        let label = self.current.label;
        // An encoder that takes a label has a decoder that does.
        if label == 0 {
            let previous = self.current.heads.map(|(heads, _)| last_head(heads));
            for (step, data, cost) in self.next(Data::Vector(latent), Side::Decoder, previous) {
                self.decode_step(step, data, cost);
            }
        }
        for (step, data, cost) in self.next_with_label(latent, Side::Decoder) {
            let width = self.layers[step.layer].shape[1] - latent;
            let embedding = self
                .embedding
                .filter(|&at| self.layers[at].shape[1] == width);
            self.current.label = width;
            self.current.embedding = embedding;
            match embedding {
                Some(at) => self.with(at, 0.0, |search| search.decode_step(step, data, cost)),
                None => self.decode_step(step, data, cost + if label == 0 { 1.5 } else { 0.0 }),
            }
            (self.current.label, self.current.embedding) = (label, None);
        }
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
        for (step, data, cost) in self.next(data, Side::Decoder, previous) {
            self.decode_step(step, data, cost);
        }
    }

    /// A decoder without an encoder.
    fn decode_alone(&mut self) {
        for first in 0..self.layers.len() {
            let layer = &self.layers[first];
            let inputs = match layer.kind {
                LayerKind::Linear => layer.shape[1],
                LayerKind::Convolution {
                    may_be_transposed: true,
                    ..
                } => layer.shape[0],
                _ => continue,
            };
            let mut latents = vec![(inputs, 0.0)];
            if let Some(width) = self.label_width() {
                latents.push((inputs.saturating_sub(width), 0.0));
            } else {
                latents.push((inputs.saturating_sub(10), 3.0));
            }
            for (latent, cost) in latents.into_iter().filter(|(latent, _)| *latent > 0) {
                self.current.latent = latent;
                let before = self.current.cost;
                self.current.cost += cost + 1.0;
                self.alone_from(first, latent);
                self.current.cost = before;
            }
        }
    }

    fn alone_from(&mut self, first: usize, latent: usize) {
        let next = match self.layers[first].kind {
            LayerKind::Linear if self.layers[first].shape[1] > latent => {
                self.next_with_label(latent, Side::Decoder)
            }
            _ => self.next(Data::Vector(latent), Side::Decoder, None),
        };
        let Some(&(step, data, cost)) = next.iter().find(|(step, ..)| step.layer == first) else {
            return;
        };
        let width = self.layers[first].shape[1];
        let label = match self.layers[first].kind {
            LayerKind::Linear => width - latent,
            _ => 0,
        };
        self.current.label = label;
        self.current.embedding = self
            .embedding
            .filter(|&at| label > 0 && self.layers[at].shape[1] == label);
        match self.current.embedding {
            Some(at) => self.with(at, 0.0, |search| search.decode_step(step, data, cost)),
            None => self.decode_step(step, data, cost),
        }
        (self.current.label, self.current.embedding) = (0, None);
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
        let chain = Chain {
            cost: self.current.cost + not_used + odd_image + large,
            unused,
            values,
            channels,
            ..self.current.clone()
        };
        let same = |other: &Chain| {
            other.encoder == chain.encoder
                && other.decoder == chain.decoder
                && other.heads == chain.heads
                && other.label == chain.label
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

fn differ_in_last_digit([one, other]: [&String; 2]) -> bool {
    let split = |name: &str| {
        let mut characters = name.chars();
        let last = characters.next_back()?;
        last.is_ascii_digit()
            .then(|| characters.as_str().to_owned())
    };
    split(one).is_some_and(|start| split(other) == Some(start))
}

fn last_head(heads: Heads) -> usize {
    match heads {
        Heads::Separate(_, second) => second,
        Heads::Joint(layer) => layer,
    }
}

fn is_square(values: usize) -> bool {
    values.isqrt().pow(2) == values
}

/// Whether a square image, grey or coloured, has this many values.
pub(crate) fn is_image(values: usize) -> bool {
    values >= 16 && (is_square(values) || values.is_multiple_of(3) && is_square(values / 3))
}
