//! State dicts: named tensors in the order of the file.

use crate::{CheckpointError, MAX_BYTES, Tensor};

/// Named floating-point tensors in the order of the file, without counters and without what wrappers add to the names.
#[derive(Debug, Clone, PartialEq)]
pub struct StateDict {
    /// The key of the dictionary in the checkpoint, "state_dict" or "ema"; empty if the file holds nothing else.
    pub key: String,
    /// The tensors.
    pub tensors: Vec<Tensor>,
}

impl StateDict {
    /// # Errors
    /// [`CheckpointError::Tensor`] for the first that can't be used, [`CheckpointError::Empty`] if there is none, and
    /// [`CheckpointError::TooLarge`].
    pub(crate) fn new(
        key: String,
        entries: Vec<(String, Result<Tensor, String>)>,
    ) -> Result<Self, CheckpointError> {
        let tensors = entries
            .into_iter()
            .map(|(name, tensor)| match tensor {
                Ok(tensor) => Ok(tensor.renamed(name)),
                Err(reason) => Err(CheckpointError::Tensor { name, reason }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if tensors.is_empty() {
            return Err(CheckpointError::Empty);
        }
        let elements = tensors.iter().fold(0_u64, |sum, tensor| {
            sum.saturating_add(tensor.count() as u64)
        });
        let found = elements.saturating_mul(4);
        if found > MAX_BYTES {
            return Err(CheckpointError::TooLarge {
                what: "the state dict".into(),
                found,
                limit: MAX_BYTES,
            });
        }
        Ok(Self { key, tensors })
    }

    /// The tensor with this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}
