//! A model as files.

/// A model's card and weights. The client keeps them, so that any worker can be sent the same model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFiles {
    /// The model's name.
    pub name: String,
    /// The card, JSON.
    pub card: String,
    /// The weights, safetensors.
    pub weights: Vec<u8>,
}
