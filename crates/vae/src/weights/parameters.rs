//! Reading a model's parameters from its device, and building a model from parameters.

use super::WeightsError;
use crate::{Vae, VaeConfig};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// A weight matrix or a bias, as in a PyTorch `state_dict` of the same model.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name, as in [`VaeConfig::parameter_shapes`].
    pub name: String,
    /// `[out, in]` for a weight, `[out]` for a bias.
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
    let mut push = |values: Vec<f32>| {
        if let Some((name, shape)) = shapes.next() {
            parameters.push(Parameter {
                name,
                shape,
                values,
            });
        }
    };
    for layer in model.linears() {
        // burn's layout is [in, out], PyTorch's is [out, in].
        let [input, output] = layer.weight.dims();
        let weight = values(layer.weight.val()).await?;
        push(transposed(&weight, input, output));
        if let Some(bias) = &layer.bias {
            push(values(bias.val()).await?);
        }
    }
    Ok(parameters)
}

/// Builds a model from parameters in the order of [`VaeConfig::parameter_shapes`].
///
/// # Errors
/// [`WeightsError::Config`] for an invalid configuration, [`WeightsError::Missing`] and [`WeightsError::Shape`] when the
/// parameters do not match the configuration.
pub fn from_parameters(
    config: &VaeConfig,
    parameters: &[Parameter],
    device: &Device,
) -> Result<Vae, WeightsError> {
    config.validate()?;
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
    let mut given = parameters.iter().map(|parameter| &parameter.values);
    let mut next = || given.next().map(Vec::as_slice).unwrap_or_default();
    for layer in model.linears_mut() {
        let [input, output] = layer.weight.dims();
        let weight = TensorData::new(transposed(next(), output, input), [input, output]);
        layer.weight = layer
            .weight
            .clone()
            .map(|_| Tensor::from_data(weight, device));
        let bias = TensorData::new(next().to_vec(), [output]);
        layer.bias = layer
            .bias
            .take()
            .map(|value| value.map(|_| Tensor::from_data(bias, device)));
    }
    Ok(model)
}

async fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExecutionError> {
    let data = tensor.inner().into_data_async().await?;
    Ok(data.iter::<f32>().collect())
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}
