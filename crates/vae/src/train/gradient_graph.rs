//! burn's graph of gradients.

use burn::tensor::{Device, Tensor};

/// Steps after which the graph is cleared: rarely, because that takes a backward pass, and before it needs memory.
pub(super) const CLEAR_INTERVAL: u64 = 64;

/// Removes what is left in the graph of parameters that were replaced. burn does that in a backward pass; steps by our
/// kernels make none, but each adds an entry for each parameter. The device must be one that records gradients.
pub(super) fn clear(device: &Device) {
    let nothing = Tensor::<1>::zeros([1], device);
    nothing.require_grad().sum().backward();
}
