//! Parameter updates in one pass: Adam, and the exponential moving average.

use super::{elementwise::Elementwise, kernel::contiguous};
use burn_cubecl::tensor::CubeTensor;
use kernels::adam::AdamConstants;

/// The parameter and its two moments after a step along `gradient`, all of one shape.
pub(super) fn adam(
    constants: &AdamConstants,
    before: [CubeTensor; 3],
    gradient: CubeTensor,
) -> [CubeTensor; 3] {
    let all = before.map(make_mutable);
    let [w, m, v] = &all;
    let [beta_1, beta_2] = constants.betas;
    let params = [
        beta_1,
        1.0 - beta_1,
        beta_2,
        1.0 - beta_2,
        constants.step_size,
        constants.epsilon,
        constants.decay_factor,
    ];
    let kernel = Elementwise {
        written: &["w", "m", "v"],
        read: &["gradient"],
        functions: &[],
        body: "let g = gradient[i];
let mean = param(0u) * m[i] + param(1u) * g;
let square = param(2u) * v[i] + param(3u) * (g * g);
m[i] = mean;
v[i] = square;
w[i] = param(6u) * w[i] - param(4u) * mean / (sqrt(square) + T(param(5u)));",
    };
    kernel.run(&[w, m, v, &contiguous(gradient)], &params);
    all
}

/// decay·old + (1 − decay)·new.
pub(super) fn average(old: CubeTensor, new: CubeTensor, decay: f32) -> CubeTensor {
    let old = make_mutable(old);
    let kernel = Elementwise {
        written: &["old"],
        read: &["newest"],
        functions: &[],
        body: "old[i] = param(0u) * old[i] + param(1u) * newest[i];",
    };
    kernel.run(&[&old, &contiguous(new)], &[decay, 1.0 - decay]);
    old
}

/// A contiguous tensor that is not shared, so that it can be updated in place.
fn make_mutable(tensor: CubeTensor) -> CubeTensor {
    let tensor = contiguous(tensor);
    if tensor.can_mut() {
        tensor
    } else {
        tensor.copy()
    }
}
