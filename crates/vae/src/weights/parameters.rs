//! Reading a model's parameters from its device, and building a model from parameters.

use super::WeightsError;
use crate::{Vae, VaeConfig, graph};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// A weight matrix or a bias, as in a PyTorch `state_dict` of the same model.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name, as in [`VaeConfig::parameter_shapes`].
    pub name: String,
    /// `[out, in]` for a weight, `[out, in, 3, 3]` for that of a convolution, `[out]` for a bias.
    pub shape: Vec<usize>,
    /// The values, row-major.
    pub values: Vec<f32>,
}

/// Reads all parameters from the device, in the order of [`VaeConfig::parameter_shapes`].
///
/// # Errors
/// When the device fails to return the values.
pub async fn read_parameters(model: &Vae) -> Result<Vec<Parameter>, ExecutionError> {
    let mut shapes = model.config().parameter_shapes().into_iter();
    let mut parameters = Vec::new();
    let mut push = |values: Vec<f32>, is_weight: bool| {
        if let Some((name, shape)) = shapes.next() {
            let values = match is_weight {
                true => to_pytorch(&values, &shape),
                false => values,
            };
            parameters.push(Parameter {
                name,
                shape,
                values,
            });
        }
    };
    for layer in model.linears() {
        push(values(layer.weight.val()).await?, true);
        if let Some(bias) = &layer.bias {
            push(values(bias.val()).await?, false);
        }
    }
    for weight in model.graph_weights() {
        push(values(weight.val()).await?, false);
    }
    Ok(parameters)
}

/// Builds a model from parameters in the order of [`VaeConfig::parameter_shapes`].
///
/// # Errors
/// [`WeightsError::Config`] for an invalid configuration, [`WeightsError::NoInterpreter`], [`WeightsError::Missing`] and [`WeightsError::Shape`] when the
/// parameters do not match the configuration.
pub fn from_parameters(
    config: &VaeConfig,
    parameters: &[Parameter],
    device: &Device,
) -> Result<Vae, WeightsError> {
    config.validate()?;
    let network = config.network.as_ref();
    if network.is_some_and(|network| network.graphs.is_some()) && !graph::is_installed() {
        return Err(WeightsError::NoInterpreter);
    }
    let mut expected = config.parameter_shapes().into_iter();
    let mut given = parameters.iter();
    for (name, shape) in expected.by_ref() {
        let parameter = given
            .next()
            .filter(|parameter| parameter.name == name)
            .ok_or_else(|| WeightsError::Missing { name: name.clone() })?;
        if parameter.shape != shape || parameter.values.len() != shape.iter().product::<usize>() {
            return Err(WeightsError::Shape {
                name,
                expected: shape,
                found: parameter.shape.clone(),
            });
        }
    }
    let mut model = Vae::init_zeros(config, device)?;
    let mut given = parameters.iter();
    for layer in model.linears_mut() {
        let [input, output] = layer.weight.dims();
        let weight = given.next().map_or_else(Vec::new, |weight| {
            from_pytorch(&weight.values, &weight.shape)
        });
        let weight = TensorData::new(weight, [input, output]);
        layer.weight = layer
            .weight
            .clone()
            .map(|_| Tensor::from_data(weight, device));
        let bias = given
            .next()
            .map_or_else(Vec::new, |bias| bias.values.clone());
        let bias = TensorData::new(bias, [output]);
        layer.bias = layer
            .bias
            .take()
            .map(|value| value.map(|_| Tensor::from_data(bias, device)));
    }
    for weight in model.graph_weights_mut() {
        let values = given
            .next()
            .map_or_else(Vec::new, |weight| weight.values.clone());
        let data = TensorData::new(values, weight.dims());
        *weight = weight.clone().map(|_| Tensor::from_data(data, device));
    }
    Ok(model)
}

async fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExecutionError> {
    let data = tensor.inner().into_data_async().await?;
    Ok(data.iter::<f32>().collect())
}

/// A weight in burn's layout, `[in, out]` or for a convolution `[3, 3, in, out]`, in PyTorch's: `shape`, `[out, in]` or
/// `[out, in, 3, 3]`.
fn to_pytorch(values: &[f32], shape: &[usize]) -> Vec<f32> {
    let [output, input, taps] = axes(shape);
    let mut out = Vec::with_capacity(values.len());
    for o in 0..output {
        for i in 0..input {
            out.extend((0..taps).map(|tap| values[(tap * input + i) * output + o]));
        }
    }
    out
}

/// A weight of this shape in PyTorch's layout, in burn's; the inverse of [`to_pytorch`].
fn from_pytorch(values: &[f32], shape: &[usize]) -> Vec<f32> {
    let [output, input, taps] = axes(shape);
    let mut out = Vec::with_capacity(values.len());
    for tap in 0..taps {
        for i in 0..input {
            out.extend((0..output).map(|o| values[(o * input + i) * taps + tap]));
        }
    }
    out
}

/// Outputs, inputs, and positions of a kernel (1 for a linear layer) of a weight in PyTorch's layout.
fn axes(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [output, input, ref kernel @ ..] => [output, input, kernel.iter().product()],
        _ => [0; 3],
    }
}
