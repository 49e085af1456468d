//! The layers of a state dict: weights with their biases and normalizations.

use crate::{
    error::{MAX_LAYERS, RecognitionError},
    name_evidence::{Side, is_embedding, is_label, side},
    natural::{modules_between, natural_key},
    norm::Norm,
};
use checkpoints::{StateDict, Tensor};

/// A layer with weights.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) kind: LayerKind,
    /// The shape of the weight, as in the file.
    pub(crate) shape: Vec<usize>,
    weight: Weight,
    pub(crate) bias: Option<Tensor>,
    /// The normalization after it.
    pub(crate) norm: Option<Norm>,
    /// Whether the activation comes before the normalization.
    pub(crate) norm_after_activation: bool,
    pub(crate) side: Option<Side>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LayerKind {
    /// `[out, in]`.
    Linear,
    /// `[out, in, height, width]`, or for a transposed one `[in, out, height, width]`: the shape does not always tell.
    Convolution {
        may_be_plain: bool,
        may_be_transposed: bool,
    },
    /// `[labels, width]`: an embedding, or a linear layer of a one-hot label.
    Embedding,
}

/// Where the values come from.
#[derive(Debug, Clone)]
enum Weight {
    Plain(Tensor),
    /// Keras's `[in, out]`.
    Transposed(Tensor),
    /// A direction and the norm along all axes but the first (Salimans & Kingma 2016).
    Normalized {
        direction: Tensor,
        norm: Tensor,
    },
    /// A matrix that is divided by its largest singular value, with the vectors that belong to it (Miyato et al. 2018).
    Spectral {
        matrix: Tensor,
        left: Tensor,
        right: Tensor,
    },
}

impl Weight {
    /// The matrix with its axes swapped, if it is stored as it is.
    fn transposed(&self) -> Option<Self> {
        match self {
            Self::Plain(tensor) => Some(Self::Transposed(tensor.clone())),
            Self::Transposed(tensor) => Some(Self::Plain(tensor.clone())),
            Self::Normalized { .. } | Self::Spectral { .. } => None,
        }
    }
}

impl Layer {
    /// Whether it is a convolution, transposed or not.
    pub(crate) fn is_convolution(&self) -> bool {
        matches!(self.kind, LayerKind::Convolution { .. })
    }

    /// The vector of each label, `[labels, width]`, of an embedding.
    pub(crate) fn label_vectors(&self) -> Vec<f32> {
        let mut values = self.weight();
        if let Some(bias) = &self.bias {
            let bias = bias.values();
            for (value, bias) in values.iter_mut().zip(bias.iter().cycle()) {
                *value += bias;
            }
        }
        values
    }

    /// The values of the weight, in the order of [`shape`](Self::shape).
    pub(crate) fn weight(&self) -> Vec<f32> {
        match &self.weight {
            Weight::Plain(tensor) => tensor.values(),
            Weight::Transposed(tensor) => {
                let values = tensor.values();
                let [outputs, inputs] = [self.shape[0], self.shape[1]];
                (0..outputs * inputs)
                    .map(|at| values[at % inputs * outputs + at / inputs])
                    .collect()
            }
            Weight::Normalized { direction, norm } => {
                let mut values = direction.values();
                let rows = values.len() / self.shape[0].max(1);
                for (row, norm) in values.chunks_exact_mut(rows.max(1)).zip(norm.values()) {
                    let length = row
                        .iter()
                        .map(|v| f64::from(*v).powi(2))
                        .sum::<f64>()
                        .sqrt();
                    let factor = f64::from(norm) / length.max(f64::MIN_POSITIVE);
                    row.iter_mut()
                        .for_each(|value| *value = (f64::from(*value) * factor) as f32);
                }
                values
            }
            Weight::Spectral {
                matrix,
                left,
                right,
            } => {
                let mut values = matrix.values();
                let (left, right) = (left.values(), right.values());
                let rows = values.chunks_exact(right.len().max(1)).zip(&left);
                let largest: f64 = rows
                    .map(|(row, left)| {
                        let product: f64 = row
                            .iter()
                            .zip(&right)
                            .map(|(a, b)| f64::from(*a) * f64::from(*b))
                            .sum();
                        product * f64::from(*left)
                    })
                    .sum();
                values
                    .iter_mut()
                    .for_each(|value| *value = (f64::from(*value) / largest) as f32);
                values
            }
        }
    }

