//! Which layers form the encoder, the heads and the decoder, by their sizes.

use super::layers::Layer;

/// The layers of each part of a VAE, as indices into the list of layers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chain {
    pub(super) encoder: Vec<usize>,
    pub(super) heads: HeadLayers,
    pub(super) decoder: Vec<usize>,
}

/// The layers that compute μ and log σ².
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HeadLayers {
    /// One layer for each.
    Separate(usize, usize),
    /// One layer for both, with μ in the first half of its output.
    Joint(usize),
}

/// The first chain, in the order of `layers`, that uses each layer exactly once.
pub(super) fn find_chain(layers: &[Layer<'_>]) -> Option<Chain> {
    let mut sizes: Vec<usize> = layers.iter().map(|layer| layer.input).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    // The image is usually the largest of all sizes.
    sizes.into_iter().find_map(|image| {
        let mut search = Search {
            layers,
            image,
            used: vec![false; layers.len()],
            encoder: Vec::new(),
        };
        search.encode(image)
    })
}

/// A depth-first search with backtracking.
struct Search<'a> {
    layers: &'a [Layer<'a>],
    image: usize,
    used: Vec<bool>,
    encoder: Vec<usize>,
}

impl Search<'_> {
    /// The unused layers with an input of this width.
    fn unused_with_input(&self, width: usize) -> Vec<usize> {
        (0..self.layers.len())
            .filter(|&i| !self.used[i] && self.layers[i].input == width)
            .collect()
    }

    /// Continues the encoder from a layer of this width: with two heads, another hidden layer, or a joint head.
    fn encode(&mut self, width: usize) -> Option<Chain> {
        let next = self.unused_with_input(width);
        for (at, &first) in next.iter().enumerate() {
            for &second in &next[at + 1..] {
                if self.layers[first].output == self.layers[second].output {
                    let latent = self.layers[first].output;
                    let chain = self.head(HeadLayers::Separate(first, second), latent);
                    if chain.is_some() {
                        return chain;
                    }
                }
            }
        }
        for &layer in &next {
            self.used[layer] = true;
            self.encoder.push(layer);
            let chain = self.encode(self.layers[layer].output);
            if chain.is_some() {
                return chain;
            }
            self.encoder.pop();
            self.used[layer] = false;
        }
        for &layer in &next {
            let both = self.layers[layer].output;
            if both.is_multiple_of(2) {
                let chain = self.head(HeadLayers::Joint(layer), both / 2);
                if chain.is_some() {
                    return chain;
                }
            }
        }
        None
    }

    /// Continues with these heads and the decoder.
    fn head(&mut self, heads: HeadLayers, latent: usize) -> Option<Chain> {
        let head_layers = match heads {
            HeadLayers::Separate(first, second) => vec![first, second],
            HeadLayers::Joint(layer) => vec![layer],
        };
        head_layers
            .iter()
            .for_each(|&layer| self.used[layer] = true);
        let chain = self.decode(latent).map(|decoder| Chain {
            encoder: self.encoder.clone(),
            heads,
            decoder,
        });
        head_layers
            .iter()
            .for_each(|&layer| self.used[layer] = false);
        chain
    }

    /// The decoder from this width, if it uses all remaining layers and ends at the image.
    fn decode(&mut self, width: usize) -> Option<Vec<usize>> {
        for layer in self.unused_with_input(width) {
            self.used[layer] = true;
            let rest = if self.used.iter().all(|&used| used) {
                (self.layers[layer].output == self.image).then(Vec::new)
            } else {
                self.decode(self.layers[layer].output)
            };
            self.used[layer] = false;
            if let Some(mut rest) = rest {
                rest.insert(0, layer);
                return Some(rest);
            }
        }
        None
    }
}
