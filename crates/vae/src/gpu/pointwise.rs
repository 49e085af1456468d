//! Elementwise functions and their backward passes.

use super::{
    elementwise::Elementwise,
    kernel::{contiguous, empty_on_device_of},
};
use burn_cubecl::tensor::CubeTensor;
use spec::Activation;

/// An elementwise function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The logarithm of the sigmoid.
    LogSigmoid,
}

/// Shared WGSL functions. `normal` is the standard normal distribution function by the error function of Abramowitz &
/// Stegun, 7.1.26, as in burn, with an error below 1.5e-7. All arguments of exp are at most 0, so it never overflows.
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

impl From<Activation> for Function {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::Gelu => Self::Gelu,
            Activation::Silu => Self::Silu,
            Activation::Tanh => Self::Tanh,
        }
    }
}

impl Function {
    /// WGSL for values of a type `T`, which is `f32` or `vec4<f32>`: the function is `apply`.
    pub(super) fn source(self) -> &'static [&'static str] {
        match self {
            Self::Relu => &["fn apply(x: T) -> T { return max(x, T(0.0)); }"],
            Self::Gelu => &[FUNCTIONS, "fn apply(x: T) -> T { return x * normal(x); }"],
            Self::Silu => &[FUNCTIONS, "fn apply(x: T) -> T { return x * sigmoid(x); }"],
            Self::Tanh => &[
                FUNCTIONS,
                "fn apply(x: T) -> T { return hyperbolic_tangent(x); }",
            ],
            Self::Sigmoid => &[FUNCTIONS, "fn apply(x: T) -> T { return sigmoid(x); }"],
            Self::LogSigmoid => {
                &["fn apply(x: T) -> T { return min(x, T(0.0)) - log(T(1.0) + exp(-abs(x))); }"]
            }
        }
    }
}

/// Applies the function to each element; the shape stays.
pub(super) fn pointwise(x: CubeTensor, function: Function) -> CubeTensor {
    let x = contiguous(x);
    let out = empty_like(&x);
    let kernel = Elementwise {
        written: &["result"],
        read: &["argument"],
        functions: function.source(),
        body: "result[i] = apply(argument[i]);",
    };
    kernel.run(&[&out, &x], &[]);
    out
}

/// The gradient for the function's argument: that for its value times the derivative at `x`.
pub(super) fn pointwise_backward(
    x: CubeTensor,
    delta: CubeTensor,
    function: Function,
) -> CubeTensor {
    let (x, delta) = (contiguous(x), contiguous(delta));
    let out = empty_like(&x);
    let kernel = Elementwise {
        written: &["result"],
        read: &["argument", "delta"],
        functions: &[FUNCTIONS],
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
    kernel.run(&[&out, &x, &delta], &[]);
    out
}

fn empty_like(x: &CubeTensor) -> CubeTensor {
    empty_on_device_of(x, x.meta.shape().clone())
}
