//! Weights under the names of a known architecture, without a matching card.

use super::{Parameter, WeightsError, stored::StoredTensors};
use crate::VaeConfig;
use std::collections::HashMap;

/// Reads the tensors of a safetensors file that have the names and shapes of an architecture, in its order.
///
/// # Errors
/// [`WeightsError::NotSafetensors`], [`WeightsError::Type`], [`WeightsError::NotFinite`]; [`WeightsError::Missing`],
/// [`WeightsError::Shape`] and [`WeightsError::Unexpected`] when the tensors differ from those of the architecture.
pub fn read_named(bytes: &[u8], config: &VaeConfig) -> Result<Vec<Parameter>, WeightsError> {
    let tensors = StoredTensors::new(bytes)?;
    let mut found: HashMap<_, _> = tensors.parameters().collect();
    let shapes = config.parameter_shapes();
    let known = |name: &str| shapes.iter().any(|(of, _)| of == name);
    if let Some(unknown) = found.keys().find(|name| !known(name)) {
        return Err(WeightsError::Unexpected {
            name: unknown.clone(),
        });
    }
    let read = |(name, expected): (String, Vec<usize>)| match found.remove(&name) {
        None => Err(WeightsError::Missing { name }),
        Some(found) if found != expected => Err(WeightsError::Shape {
            name,
            expected,
            found,
        }),
        Some(shape) => Ok(Parameter {
            values: tensors.values(&name)?,
            name,
            shape,
        }),
    };
    shapes.clone().into_iter().map(read).collect()
}
