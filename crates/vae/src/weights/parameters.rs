//! The numbers of a model, out of the device and back.

use super::WeightsError;
use crate::{Vae, VaeConfig};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// One weight matrix or bias, as a PyTorch `state_dict` of the same model holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, as in [`VaeConfig::parameter_shapes`].
    pub name: String,
    /// `[out, in]` for a weight, `[out]` for a bias.
    pub shape: Vec<usize>,
    /// Its values, row by row.
    pub values: Vec<f32>,
}

/// Reads all parameters from the device, in the order of [`VaeConfig::parameter_shapes`].
///
/// # Errors
/// When the device could not hand the numbers over.
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
        // burn has [in, out], PyTorch [out, in].
        let [input, output] = layer.weight.dims();
        let weight = values(layer.weight.val()).await?;
        push(transposed(&weight, input, output));
        if let Some(bias) = &layer.bias {
            push(values(bias.val()).await?);
        }
    }
    Ok(parameters)
}

/// A model with these parameters, which must be in the order of [`VaeConfig::parameter_shapes`].
///
/// # Errors
/// [`WeightsError::Config`] for a configuration that can't be built, [`WeightsError::Missing`] and
/// [`WeightsError::Shape`] when the parameters are not those of the configuration.
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
