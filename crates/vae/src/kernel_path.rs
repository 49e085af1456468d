//! The choice between kernels and burn's operations.

/// How a model computes. Both paths give the same results up to rounding errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KernelPath {
    /// By the [`kernels`] crate on CPU backends, and by this crate's WGSL kernels on WebGPU: fastest in a browser.
    #[default]
    Fused,
    /// By burn's operations (on WebGPU with the simplest matrix product): the reference for tests, and faster on native
    /// CPUs, where burn uses wider registers and several threads.
    Reference,
}
