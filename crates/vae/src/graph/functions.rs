//! Functions of elements.

use super::AXES;
use crate::network;
use burn::tensor::{Tensor, activation};
use spec::{BinaryFunction, UnaryFunction};

pub(super) fn unary(function: UnaryFunction, x: Tensor<AXES>) -> Tensor<AXES> {
    match function {
        UnaryFunction::Neg => -x,
        UnaryFunction::Abs => x.abs(),
        UnaryFunction::Exp => x.exp(),
        UnaryFunction::Log => x.log(),
        UnaryFunction::Sqrt => x.sqrt(),
        UnaryFunction::Reciprocal => x.recip(),
        UnaryFunction::Floor => x.floor(),
        UnaryFunction::Ceil => x.ceil(),
        UnaryFunction::Round => x.round(),
        UnaryFunction::Erf => x.erf(),
        UnaryFunction::Sin => x.sin(),
        UnaryFunction::Cos => x.cos(),
        UnaryFunction::Tanh => x.tanh(),
        UnaryFunction::Sigmoid => activation::sigmoid(x),
        UnaryFunction::Relu => x.clamp_min(0.0),
        UnaryFunction::Softplus => network::softplus(x),
        UnaryFunction::Sign => x.sign(),
        UnaryFunction::Not => x.equal_elem(0).float(),
        UnaryFunction::LeakyRelu { slope } => x.clone().clamp_min(0.0) + x.clamp_max(0.0) * slope,
        UnaryFunction::Elu { alpha } => {
            let below = x.clone().clamp_max(0.0).exp() - 1.0;
            x.clamp_min(0.0) + below * alpha
        }
        UnaryFunction::Clip { min, max } => {
            let x = match min {
                Some(min) => x.clamp_min(min),
                None => x,
            };
            match max {
                Some(max) => x.clamp_max(max),
                None => x,
            }
        }
        UnaryFunction::Power { exponent } => power(x, exponent),
    }
}

/// x to a constant. Small whole powers are products, because GPUs compute no power of a negative number.
fn power(x: Tensor<AXES>, exponent: f32) -> Tensor<AXES> {
    const MOST_FACTORS: f32 = 8.0;
    if exponent.fract() != 0.0 || exponent.abs() > MOST_FACTORS {
        return x.powf_scalar(exponent);
    }
    if exponent == 0.0 {
        return x.ones_like();
    }
    let factors = (1..exponent.abs() as usize).fold(x.clone(), |power, _| power * x.clone());
    match exponent > 0.0 {
        true => factors,
        false => factors.recip(),
    }
}

pub(super) fn binary(function: BinaryFunction, a: Tensor<AXES>, b: Tensor<AXES>) -> Tensor<AXES> {
    match function {
        BinaryFunction::Add => a + b,
        BinaryFunction::Sub => a - b,
        BinaryFunction::Mul => a * b,
        BinaryFunction::Div => a / b,
        BinaryFunction::Pow => a.powf(b),
        BinaryFunction::Min => {
            let (a, b) = same(a, b);
            let is_less = b.clone().lower(a.clone());
            a.mask_where(is_less, b)
        }
        BinaryFunction::Max => {
            let (a, b) = same(a, b);
            let is_greater = b.clone().greater(a.clone());
            a.mask_where(is_greater, b)
        }
        BinaryFunction::Greater => {
            let (a, b) = same(a, b);
            a.greater(b).float()
        }
        BinaryFunction::Less => {
            let (a, b) = same(a, b);
            a.lower(b).float()
        }
        BinaryFunction::Equal => {
            let (a, b) = same(a, b);
            a.equal(b).float()
        }
    }
}

/// Both with the shape that broadcasting gives.
fn same(a: Tensor<AXES>, b: Tensor<AXES>) -> (Tensor<AXES>, Tensor<AXES>) {
    let (of_a, of_b) = (a.dims(), b.dims());
    let sizes: [usize; AXES] = std::array::from_fn(|axis| of_a[axis].max(of_b[axis]));
    (a.expand(sizes), b.expand(sizes))
}
