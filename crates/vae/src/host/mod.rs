//! Arithmetic for devices whose tensors lie in this program's own memory: the CPU backends.
//!
//! There each of burn's operations is a pass over memory, with a fresh buffer, and its exponential
//! a call for each number. What a training step does most is therefore done here in one pass over
//! slices, in a form that the compiler turns into SIMD instructions. The rest of the crate asks
//! [`holds`] and falls back to burn's operations, which stay the reference.
//!
//! Whole passes through a network are here, too: [`network`] goes forward, [`training`] also back, on products
//! of our own ([`product`]). They are taken where [`is_fast`] says so.

mod activate;
pub(crate) mod adam;
mod fast;
mod latent;
mod left;
mod math;
mod network;
mod panels;
mod pointwise;
mod product;
mod reconstruction;
mod rows;
pub(crate) mod training;

pub use fast::{is_fast, set_fast};
pub(crate) use math::{gelu, log_sigmoid, sigmoid};
pub(crate) use network::{Network, append, numbers};
pub(crate) use pointwise::{Point, pointwise};

use crate::Activation;
use burn::{
    nn::Linear,
    tensor::{DType, Device, Tensor, TensorData},
};

/// Whether this tensor's numbers are `f32` in this program's memory.
pub(crate) fn holds<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && is_host(&tensor.device())
}

/// Whether this tensor's numbers are such, and passes of our own are to be taken.
pub(crate) fn is_fast_for<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_fast() && holds(tensor)
}

/// Whether this tensor's numbers are such, and no gradients are recorded.
pub(crate) fn goes_forward<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_fast_for(tensor) && !tensor.device().is_autodiff()
}

/// Rows from which on a single pass makes up for laying the weights out.
const WORTH_LAYING_OUT: usize = 32;

/// What the heads of layers with these weights give for `input`, `[n, width]` each; none where it is for burn's
/// operations to say, because gradients are recorded or nothing would be gained.
pub(crate) fn forward(
    hidden: &[Linear],
    heads: &[&Linear],
    activation: Activation,
    input: &Tensor<2>,
) -> Option<Vec<Tensor<2>>> {
    let device = input.device();
    let n = input.dims()[0];
    if n < WORTH_LAYING_OUT || !goes_forward(input) {
        return None;
    }
    let network = Network::new(hidden, heads, activation);
    let found = network.forward(numbers(input.clone()), n).into_iter();
    let tensor = |values: Vec<f32>| {
        let width = values.len() / n;
        Tensor::from_data(TensorData::new(values, [n, width]), &device)
    };
    Some(found.map(tensor).collect())
}

/// A gradient that is smaller is nothing: beside others of any effect, and beside the 1e-8 that Adam adds to its
/// divisor.
const TRIFLE: f32 = 1e-16;

/// The gradient, or zero for one that is nothing: what it is multiplied with would soon be a number that
/// processors are slow with.
#[inline(always)]
fn flush(gradient: f32) -> f32 {
    if gradient.abs() < TRIFLE {
        0.0
    } else {
        gradient
    }
}

/// Whether this device's numbers lie in this program's memory.
pub(crate) fn is_host(device: &Device) -> bool {
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
pub(crate) fn floats(data: &TensorData) -> &[f32] {
    data.as_slice().expect("held as f32")
}

/// As [`floats`], to be changed.
pub(crate) fn floats_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("held as f32")
}
