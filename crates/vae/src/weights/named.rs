//! Weights under the names of a known architecture, without a matching card.

use super::{Parameter, WeightsError, f32_values};
use crate::VaeConfig;
use safetensors::SafeTensors;

/// Reads the tensors of a safetensors file that have the names and shapes of an architecture, in its order.
///
/// # Errors
/// [`WeightsError::NotSafetensors`], [`WeightsError::Type`], [`WeightsError::NotFinite`]; [`WeightsError::Missing`],
/// [`WeightsError::Shape`] and [`WeightsError::Unexpected`] when the tensors differ from those of the architecture.
pub fn read_named(bytes: &[u8], config: &VaeConfig) -> Result<Vec<Parameter>, WeightsError> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| WeightsError::NotSafetensors {
        reason: e.to_string(),
    })?;
    let shapes = config.parameter_shapes();
    let known = |name: &str| shapes.iter().any(|(of, _)| of == name);
    if let Some(unknown) = tensors.names().into_iter().find(|name| !known(name)) {
        return Err(WeightsError::Unexpected {
            name: unknown.to_owned(),
        });
    }
    let read = |(name, expected): (String, Vec<usize>)| {
        let view = tensors
            .tensor(&name)
            .map_err(|_| WeightsError::Missing { name: name.clone() })?;
        if view.shape() != expected {
            return Err(WeightsError::Shape {
                found: view.shape().to_vec(),
                name,
                expected,
            });
        }
        Ok(Parameter {
            values: f32_values(&name, &view)?,
            name,
            shape: expected,
        })
    };
    shapes.clone().into_iter().map(read).collect()
}
