//! Functions of each number of a tensor, and their slopes.

use super::{
    kernel::{contiguous, empty_beside},
    pass::Pass,
};
use burn_cubecl::tensor::CubeTensor;

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// max(x, 0).
    Relu,
    /// x Φ(x).
    Gelu,
    /// x sigmoid(x).
    Silu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// The logarithm of that.
    LogSigmoid,
}

/// What several of them need. The error function is Abramowitz and Stegun's 7.1.26, as burn's is: its error is below
/// 1.5e-7. No exponential here is of a positive number, so that none overflows.
const FUNCTIONS: &str = "fn sigmoid(x: T) -> T {
let e = exp(-abs(x));
return select(e, T(1.0), x >= T(0.0)) / (T(1.0) + e);
}
fn normal(x: T) -> T {
let a = abs(x) * 0.70710678;
let t = T(1.0) / (T(1.0) + 0.3275911 * a);
let p = ((((1.0614054 * t - T(1.4531521)) * t + T(1.4214138)) * t - T(0.28449674)) * t + T(0.2548296)) * t;
let tail = 0.5 * p * exp(-a * a);
return select(tail, T(1.0) - tail, x >= T(0.0));
}
fn hyperbolic_tangent(x: T) -> T { return tanh(clamp(x, T(-15.0), T(15.0))); }";

/// The function of each number; the shape stays.
pub(super) fn pointwise(x: CubeTensor, function: Function) -> CubeTensor {
    let x = contiguous(x);
    let out = empty_like(&x);
    let pass = Pass {
        written: &["result"],
        read: &["argument"],
        functions: FUNCTIONS,
        body: match function {
            Function::Relu => "result[i] = max(argument[i], T(0.0));",
            Function::Gelu => "let x = argument[i]; result[i] = x * normal(x);",
            Function::Silu => "let x = argument[i]; result[i] = x * sigmoid(x);",
            Function::Tanh => "result[i] = hyperbolic_tangent(argument[i]);",
            Function::Sigmoid => "result[i] = sigmoid(argument[i]);",
            Function::LogSigmoid => {
                "let x = argument[i]; result[i] = min(x, T(0.0)) - log(T(1.0) + exp(-abs(x)));"
            }
        },
    };
    pass.run(&[&out, &x], &[]);
    out
}

/// The gradient for the function's argument: that for its value times the slope at `x`.
pub(super) fn by_argument(x: CubeTensor, delta: CubeTensor, function: Function) -> CubeTensor {
    let (x, delta) = (contiguous(x), contiguous(delta));
    let out = empty_like(&x);
    let pass = Pass {
        written: &["result"],
        read: &["argument", "delta"],
        functions: FUNCTIONS,
        body: match function {
            Function::Relu => "result[i] = select(T(0.0), delta[i], argument[i] > T(0.0));",
            Function::Gelu => {
                "let x = argument[i];
result[i] = delta[i] * (normal(x) + x * 0.39894228 * exp(-0.5 * x * x));"
            }
            Function::Silu => {
                "let x = argument[i]; let s = sigmoid(x);
result[i] = delta[i] * s * (T(1.0) + x * (T(1.0) - s));"
            }
            Function::Tanh => {
                "let t = hyperbolic_tangent(argument[i]); result[i] = delta[i] * (T(1.0) - t * t);"
            }
            Function::Sigmoid => {
                "let s = sigmoid(argument[i]); result[i] = delta[i] * s * (T(1.0) - s);"
            }
            Function::LogSigmoid => "result[i] = delta[i] * sigmoid(-argument[i]);",
        },
    };
    pass.run(&[&out, &x, &delta], &[]);
    out
}

fn empty_like(x: &CubeTensor) -> CubeTensor {
    empty_beside(x, x.meta.shape().clone())
}
