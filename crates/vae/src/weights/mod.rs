//! Weights as bytes: safetensors, and a JSON card that describes them.
//!
//! Tensors have the names and the layout of a PyTorch `state_dict` of the same model
//! ([`VaeConfig::parameter_shapes`](crate::VaeConfig::parameter_shapes)), so that `load_state_dict` accepts them
//! unchanged.

mod card;
mod error;
mod load;
mod named;
mod parameters;
mod quantize;
mod save;
mod stored;

pub use card::{Card, DataCard, FORMAT, StorageType, TestCard, TrainingCard, WeightsCard};
pub use error::WeightsError;
pub use load::load;
pub use named::read_named;
pub use parameters::{Parameter, from_parameters, read_parameters};
pub use save::save;
pub(crate) use save::to_safetensors;
pub(crate) use stored::f32_values;

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes` in lower-case hexadecimal, as in a card.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