    /// "encoder.0 784→32".
    pub(crate) fn describe(&self) -> String {
        match (&self.kind, self.shape.as_slice()) {
            (LayerKind::Linear, [output, input]) => format!("{} {input}→{output}", self.name),
            (LayerKind::Embedding, [labels, width]) => {
                format!("{} {labels} labels→{width}", self.name)
            }
            _ => format!("{} {:?}", self.name, self.shape),
        }
    }

    /// Whether this many values may leave the layer.
    fn may_output(&self, count: usize) -> bool {
        match self.kind {
            LayerKind::Linear => self.shape[0] == count,
            LayerKind::Convolution {
                may_be_plain,
                may_be_transposed,
            } => {
                may_be_plain && self.shape[0] == count
                    || may_be_transposed && self.shape[1] == count
            }
            LayerKind::Embedding => false,
        }
    }
}

/// The tensors of a module, by the names of its parameters.
struct Module<'a> {
    name: &'a str,
    tensors: Vec<(&'a str, &'a Tensor)>,
}

impl<'a> Module<'a> {
    fn get(&self, names: &[&str]) -> Option<&'a Tensor> {
        let found = self.tensors.iter().find(|(name, _)| names.contains(name));
        found.map(|(_, tensor)| *tensor)
    }
}

/// Endings of parameters that belong to the module itself, though their names have more parts.
const NESTED: [&str; 5] = [
    "parametrizations.weight.original0",
    "parametrizations.weight.original1",
    "parametrizations.weight.original",
    "parametrizations.weight.0._u",
    "parametrizations.weight.0._v",
];

/// Reads the layers, in the order of the file, or in the natural order of their names if the file is sorted by name.
///
/// # Errors
/// [`RecognitionError::Unsupported`] and [`RecognitionError::TooMany`].
pub(crate) fn layers(dict: &StateDict) -> Result<Vec<Layer>, RecognitionError> {
    let mut modules: Vec<Module<'_>> = Vec::new();
    for tensor in &dict.tensors {
        let nested = NESTED.iter().find_map(|nested| {
            let module = tensor.name.strip_suffix(nested)?.strip_suffix('.')?;
            Some((module, *nested))
        });
        let (module, parameter) = nested
            .or_else(|| tensor.name.rsplit_once('.'))
            .unwrap_or(("", &tensor.name));
        match modules.iter_mut().find(|found| found.name == module) {
            Some(found) => found.tensors.push((parameter, tensor)),
            None => modules.push(Module {
                name: module,
                tensors: vec![(parameter, tensor)],
            }),
        }
    }
    if modules.is_sorted_by(|a, b| a.name <= b.name) {
        modules.sort_by_key(|module| natural_key(module.name));
    }
    let mut layers: Vec<Layer> = Vec::new();
    for module in &modules {
        match norm(module) {
            Some(norm) => attach(norm, &mut layers)?,
            None => layers.push(layer(module)?),
        }
    }
    if layers.len() > MAX_LAYERS {
        return Err(RecognitionError::TooMany(layers.len()));
    }
    layers.iter_mut().for_each(settle);
    Ok(layers)
}

