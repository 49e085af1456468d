//! What changes weights, in one pass over them: Adam, and the running average.

use super::{kernel::contiguous, pass::Pass};
use burn_cubecl::tensor::CubeTensor;
use kernels::adam::AdamConstants;

/// The parameter and its two moments after a step along `gradient`, all of one shape.
pub(super) fn adam(
    constants: &AdamConstants,
    before: [CubeTensor; 3],
    gradient: CubeTensor,
) -> [CubeTensor; 3] {
    let all = before.map(own);
    let [w, m, v] = &all;
    let [beta_1, beta_2] = constants.betas;
    let numbers = [
        beta_1,
        1.0 - beta_1,
        beta_2,
        1.0 - beta_2,
        constants.step_size,
        constants.epsilon,
        constants.decay_factor,
    ];
    let pass = Pass {
        written: &["w", "m", "v"],
        read: &["gradient"],
        functions: "",
        body: "let g = gradient[i];
let mean = number(0u) * m[i] + number(1u) * g;
let square = number(2u) * v[i] + number(3u) * (g * g);
m[i] = mean;
v[i] = square;
w[i] = number(6u) * w[i] - number(4u) * mean / (sqrt(square) + T(number(5u)));",
    };
    pass.run(&[w, m, v, &contiguous(gradient)], &numbers);
    all
}

/// keep·old + (1 − keep)·new.
pub(super) fn average(old: CubeTensor, new: CubeTensor, keep: f32) -> CubeTensor {
    let old = own(old);
    let pass = Pass {
        written: &["old"],
        read: &["newest"],
        functions: "",
        body: "old[i] = number(0u) * old[i] + number(1u) * newest[i];",
    };
    pass.run(&[&old, &contiguous(new)], &[keep, 1.0 - keep]);
    old
}

/// A tensor that nobody else has, to be changed in its place.
fn own(tensor: CubeTensor) -> CubeTensor {
    let tensor = contiguous(tensor);
    if tensor.can_mut() {
        tensor
    } else {
        tensor.copy()
    }
}
