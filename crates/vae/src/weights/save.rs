//! From a model to bytes.

use super::{Parameter, StorageType, WeightsCard, WeightsError, read_parameters, sha256};
use crate::Vae;
use burn::tensor::{DType, TensorData};
use safetensors::{Dtype, tensor::TensorView};

/// Bits of the mantissa, of ten, that half precision keeps here. The others hardly matter for the ELBO
/// and are noise to a compressor: without them, a server that compresses sends a fifth less.
const HALF_MANTISSA: u32 = 7;

/// Writes a model's weights as safetensors in PyTorch's layout, and the part of the card that
/// describes them.
///
/// # Errors
/// [`WeightsError::Store`] when the device does not hand the weights over.
pub async fn save(
    model: &Vae,
    storage: StorageType,
) -> Result<(Vec<u8>, WeightsCard), WeightsError> {
    let parameters = read_parameters(model).await.map_err(store_error)?;
    let named = parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter));
    let bytes = to_safetensors(named, storage, None)?;
    let card = WeightsCard {
        bytes: bytes.len(),
        storage,
        parameters: parameters.iter().map(|p| p.values.len()).sum(),
        sha256: sha256(&bytes),
    };
    Ok((bytes, card))
}

/// Named parameters as a safetensors file.
pub(crate) fn to_safetensors<'a>(
    named: impl Iterator<Item = (impl Into<String>, &'a Parameter)>,
    storage: StorageType,
    metadata: Option<std::collections::HashMap<String, String>>,
) -> Result<Vec<u8>, WeightsError> {
    let (dtype, stored_dtype) = match storage {
        StorageType::F16 => (DType::F16, Dtype::F16),
        StorageType::F32 => (DType::F32, Dtype::F32),
    };
    let stored: Vec<(String, Vec<usize>, TensorData)> = named
        .map(|(name, parameter)| {
            let values = match storage {
                StorageType::F16 => parameter.values.iter().map(|&value| short(value)).collect(),
                StorageType::F32 => parameter.values.clone(),
            };
            let data = TensorData::new(values, [parameter.values.len()]);
            (
                name.into(),
                parameter.shape.clone(),
                data.convert_dtype(dtype),
            )
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, shape, data)| {
            Ok((
                name.clone(),
                TensorView::new(stored_dtype, shape.clone(), data.as_bytes())
                    .map_err(store_error)?,
            ))
        })
        .collect::<Result<Vec<_>, WeightsError>>()?;
    safetensors::serialize(views, metadata).map_err(store_error)
}

/// The nearest number with a mantissa of [`HALF_MANTISSA`] bits.
fn short(value: f32) -> f32 {
    let dropped = f32::MANTISSA_DIGITS - 1 - HALF_MANTISSA;
    let half = 1_u32 << (dropped - 1);
    if value.is_finite() {
        f32::from_bits((value.to_bits() + half) >> dropped << dropped)
    } else {
        value
    }
}

fn store_error(reason: impl ToString) -> WeightsError {
    WeightsError::Store {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_near_and_have_few_bits() {
        for value in [1.0, -0.337_421, 0.001_7, 1.999_9, 0.0, -65_000.0] {
            let kept = short(value);
            assert!(
                (kept - value).abs() <= value.abs() / 256.0,
                "{value}: {kept}"
            );
            assert_eq!(kept.to_bits() & 0xffff, 0, "{value}: {kept}");
        }
        assert_eq!(short(0.75), 0.75);
        assert!(short(f32::NAN).is_nan());
    }
}
