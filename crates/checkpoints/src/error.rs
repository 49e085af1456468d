//! Why bytes cannot be read as a checkpoint.

use crate::foreign::Foreign;
use thiserror::Error;

/// Why bytes cannot be read as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// A file of another kind.
    #[error("{0}")]
    Foreign(Foreign),
    /// A ZIP archive or a safetensors file that is damaged.
    #[error("the file is damaged or incomplete ({0}); copy or download it again")]
    Damaged(String),
    /// The archive lacks the pickle or the bytes of a tensor.
    #[error("the file has no {0}: it is damaged, or not a PyTorch checkpoint")]
    Missing(String),
    /// A part of the file, or all tensors together, exceed a limit.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// Which part.
        what: String,
        /// Its size, in bytes.
        found: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// More tensors than a state dict with its copies has.
    #[error(
        "the file has more than {max} tensors. Save the state dict alone: torch.save(model.state_dict(), \"vae.pth\")",
        max = crate::limits::MAX_TENSORS
    )]
    TooManyTensors,
    /// The pickle can't be interpreted.
    #[error(
        "the checkpoint's pickle can't be read: {0}. Save the state dict alone: torch.save(model.state_dict(), \"vae.pth\")"
    )]
    Pickle(String),
    /// The pickle contains a module with its code's class.
    #[error(
        "the file holds a whole module ({class}), whose code is not in the file; save its weights instead: torch.save(model.state_dict(), \"vae.pth\")"
    )]
    WholeModule {
        /// The class, as `module.name`.
        class: String,
    },
    /// A tensor is inconsistent, or its element type can't be used.
    #[error("the tensor \"{name}\" can't be used: {reason}")]
    Tensor {
        /// The tensor's name.
        name: String,
        /// Why it can't be used.
        reason: String,
    },
    /// The checkpoint contains no weights.
    #[error(
        "the file contains no weights: no floating-point tensor with at least one axis, outside an optimizer's state. Save the state dict: torch.save(model.state_dict(), \"vae.pth\")"
    )]
    Empty,
}
