//! Weights as bytes: safetensors beside a JSON card that says what they are.
//!
//! Tensors have the names and the layout of a PyTorch `state_dict` of the same model
//! ([`VaeConfig::parameter_shapes`](crate::VaeConfig::parameter_shapes)), so that
//! `torch.load_state_dict` takes them as they are.

mod card;
mod error;
mod foreign;
mod load;
mod parameters;
mod save;
mod short;

pub use card::{Card, DataCard, FORMAT, StorageType, TestCard, TrainingCard, WeightsCard};
pub use error::WeightsError;
pub use foreign::{
    Foreign, ForeignError, Heads, MAX_FOREIGN_LAYERS, by_name, read_safetensors, recognise,
};
pub(crate) use load::f32_values;
pub use load::load;
pub use parameters::{Parameter, from_parameters, read_parameters};
pub use save::save;
pub(crate) use save::to_safetensors;

use sha2::{Digest, Sha256};

/// SHA-256 of some bytes, in lower-case hexadecimal, as cards carry it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
