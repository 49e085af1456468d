//! A shard of a batch and its gradients, in a form that can be sent to another worker.

use kernels::step::{Batch, ElboTerms, Layer, LayerGradient, StepConfig, forward_backward};
use serde::{Deserialize, Serialize};
use spec::{Activation, ConvolutionConfig, Likelihood, VaeConfig};
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
    /// [`ShardError`] when the header does not parse, arrays are missing, or their sizes are not those of a model.
    pub fn from_parts(header: &str, arrays: &'a [Vec<f32>]) -> Result<Self, ShardError> {
        let header = serde_json::from_str(header).map_err(|error| ShardError(error.to_string()))?;
        let wrong_count = || ShardError(format!("it has {} arrays", arrays.len()));
        let (layers, rows) = arrays.split_last_chunk::<3>().ok_or_else(wrong_count)?;
        let (layers, []) = layers.as_chunks::<2>() else {
            return Err(wrong_count());
        };
        let shard = Self {
            header,
            layers: layers
                .iter()
                .map(|layer| layer.each_ref().map(Vec::as_slice))
                .collect(),
            rows: rows.each_ref().map(Vec::as_slice),
        };
        shard.validate()?;
        Ok(shard)
    }

    /// Checks that the arrays have the sizes of a model that takes these rows: the widths of its hidden layers are the
    /// lengths of their biases.
    fn validate(&self) -> Result<(), ShardError> {
        let Header { n, loss_images, .. } = self.header;
        if n == 0 || loss_images == 0 || self.rows.iter().any(|row| !row.len().is_multiple_of(n)) {
            return Err(ShardError(format!("its arrays are not of {n} images")));
        }
        let config = self.config()?;
        config
            .validate()
            .map_err(|error| ShardError(error.to_string()))?;
        let shapes = config.parameter_shapes();
        let expected = shapes
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>());
        let found = self.layers.iter().flatten().map(|array| array.len());
        match found.eq(expected) {
            true => Ok(()),
            false => Err(ShardError("its layers do not fit each other".to_owned())),
        }
    }

    /// The model that the layers should be.
    fn config(&self) -> Result<VaeConfig, ShardError> {
        let [input_size, classes, latent_size] = self.rows.map(|row| row.len() / self.header.n);
        let convolutions = self.header.convolution.as_ref();
        let convolutions = convolutions.map_or(0, |config| config.channels.len());
        let widths: Vec<usize> = self.layers.iter().map(|[_, bias]| bias.len()).collect();
        // Convolutions, hidden layers, two heads; hidden layers, convolutions or the output layer. A convolutional decoder
        // has one more fully connected layer, which writes the innermost feature map.
        let heads = convolutions.saturating_add(self.header.encoder_layers);
        let decoder = heads.saturating_add(2);
        let last = widths.len().saturating_sub(match convolutions {
            0 => 1,
            count => count.saturating_add(1),
        });
        let (Some(encoder_hidden), Some(decoder_hidden)) =
            (widths.get(convolutions..heads), widths.get(decoder..last))
        else {
            return Err(ShardError(format!("it has {} layers", widths.len())));
        };
        Ok(VaeConfig {
            input_size,
            convolution: self.header.convolution.clone(),
            network: None,
            encoder_hidden: encoder_hidden.to_vec(),
            decoder_hidden: decoder_hidden.to_vec(),
            latent_size,
            classes,
            activation: self.header.activation,
            likelihood: self.header.likelihood,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 6 pixels, 4 hidden units on both sides, z of 2 dimensions.
    const LAYERS: [usize; 10] = [24, 4, 8, 2, 8, 2, 8, 4, 24, 6];

    fn error(header: &str, lengths: &[usize]) -> Option<String> {
        let arrays: Vec<Vec<f32>> = lengths.iter().map(|&length| vec![0.5; length]).collect();
        let shard = BatchShard::from_parts(header, &arrays);
        let error = shard.as_ref().err().map(ToString::to_string);
        if let Ok(shard) = shard {
            assert_eq!(shard.gradients().arrays().count(), lengths.len());
        }
        error
    }

    #[test]
    fn from_parts_rejects_sizes_that_are_not_those_of_a_model() {
        let header = |n: usize, layers: usize| {
            format!(
                r#"{{"convolution":null,"encoder_layers":{layers},"activation":"relu",
                "likelihood":{{"kind":"bernoulli"}},"beta":1.0,"n":{n},"loss_images":4}}"#
            )
        };
        let with = |rows: [usize; 3]| [&LAYERS[..], &rows].concat();
        assert_eq!(error(&header(2, 1), &with([12, 0, 4])), None);
        for (n, layers, rows) in [
            (0, 1, [12, 0, 4]),
            (3, 1, [12, 0, 4]),
            (2, 0, [12, 0, 4]),
            (2, 3, [12, 0, 4]),
            (2, usize::MAX, [12, 0, 4]),
            (2, 1, [10, 0, 4]),
            (2, 1, [12, 2, 4]),
            (2, 1, [12, 0, 0]),
        ] {
            assert!(
                error(&header(n, layers), &with(rows)).is_some(),
                "{n} {layers} {rows:?}"
            );
        }
        let mut changed = with([12, 0, 4]);
        changed[0] = 23;
        assert!(error(&header(2, 1), &changed).is_some());
        assert!(error(&header(2, 1), &[12, 0, 4]).is_some());
        assert!(error("{}", &with([12, 0, 4])).is_some());
    }
}
