//! Arithmetic for devices whose tensors lie in this program's own memory: the CPU backends.
//!
//! There each of burn's operations is a pass over memory, with a fresh buffer, and its exponential
//! a call for each number. What a training step does most is therefore done here in one pass over
//! slices, in a form that the compiler turns into SIMD instructions. The rest of the crate asks
//! [`holds`] and falls back to burn's operations, which stay the reference.

pub(crate) mod adam;
mod math;
mod pointwise;

pub(crate) use math::{gelu, log_sigmoid};
pub(crate) use pointwise::{Point, pointwise};

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Whether this tensor's numbers are `f32` in this program's memory.
pub(crate) fn holds<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && is_host(&tensor.device())
}

fn is_host(device: &Device) -> bool {
    // Devices are equal whether or not they record gradients.
    #[cfg(any(feature = "flex", test))]
    if *device == Device::flex() {
        return true;
    }
    #[cfg(feature = "ndarray")]
    {
        #[expect(
            deprecated,
            reason = "deprecated in favour of flex, still asked for by people"
        )]
        let ndarray = Device::ndarray();
        if *device == ndarray {
            return true;
        }
    }
    let _ = device;
    false
}

/// The numbers of `data`.
///
/// # Panics
/// If they are not `f32`; see [`holds`].
fn floats(data: &TensorData) -> &[f32] {
    data.as_slice().expect("held as f32")
}

/// As [`floats`], to be changed.
fn floats_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("held as f32")
}
