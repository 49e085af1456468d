//! From bytes to a model.

use super::{Card, WeightsError, sha256};
use crate::{Vae, VaeConfig};
use burn::tensor::{DType, Device};
use burn_store::{
    ChainAdapter, FloatCastAdapter, ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore,
};
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;

/// Loads the weights that belong to a card.
///
/// Length, checksum, names, shapes, types and values are checked before burn-store sees the bytes,
/// so that no file, however broken, ends in a panic.
///
/// # Errors
/// Each way in which the bytes are not the card's weights, see [`WeightsError`].
pub fn load(card: &Card, bytes: &[u8], device: &Device) -> Result<Vae, WeightsError> {
    if bytes.len() != card.weights.bytes {
        return Err(WeightsError::Length {
            expected: card.weights.bytes,
            found: bytes.len(),
        });
    }
    if sha256(bytes) != card.weights.sha256 {
        return Err(WeightsError::Checksum);
    }
    check_tensors(&card.architecture, bytes)?;

    let mut model = card.architecture.init_zeros(device)?;
    let mut store = SafetensorsStore::from_bytes(Some(bytes.to_vec())).with_from_adapter(
        ChainAdapter::new(FloatCastAdapter::to(DType::F32), PyTorchToBurnAdapter),
    );
    let applied = model
        .load_from(&mut store)
        .map_err(|e| WeightsError::Store {
            reason: e.to_string(),
        })?;
    if applied.is_success() {
        Ok(model)
    } else {
        Err(WeightsError::Store {
            reason: format!("{:?}", applied.errors),
        })
    }
}

/// Compares what the file holds with what the architecture needs.
fn check_tensors(config: &VaeConfig, bytes: &[u8]) -> Result<(), WeightsError> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| WeightsError::NotSafetensors {
        reason: e.to_string(),
    })?;
    let mut needed: HashMap<_, _> = config.parameter_shapes().into_iter().collect();
    for (name, view) in tensors.tensors() {
        let Some(expected) = needed.remove(&name) else {
            return Err(WeightsError::Unexpected { name });
        };
        if view.shape() != expected {
            return Err(WeightsError::Shape {
                name,
                expected,
                found: view.shape().to_vec(),
            });
        }
        let finite = match view.dtype() {
            // All bits of the exponent set: infinity or NaN.
            Dtype::F16 => view.data().chunks_exact(2).all(|b| b[1] & 0x7c != 0x7c),
            Dtype::F32 => view
                .data()
                .chunks_exact(4)
                .all(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_finite()),
            other => {
                return Err(WeightsError::Type {
                    name,
                    found: format!("{other:?}"),
                });
            }
        };
        if !finite {
            return Err(WeightsError::NotFinite { name });
        }
    }
    match needed.into_keys().min() {
        Some(name) => Err(WeightsError::Missing { name }),
        None => Ok(()),
    }
}