/// A batch normalization with its statistics, or a layer or group normalization.
fn norm(module: &Module<'_>) -> Option<Norm> {
    let values = |names: &[&str]| module.get(names).map(Tensor::values);
    let weight = values(&["weight", "gamma"]);
    let bias = values(&["bias", "beta"]);
    let mean = module.get(&["running_mean", "moving_mean"]);
    let variance = module.get(&["running_var", "moving_variance"]);
    if let (Some(mean), Some(variance)) = (mean, variance) {
        return Some(Norm::fixed(
            module.name.to_owned(),
            &mean.values(),
            &variance.values(),
            weight.as_deref(),
            bias.as_deref(),
        ));
    }
    let is_vector = |names: &[&str]| {
        module
            .get(names)
            .is_some_and(|tensor| tensor.shape.len() == 1)
    };
    let (factor, shift) = (weight?, bias?);
    let fits = is_vector(&["weight", "gamma"])
        && is_vector(&["bias", "beta"])
        && factor.len() == shift.len()
        && factor.len() > 1
        && !is_batch_norm(module.name);
    fits.then(|| Norm::computed(module.name.to_owned(), factor, shift))
}

/// Whether a name is that of a batch normalization.
fn is_batch_norm(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    last.starts_with("bn") || last.contains("batch")
}

/// Gives a normalization to the layer before it: the nearest with as many outputs, by preference one with the same number
/// at the end of its name (bn1 belongs to fc1).
fn attach(norm: Norm, layers: &mut [Layer]) -> Result<(), RecognitionError> {
    let count = norm.factor.len();
    let number = |name: &str| -> String {
        let digits: Vec<char> = name
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.into_iter().rev().collect()
    };
    let is_numbered =
        !number(&norm.name).is_empty() && !norm.name.ends_with(&format!(".{}", number(&norm.name)));
    let is_free = |layer: &Layer| layer.norm.is_none();
    // A linear layer whose outputs are arranged as a map has a value for each channel.
    let as_map = |layer: &Layer| match (layer.kind, layer.shape[0] / count) {
        (LayerKind::Linear, positions @ 2..) => {
            layer.shape[0].is_multiple_of(count) && positions.isqrt().pow(2) == positions
        }
        _ => false,
    };
    let fits = |layer: &Layer| is_free(layer) && layer.may_output(count);
    let same = |layer: &&mut Layer| {
        is_numbered
            && number(&layer.name) == number(&norm.name)
            && side(&layer.name) == side(&norm.name)
    };
    let last = layers
        .last()
        .filter(|layer| is_free(layer) && as_map(layer));
    let last = last.map(|_| layers.len() - 1);
    let at = last.or_else(|| layers.iter().rposition(&fits));
    let numbered = layers
        .iter_mut()
        .enumerate()
        .filter(|(_, layer)| fits(layer) && same(layer))
        .map(|(at, _)| at)
        .last();
    let Some(layer) = numbered.or(at).and_then(|at| layers.get_mut(at)) else {
        return Err(RecognitionError::Unsupported {
            shape: vec![count],
            name: norm.name,
            kind: "a normalization without a layer before it",
        });
    };
    layer.norm_after_activation =
        modules_between(&layer.name, &norm.name).is_some_and(|between| between > 0);
    layer.norm = Some(norm);
    Ok(())
}

