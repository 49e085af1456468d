//! A shard of a batch and its gradients, in a form that can be sent to another worker.

use kernels::step::{Batch, ElboTerms, Layer, LayerGradient, StepConfig, forward_backward};
use serde::{Deserialize, Serialize};
use spec::{Activation, ConvolutionConfig, Likelihood};
use thiserror::Error;

/// Some images of a batch, and the model at which the loss's gradients for them are computed.
#[derive(Debug, Clone)]
pub struct BatchShard<'a> {
    header: Header,
    /// Weight and bias of each layer, in the order of [`Vae::linears`](crate::Vae::linears).
    layers: Vec<[&'a [f32]; 2]>,
    /// The images, their class weights, and their ε: `[n, input]`, `[n, classes]`, `[n, latent]`.
    rows: [&'a [f32]; 3],
}

/// What a shard consists of beside arrays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Header {
    convolution: Option<ConvolutionConfig>,
    encoder_layers: usize,
    activation: Activation,
    likelihood: Likelihood,
    beta: f64,
    n: usize,
    loss_images: usize,
}

/// The gradients of a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardGradients {
    /// The loss's gradients for weight and bias of each layer.
    pub(super) layers: Vec<[Vec<f32>; 2]>,
    pub(super) elbo: ElboTerms,
}

/// A message that is no valid [`BatchShard`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid batch shard: {0}")]
pub struct ShardError(String);

impl<'a> BatchShard<'a> {
    pub(super) fn new<L: Layer>(config: &StepConfig, layers: &'a [L], batch: &Batch<'a>) -> Self {
        let parameters = |layer: &'a L| [layer.weight(), layer.bias().unwrap_or_default()];
        Self {
            header: Header {
                convolution: config.convolution.clone(),
                encoder_layers: config.encoder_layers,
                activation: config.activation,
                likelihood: config.likelihood,
                beta: config.beta,
                n: batch.n,
                loss_images: batch.loss_images,
            },
            layers: layers.iter().map(parameters).collect(),
            rows: [batch.x, batch.condition, batch.eps],
        }
    }

    /// Everything but the arrays, as JSON; [`from_parts`](Self::from_parts) reads it.
    pub fn header(&self) -> String {
        serde_json::to_string(&self.header).unwrap_or_default()
    }

    /// The arrays, in the order that [`from_parts`](Self::from_parts) expects.
    pub fn arrays(&self) -> impl Iterator<Item = &'a [f32]> {
        let layers = self.layers.iter().flatten();
        layers.chain(&self.rows).copied()
    }

    /// The shard with this header and these arrays.
    ///
    /// # Errors
    /// [`ShardError`] when the header does not parse or arrays are missing.
    pub fn from_parts(header: &str, arrays: &'a [Vec<f32>]) -> Result<Self, ShardError> {
        let header = serde_json::from_str(header).map_err(|error| ShardError(error.to_string()))?;
        let wrong_count = || ShardError(format!("it has {} arrays", arrays.len()));
        let (layers, rows) = arrays.split_last_chunk::<3>().ok_or_else(wrong_count)?;
        let (layers, []) = layers.as_chunks::<2>() else {
            return Err(wrong_count());
        };
        Ok(Self {
            header,
            layers: layers
                .iter()
                .map(|layer| layer.each_ref().map(Vec::as_slice))
                .collect(),
            rows: rows.each_ref().map(Vec::as_slice),
        })
    }

    /// Number of images.
    pub fn images(&self) -> usize {
        self.header.n
    }

    /// One of `parts` parts of the shard, which together have all its images.
    ///
    /// # Panics
    /// If the shard has no images, or `part` is not below `parts`.
    pub fn part(&self, part: usize, parts: usize) -> Self {
        let n = self.header.n;
        assert!(
            n > 0 && part < parts,
            "part {part} of {parts} of {n} images"
        );
        let [from, to] = [part, part + 1].map(|part| n * part / parts);
        let rows = self.rows.map(|values| {
            let each = values.len() / n;
            &values[from * each..to * each]
        });
        Self {
            header: Header {
                n: to - from,
                ..self.header.clone()
            },
            layers: self.layers.clone(),
            rows,
        }
    }

    /// Computes the gradients.
    ///
    /// # Panics
    /// If the sizes of the arrays do not match.
    pub fn gradients(&self) -> ShardGradients {
        let Header {
            convolution,
            encoder_layers,
            activation,
            likelihood,
            beta,
            n,
            loss_images,
        } = self.header.clone();
        let config = StepConfig {
            convolution,
            encoder_layers,
            activation,
            likelihood,
            beta,
        };
        let [x, condition, eps] = self.rows;
        let batch = Batch {
            n,
            loss_images,
            x,
            condition,
            eps,
        };
        let layer = |&[weight, bias]: &[&'a [f32]; 2]| ShardLayer {
            weight,
            bias,
            gradient: Default::default(),
        };
        let mut layers: Vec<ShardLayer<'_>> = self.layers.iter().map(layer).collect();
        let elbo = forward_backward(&config, &mut layers, &batch, ShardLayer::store_gradient);
        ShardGradients {
            layers: layers.into_iter().map(|layer| layer.gradient).collect(),
            elbo,
        }
    }
}

impl ShardGradients {
    /// Adds the gradients of other images of the batch, whose terms of the ELBO follow.
    pub fn add(&mut self, other: Self) {
        for (sums, others) in self
            .layers
            .iter_mut()
            .flatten()
            .zip(other.layers.iter().flatten())
        {
            sums.iter_mut().zip(others).for_each(|(a, b)| *a += b);
        }
        self.elbo.reconstruction.extend(other.elbo.reconstruction);
        self.elbo.kl.extend(other.elbo.kl);
        let sums = self.elbo.d_log_scale.iter_mut().zip(other.elbo.d_log_scale);
        sums.for_each(|(sum, other)| *sum += other);
    }

    /// The arrays, in the order that [`from_arrays`](Self::from_arrays) expects.
    pub fn arrays(&self) -> impl Iterator<Item = &[f32]> {
        let ElboTerms {
            reconstruction,
            kl,
            d_log_scale,
        } = &self.elbo;
        let layers = self.layers.iter().flatten();
        let terms = [reconstruction, kl, d_log_scale];
        layers.chain(terms).map(Vec::as_slice)
    }

    /// The gradients with these arrays; `None` if arrays are missing.
    pub fn from_arrays(mut arrays: Vec<Vec<f32>>) -> Option<Self> {
        let d_log_scale = arrays.pop()?;
        let kl = arrays.pop()?;
        let reconstruction = arrays.pop()?;
        let mut layers = Vec::with_capacity(arrays.len() / 2);
        let mut arrays = arrays.into_iter();
        while let Some(weight) = arrays.next() {
            layers.push([weight, arrays.next()?]);
        }
        Some(Self {
            layers,
            elbo: ElboTerms {
                reconstruction,
                kl,
                d_log_scale,
            },
        })
    }
}

/// A layer that stores its gradient.
struct ShardLayer<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
    gradient: [Vec<f32>; 2],
}

impl ShardLayer<'_> {
    fn store_gradient(&mut self, gradient: LayerGradient<'_>) {
        self.gradient = [gradient.weight, gradient.bias].map(<[f32]>::to_vec);
    }
}

impl Layer for ShardLayer<'_> {
    fn weight(&self) -> &[f32] {
        self.weight
    }

    fn bias(&self) -> Option<&[f32]> {
        (!self.bias.is_empty()).then_some(self.bias)
    }
}
