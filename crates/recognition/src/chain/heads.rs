//! The heads: two layers, or one with both halves.

use super::{Data, EncoderLabel, Heads, Next, search::Search};
use crate::name_evidence::{Side, is_location, is_spread, side};

/// The longest side of a map that convolutional heads end with.
const MAX_SIDE: usize = 8;

impl Search<'_> {
    /// Continues with heads among these layers.
    pub(super) fn heads(&mut self, next: &[Next]) {
        // Heads without a hidden layer before them would read the label, too, which only one layer may.
        if self.current.encoder.is_empty() && next.iter().any(|next| next.label.is_some()) {
            return;
        }
        // An image is no feature map of heads.
        let next: Vec<Next> = next
            .iter()
            .filter(|next| !next.step.transposed)
            .filter(|next| !self.current.encoder.is_empty() || !matches!(next.data, Data::Map(_)))
            .copied()
            .collect();
        for (at, first) in next.iter().enumerate() {
            for second in &next[at + 1..] {
                self.separate_heads(*first, *second);
            }
        }
        for head in next {
            let both = match head.data {
                Data::Vector(both) | Data::Map(both) => both,
            };
            if both.is_multiple_of(2) {
                let cost = head.cost + if self.has_named_heads { 4.0 } else { 1.5 };
                let layer = head.step.layer;
                self.with(layer, cost, |search| {
                    search.with_embedding(head.label, |search| {
                        search.decode_from(Heads::Joint(layer), head, both / 2);
                    });
                });
            }
        }
    }

    fn separate_heads(&mut self, first: Next, second: Next) {
        let agree = first.data == second.data
            && first.step.positions == second.step.positions
            && first.label == second.label;
        if !agree {
            return;
        }
        let outputs = match first.data {
            Data::Vector(outputs) | Data::Map(outputs) => outputs,
        };
        let layers = [first.step.layer, second.step.layer];
        let (low, high) = (layers[0].min(layers[1]), layers[0].max(layers[1]));
        // Convolutions of two kinds are no two heads.
        if self.layers[low].shape != self.layers[high].shape {
            return;
        }
        let names = [low, high].map(|at| &self.layers[at].name);
        let named =
            names.iter().any(|name| is_location(name)) && names.iter().any(|name| is_spread(name));
        let half = names
            .iter()
            .any(|name| is_location(name) || is_spread(name));
        let cost = match (named, half) {
            (true, _) => 0.0,
            (false, true) => 0.3 + first.cost.min(second.cost),
            // fc21 and fc22.
            _ if differ_in_last_digit(names) => 0.3,
            (false, false) => 1.0 + first.cost.min(second.cost) + 0.25 * (high - low - 1) as f64,
        };
        let of_decoder = names
            .iter()
            .filter(|name| side(name) == Some(Side::Decoder))
            .count();
        let cost = cost + 8.0 * of_decoder as f64;
        self.with(low, cost, |search| {
            search.with(high, 0.0, |search| {
                search.with_embedding(first.label, |search| {
                    search.decode_from(Heads::Separate(low, high), first, outputs);
                });
            });
        });
    }

    /// Continues with the decoder: `outputs` are those of one head.
    fn decode_from(&mut self, heads: Heads, head: Next, outputs: usize) {
        let before = (self.current.classes, self.current.encoder_label);
        if let Some(label) = head.label {
            let at = self.current.encoder.len();
            let label_at: EncoderLabel = label.at(at);
            (self.current.classes, self.current.encoder_label) = (label.classes, Some(label_at));
        }
        self.current.heads = Some((heads, head.step.positions));
        // A map that convolutional heads end with has any side; that of one position is the most usual.
        let sides = match head.data {
            Data::Vector(_) => 1..=1,
            Data::Map(_) => 1..=MAX_SIDE,
        };
        // A window of even sides reads the whole map.
        let is_even = self.layers[head.step.layer]
            .shape
            .get(2)
            .is_some_and(|kernel| kernel.is_multiple_of(2));
        for side in sides {
            self.current.latent = outputs * side * side;
            let cost = self.current.cost;
            self.current.cost += match (side, is_even) {
                (1, _) => 0.0,
                (_, false) => 0.5,
                (_, true) => 4.0,
            };
            self.decode_first(self.current.latent);
            self.current.cost = cost;
        }
        self.current.heads = None;
        (self.current.classes, self.current.encoder_label) = before;
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

/// The layer after which the decoder follows, in the file or in the given places.
pub(super) fn last_head(heads: Heads, places: Option<&[usize]>) -> usize {
    match (heads, places) {
        (Heads::Joint(layer), _) => layer,
        (Heads::Separate(first, second), Some(places)) if places[first] > places[second] => first,
        (Heads::Separate(_, second), _) => second,
    }
}