/// The layer of a module.
fn layer(module: &Module<'_>) -> Result<Layer, RecognitionError> {
    let unsupported = |tensor: &Tensor, kind| RecognitionError::Unsupported {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        kind,
    };
    let first = module.tensors[0].1;
    let direction = module.get(&["weight_v", "parametrizations.weight.original1"]);
    let norm = module.get(&["weight_g", "parametrizations.weight.original0"]);
    let matrix = module.get(&["weight_orig", "parametrizations.weight.original"]);
    let left = module.get(&["weight_u", "parametrizations.weight.0._u"]);
    let right = module.get(&["weight_v", "parametrizations.weight.0._v"]);
    let (shape, weight) = match (direction, norm, matrix, left, right) {
        (_, _, Some(matrix), Some(left), Some(right)) => {
            let rows = matrix.shape.first().copied().unwrap_or(0);
            if left.count() != rows || left.count() * right.count() != matrix.count() {
                return Err(unsupported(
                    matrix,
                    "a spectral normalization of another axis",
                ));
            }
            (
                matrix.shape.clone(),
                Weight::Spectral {
                    matrix: matrix.clone(),
                    left: left.clone(),
                    right: right.clone(),
                },
            )
        }
        (Some(direction), Some(norm), ..) => {
            if Some(&norm.count()) != direction.shape.first() {
                return Err(unsupported(norm, "a weight normalization of another axis"));
            }
            (
                direction.shape.clone(),
                Weight::Normalized {
                    direction: direction.clone(),
                    norm: norm.clone(),
                },
            )
        }
        _ => match (module.get(&["weight"]), module.get(&["kernel"])) {
            (Some(weight), _) => (weight.shape.clone(), Weight::Plain(weight.clone())),
            (None, Some(kernel)) if kernel.shape.len() == 2 => (
                vec![kernel.shape[1], kernel.shape[0]],
                Weight::Transposed(kernel.clone()),
            ),
            _ => return Err(unsupported(first, "a parameter without a layer")),
        },
    };
    let bias = module.get(&["bias"]).cloned();
    let outputs = bias.as_ref().map(Tensor::count);
    let (mut shape, mut weight) = (shape, weight);
    let kind = match shape.as_slice() {
        [_] if is_batch_norm(module.name) => {
            return Err(unsupported(
                first,
                "a batch normalization without running statistics",
            ));
        }
        [_] => {
            return Err(unsupported(
                first,
                "a normalization without shift, or an activation with a learned slope",
            ));
        }
        [rows, _] if bias.is_none() && is_embedding(module.name) && *rows > 1 => {
            LayerKind::Embedding
        }
        // A linear layer of a one-hot label.
        &[width, labels]
            if is_label(module.name)
                && (2..=MAX_LABELS).contains(&labels)
                && let Some(transposed) = weight.transposed() =>
        {
            (shape, weight) = (vec![labels, width], transposed);
            LayerKind::Embedding
        }
        [_, _] => LayerKind::Linear,
        [out, input, _, _] => LayerKind::Convolution {
            may_be_plain: outputs.is_none_or(|outputs| outputs == *out),
            may_be_transposed: outputs.is_none_or(|outputs| outputs == *input),
        },
        [_, _, _] => {
            return Err(unsupported(
                first,
                "a convolution along one axis, or an attention",
            ));
        }
        _ => return Err(unsupported(first, "a convolution along three axes")),
    };
    let fits = match kind {
        LayerKind::Linear => outputs.is_none_or(|outputs| outputs == shape[0]),
        LayerKind::Convolution {
            may_be_plain,
            may_be_transposed,
        } => may_be_plain || may_be_transposed,
        LayerKind::Embedding => outputs.is_none_or(|outputs| outputs == shape[1]),
    };
    if !fits || shape.contains(&0) {
        return Err(unsupported(
            first,
            "a layer whose weight and bias do not fit",
        ));
    }
    Ok(Layer {
        name: match module.name {
            "" => first.name.clone(),
            name => name.to_owned(),
        },
        kind,
        shape,
        weight,
        bias,
        norm: None,
        norm_after_activation: false,
        side: side(module.name),
    })
}

/// The most labels of a linear layer that embeds them.
const MAX_LABELS: usize = 256;

/// Decides whether a convolution is transposed where its normalization tells.
fn settle(layer: &mut Layer) {
    if let (
        LayerKind::Convolution {
            may_be_plain,
            may_be_transposed,
        },
        Some(norm),
    ) = (&mut layer.kind, &layer.norm)
    {
        *may_be_plain &= layer.shape[0] == norm.factor.len();
        *may_be_transposed &= layer.shape[1] == norm.factor.len();
    }
}
