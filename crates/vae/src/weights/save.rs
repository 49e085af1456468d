//! From a model to bytes.

use super::{StorageType, WeightsCard, WeightsError, sha256};
use crate::Vae;
use burn::{module::Module, tensor::DType};
use burn_store::{
    BurnToPyTorchAdapter, ChainAdapter, FloatCastAdapter, ModuleSnapshot, SafetensorsStore,
};

/// Writes a model's weights as safetensors in PyTorch's layout, and the part of the card that
/// describes them.
///
/// The parameters are read from the device one by one and synchronously: a model on WebGPU in a
/// browser must be moved to a CPU device first.
///
/// # Errors
/// [`WeightsError::Store`] when the device or the store fails.
pub fn save(model: &Vae, storage: StorageType) -> Result<(Vec<u8>, WeightsCard), WeightsError> {
    let dtype = match storage {
        StorageType::F16 => DType::F16,
        StorageType::F32 => DType::F32,
    };
    let mut store = SafetensorsStore::from_bytes(None).with_to_adapter(ChainAdapter::new(
        BurnToPyTorchAdapter,
        FloatCastAdapter::to(dtype),
    ));
    let store_error = |reason: String| WeightsError::Store { reason };
    model
        .save_into(&mut store)
        .map_err(|e| store_error(e.to_string()))?;
    let bytes = store.get_bytes().map_err(|e| store_error(e.to_string()))?;
    let card = WeightsCard {
        bytes: bytes.len(),
        storage,
        parameters: model.num_params(),
        sha256: sha256(&bytes),
    };
    Ok((bytes, card))
}
