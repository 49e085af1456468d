//! Functions of elements, reductions, comparisons and casts.

use super::{Operator, Reference, Value};
use crate::{
    OnnxError,
    host::{Host, Kind, Number, broadcast_dims},
    message::element,
};
use spec::{BinaryFunction, GraphOperation, Reduction, UnaryFunction};

type Outcome = Result<Vec<Value>, OnnxError>;

pub(super) fn run(op: &mut Operator<'_, '_>) -> Outcome {
    let name = op.node.op_type.clone();
    if let Some(hosts) = op.all_known()
        && !hosts.is_empty()
        && let Some(host) = known(op, &name, &hosts)?
    {
        return Ok(op.result(host));
    }
    match name.as_str() {
        "Cast" | "CastLike" => return cast(op),
        "Where" => {
            let inputs = [op.computed(0)?, op.computed(1)?, op.computed(2)?];
            return computed(op.push(GraphOperation::Where, &inputs)?);
        }
        "Sum" | "Mean" | "Max" | "Min" => return variadic(op, &name),
        "PRelu" => {
            let (x, slope) = (op.computed(0)?, op.computed(1)?);
            let above = op.unary(UnaryFunction::Relu, x)?;
            let below = clip(op, x, None, Some(0.0))?;
            let below = op.binary(BinaryFunction::Mul, below, slope)?;
            return computed(op.binary(BinaryFunction::Add, above, below)?);
        }
        _ => {}
    }
    if let Some(result) = binary(op, &name)? {
        return computed(result);
    }
    if name.starts_with("Reduce") {
        return reduce(op, &name);
    }
    match unary(op, &name)? {
        Some(result) => computed(result),
        None => Err(op.unsupported("")),
    }
}

fn computed(reference: Reference) -> Outcome {
    Ok(vec![Value::Computed(reference)])
}

fn binary(op: &mut Operator<'_, '_>, name: &str) -> Result<Option<Reference>, OnnxError> {
    let function = match name {
        "Add" => BinaryFunction::Add,
        "Sub" => BinaryFunction::Sub,
        "Mul" | "And" => BinaryFunction::Mul,
        "Or" => BinaryFunction::Max,
        "Div" => BinaryFunction::Div,
        "Pow" => return power(op).map(Some),
        "Greater" | "LessOrEqual" => BinaryFunction::Greater,
        "Less" | "GreaterOrEqual" => BinaryFunction::Less,
        "Equal" => BinaryFunction::Equal,
        _ => return Ok(None),
    };
    if name == "Div" && op.kind(0) == Kind::Int && op.kind(1) == Kind::Int {
        return Err(op.unsupported("it divides whole numbers that depend on z or the image"));
    }
    let (a, b) = (op.computed(0)?, op.computed(1)?);
    let result = op.binary(function, a, b)?;
    match name {
        "LessOrEqual" | "GreaterOrEqual" => op.unary(UnaryFunction::Not, result).map(Some),
        _ => Ok(Some(result)),
    }
}

fn power(op: &mut Operator<'_, '_>) -> Result<Reference, OnnxError> {
    let exponent = match op.given(1) {
        Some(Value::Known(host)) => host.scalar(),
        _ => None,
    };
    let x = op.computed(0)?;
    match exponent {
        Some(exponent) => {
            let exponent = exponent as f32;
            op.unary(UnaryFunction::Power { exponent }, x)
        }
        None => {
            let exponent = op.computed(1)?;
            op.binary(BinaryFunction::Pow, x, exponent)
        }
    }
}

/// The sum, mean or extreme of any number of inputs.
fn variadic(op: &mut Operator<'_, '_>, name: &str) -> Outcome {
    let function = match name {
        "Max" => BinaryFunction::Max,
        "Min" => BinaryFunction::Min,
        _ => BinaryFunction::Add,
    };
    let mut result = op.computed(0)?;
    for at in 1..op.inputs.len() {
        let next = op.computed(at)?;
        result = op.binary(function, result, next)?;
    }
    if name == "Mean" {
        result = op.with(BinaryFunction::Div, result, op.inputs.len() as f32)?;
    }
    computed(result)
}

pub(super) fn clip(
    op: &mut Operator<'_, '_>,
    x: Reference,
    min: Option<f32>,
    max: Option<f32>,
) -> Result<Reference, OnnxError> {
    op.unary(UnaryFunction::Clip { min, max }, x)
}

fn unary(op: &mut Operator<'_, '_>, name: &str) -> Result<Option<Reference>, OnnxError> {
    let x = op.computed(0)?;
    let alpha = |op: &Operator<'_, '_>, default: f32| op.float("alpha", default);
    let function = match name {
        "Neg" => UnaryFunction::Neg,
        "Abs" => UnaryFunction::Abs,
        "Exp" => UnaryFunction::Exp,
        "Log" => UnaryFunction::Log,
        "Sqrt" => UnaryFunction::Sqrt,
        "Reciprocal" => UnaryFunction::Reciprocal,
        "Floor" => UnaryFunction::Floor,
        "Ceil" => UnaryFunction::Ceil,
        "Round" => UnaryFunction::Round,
        "Erf" => UnaryFunction::Erf,
        "Sin" => UnaryFunction::Sin,
        "Cos" => UnaryFunction::Cos,
        "Tanh" => UnaryFunction::Tanh,
        "Sigmoid" => UnaryFunction::Sigmoid,
        "Relu" => UnaryFunction::Relu,
        "Softplus" => UnaryFunction::Softplus,
        "Sign" => UnaryFunction::Sign,
        "Not" => UnaryFunction::Not,
        "LeakyRelu" => UnaryFunction::LeakyRelu {
            slope: alpha(op, 0.01),
        },
        "Elu" => UnaryFunction::Elu {
            alpha: alpha(op, 1.0),
        },
        "Clip" => {
            // Limits are attributes before version 11, and inputs since.
            let limit = |at: usize, name: &str| -> Result<Option<f32>, OnnxError> {
                Ok(match op.scalar(at)? {
                    Some(limit) => Some(limit as f32),
                    None => op.attribute(name).map(|found| found.f),
                })
            };
            UnaryFunction::Clip {
                min: limit(1, "min")?,
                max: limit(2, "max")?,
            }
        }
        _ => return composed(op, name, x),
    };
    op.unary(function, x).map(Some)
}

/// Functions that are composed of others.
fn composed(
    op: &mut Operator<'_, '_>,
    name: &str,
    x: Reference,
) -> Result<Option<Reference>, OnnxError> {
    use BinaryFunction::{Add, Div, Mul};
    let hard_sigmoid = |op: &mut Operator<'_, '_>, alpha: f32, beta: f32| {
        let scaled = op.with(Mul, x, alpha)?;
        let shifted = op.with(Add, scaled, beta)?;
        clip(op, shifted, Some(0.0), Some(1.0))
    };
    let result = match name {
        "Selu" => {
            let alpha = op.float("alpha", 1.673_263_2);
            let elu = op.unary(UnaryFunction::Elu { alpha }, x)?;
            let gamma = op.float("gamma", 1.050_701);
            op.with(Mul, elu, gamma)?
        }
        "Celu" => {
            let alpha = op.float("alpha", 1.0);
            let scaled = op.with(Div, x, alpha)?;
            let elu = op.unary(UnaryFunction::Elu { alpha: 1.0 }, scaled)?;
            let below = clip(op, elu, None, Some(0.0))?;
            let below = op.with(Mul, below, alpha)?;
            let above = op.unary(UnaryFunction::Relu, x)?;
            op.binary(Add, above, below)?
        }
        "HardSigmoid" => {
            let (alpha, beta) = (op.float("alpha", 0.2), op.float("beta", 0.5));
            hard_sigmoid(op, alpha, beta)?
        }
        "HardSwish" => {
            let gate = hard_sigmoid(op, 1.0 / 6.0, 0.5)?;
            op.binary(Mul, x, gate)?
        }
        "ThresholdedRelu" => {
            let threshold = op.float("alpha", 1.0);
            let is_above = op.with(BinaryFunction::Greater, x, threshold)?;
            op.binary(Mul, x, is_above)?
        }
        "Softsign" => {
            let size = op.unary(UnaryFunction::Abs, x)?;
            let size = op.with(Add, size, 1.0)?;
            op.binary(Div, x, size)?
        }
        "Mish" => {
            let softplus = op.unary(UnaryFunction::Softplus, x)?;
            let gate = op.unary(UnaryFunction::Tanh, softplus)?;
            op.binary(Mul, x, gate)?
        }
        "Swish" | "QuickGelu" => {
            let alpha = op.float("alpha", if name == "Swish" { 1.0 } else { 1.702 });
            let scaled = op.with(Mul, x, alpha)?;
            let gate = op.unary(UnaryFunction::Sigmoid, scaled)?;
            op.binary(Mul, x, gate)?
        }
        "Gelu" => {
            let gate = match op.text("approximate", "none").as_str() {
                "tanh" => {
                    let cube = op.unary(UnaryFunction::Power { exponent: 3.0 }, x)?;
                    let cube = op.with(Mul, cube, 0.044_715)?;
                    let sum = op.binary(Add, x, cube)?;
                    let scaled = op.with(Mul, sum, (2.0 / std::f32::consts::PI).sqrt())?;
                    op.unary(UnaryFunction::Tanh, scaled)?
                }
                _ => {
                    let scaled = op.with(Mul, x, std::f32::consts::FRAC_1_SQRT_2)?;
                    op.unary(UnaryFunction::Erf, scaled)?
                }
            };
            let gate = op.with(Add, gate, 1.0)?;
            let product = op.binary(Mul, x, gate)?;
            op.with(Mul, product, 0.5)?
        }
        _ => return Ok(None),
    };
    Ok(Some(result))
}

/// Reduces axes one after another.
fn reduce(op: &mut Operator<'_, '_>, name: &str) -> Outcome {
    let mut x = op.computed(0)?;
    let rank = op.shape(x).rank();
    let axes = match op.whole(1, "axes")? {
        Some(axes) if !axes.is_empty() => axes
            .into_iter()
            .map(|axis| op.axis(axis, rank))
            .collect::<Result<Vec<_>, _>>()?,
        _ if op.int("noop_with_empty_axes", 0) == 1 => Vec::new(),
        _ => (0..rank).collect(),
    };
    let (before, reduction, after) = match name {
        "ReduceSum" => (None, Reduction::Sum, None),
        "ReduceMean" => (None, Reduction::Mean, None),
        "ReduceMax" => (None, Reduction::Max, None),
        "ReduceMin" => (None, Reduction::Min, None),
        "ReduceL1" => (Some(UnaryFunction::Abs), Reduction::Sum, None),
        "ReduceL2" => (
            Some(UnaryFunction::Power { exponent: 2.0 }),
            Reduction::Sum,
            Some(UnaryFunction::Sqrt),
        ),
        "ReduceSumSquare" => (
            Some(UnaryFunction::Power { exponent: 2.0 }),
            Reduction::Sum,
            None,
        ),
        "ReduceLogSum" => (None, Reduction::Sum, Some(UnaryFunction::Log)),
        "ReduceLogSumExp" => (
            Some(UnaryFunction::Exp),
            Reduction::Sum,
            Some(UnaryFunction::Log),
        ),
        _ => return Err(op.unsupported("")),
    };
    if let Some(before) = before {
        x = op.unary(before, x)?;
    }
    for &axis in &axes {
        x = op.push(GraphOperation::Reduce { reduction, axis }, &[x])?;
    }
    if let Some(after) = after {
        x = op.unary(after, x)?;
    }
    if op.int("keepdims", 1) == 0 {
        let full = op.shape(x).full().into_iter().enumerate();
        let full = full.filter(|(axis, _)| !axes.contains(axis));
        let full = full.map(|(_, size)| size).collect();
        x = op.reshape_full(x, full)?;
    }
    computed(x)
}

fn cast(op: &mut Operator<'_, '_>) -> Outcome {
    if let Some(Value::Known(host)) = op.given(0) {
        let mut host = host.clone();
        if op.node.op_type == "Cast" {
            host.kind = kind_of(op.int("to", 1) as i32);
        }
        return Ok(op.result(host));
    }
    if let Some(Value::Label) = op.given(0) {
        return Ok(vec![Value::Label]);
    }
    let to = match op.node.op_type.as_str() {
        "Cast" => kind_of(op.int("to", 1) as i32),
        _ => op.kind(1),
    };
    let x = op.computed(0)?;
    match to {
        Kind::Float => computed(x),
        Kind::Bool => {
            let is_zero = op.unary(UnaryFunction::Not, x)?;
            computed(op.unary(UnaryFunction::Not, is_zero)?)
        }
        Kind::Int => {
            Err(op.unsupported("it makes whole numbers of values that depend on z or the image"))
        }
    }
}

fn kind_of(element: i32) -> Kind {
    match element {
        element::FLOAT | element::DOUBLE | element::FLOAT16 | element::BFLOAT16 => Kind::Float,
        element::BOOL => Kind::Bool,
        _ => Kind::Int,
    }
}

/// The result if all inputs are known; `None` for an operator that is not computed in advance.
fn known(op: &Operator<'_, '_>, name: &str, hosts: &[Host]) -> Result<Option<Host>, OnnxError> {
    let first = &hosts[0];
    let Some(numbers) = first.numbers() else {
        return Ok(None);
    };
    let truth = |value: bool| f64::from(u8::from(value));
    let each = |kind: Kind, f: &dyn Fn(f64) -> f64| -> Result<Option<Host>, OnnxError> {
        let values: Option<Vec<_>> = numbers
            .iter()
            .map(|number| Some(Number::new(f(number.fixed()?))))
            .collect();
        let values = values.ok_or_else(|| op.mixes())?;
        Ok(Some(Host::of_numbers(kind, first.dims.clone(), values)))
    };
    match name {
        "Cast" => {
            let to = kind_of(op.int("to", 1) as i32);
            match (first.kind, to) {
                (Kind::Float, Kind::Int) => each(to, &f64::trunc),
                (_, Kind::Bool) => each(to, &|value| truth(value != 0.0)),
                _ => Ok(Some(Host {
                    kind: to,
                    ..first.clone()
                })),
            }
        }
        "Neg" => {
            let values = numbers.iter().map(|number| Number {
                constant: -number.constant,
                samples: -number.samples,
            });
            Ok(Some(Host::of_numbers(
                first.kind,
                first.dims.clone(),
                values.collect(),
            )))
        }
        "Floor" => each(first.kind, &f64::floor),
        "Ceil" => each(first.kind, &f64::ceil),
        "Sqrt" => each(first.kind, &f64::sqrt),
        "Abs" => each(first.kind, &f64::abs),
        "Not" => each(Kind::Bool, &|value| truth(value == 0.0)),
        "ReduceProd" => {
            let product = numbers
                .iter()
                .try_fold(Number::new(1.0), |a, &b| times(a, b));
            let product = product.ok_or_else(|| op.mixes())?;
            let dims = vec![
                1;
                if op.int("keepdims", 1) == 1 {
                    first.dims.len()
                } else {
                    0
                }
            ];
            Ok(Some(Host::of_numbers(first.kind, dims, vec![product])))
        }
        "Where" if hosts.len() == 3 => {
            let dims = hosts[1..]
                .iter()
                .try_fold(first.dims.clone(), |dims, host| {
                    broadcast_dims(&dims, &host.dims)
                });
            let dims = dims.ok_or_else(|| op.error("the shapes do not fit"))?;
            check(op, &dims)?;
            let all: Vec<_> = hosts
                .iter()
                .map(|host| host.broadcast(&dims).numbers().unwrap_or_default())
                .collect();
            let pick = |at: usize| {
                let condition = all[0][at].fixed()?;
                Some(if condition != 0.0 {
                    all[1][at]
                } else {
                    all[2][at]
                })
            };
            let values: Option<Vec<_>> = (0..all[0].len()).map(pick).collect();
            let values = values.ok_or_else(|| op.mixes())?;
            Ok(Some(Host::of_numbers(hosts[1].kind, dims, values)))
        }
        _ if hosts.len() == 2 => pairs(op, name, &hosts[0], &hosts[1]),
        _ => Ok(None),
    }
}

fn check(op: &Operator<'_, '_>, dims: &[usize]) -> Result<(), OnnxError> {
    let count = dims
        .iter()
        .fold(1, |product: usize, &dim| product.saturating_mul(dim));
    match count <= crate::host::MAX_HOST_ELEMENTS {
        true => Ok(()),
        false => Err(op.error(format!("the shape {dims:?} is too large"))),
    }
}

fn times(a: Number, b: Number) -> Option<Number> {
    let scale = |number: Number, factor: f64| Number {
        constant: number.constant * factor,
        samples: number.samples * factor,
    };
    match (a.fixed(), b.fixed()) {
        (Some(factor), _) => Some(scale(b, factor)),
        (_, Some(factor)) => Some(scale(a, factor)),
        _ => None,
    }
}

fn pairs(op: &Operator<'_, '_>, name: &str, a: &Host, b: &Host) -> Result<Option<Host>, OnnxError> {
    let is_whole = a.kind != Kind::Float;
    let fixed = |f: fn(f64, f64) -> f64| {
        move |a: Number, b: Number| Some(Number::new(f(a.fixed()?, b.fixed()?)))
    };
    let truth = |value: bool| f64::from(u8::from(value));
    type Pair = Box<dyn Fn(Number, Number) -> Option<Number>>;
    let (kind, function): (Kind, Pair) = match name {
        "Add" => (
            a.kind,
            Box::new(|a, b| {
                Some(Number {
                    constant: a.constant + b.constant,
                    samples: a.samples + b.samples,
                })
            }),
        ),
        "Sub" => (
            a.kind,
            Box::new(|a, b| {
                Some(Number {
                    constant: a.constant - b.constant,
                    samples: a.samples - b.samples,
                })
            }),
        ),
        "Mul" => (a.kind, Box::new(times)),
        "Div" if is_whole => (
            a.kind,
            Box::new(|a, b| {
                let divisor = b.fixed().filter(|&divisor| divisor != 0.0)?;
                match a.samples == 0.0 {
                    true => Some(Number::new((a.constant / divisor).trunc())),
                    false => {
                        let exact = a.samples % divisor == 0.0 && a.constant % divisor == 0.0;
                        exact.then_some(Number {
                            constant: a.constant / divisor,
                            samples: a.samples / divisor,
                        })
                    }
                }
            }),
        ),
        "Div" => (a.kind, Box::new(fixed(|a, b| a / b))),
        "Mod" => (a.kind, Box::new(fixed(f64::rem_euclid))),
        "Pow" => (a.kind, Box::new(fixed(f64::powf))),
        "Min" => (a.kind, Box::new(fixed(f64::min))),
        "Max" => (a.kind, Box::new(fixed(f64::max))),
        "Equal" => (
            Kind::Bool,
            Box::new(move |a, b| match (a.fixed(), b.fixed()) {
                (Some(a), Some(b)) => Some(Number::new(truth(a == b))),
                _ if a == b => Some(Number::new(1.0)),
                // A number of samples is never −1, as in Where(shape == -1, …).
                (Some(fixed), None) | (None, Some(fixed)) if fixed < 0.0 => Some(Number::new(0.0)),
                _ => None,
            }),
        ),
        "Greater" => (
            Kind::Bool,
            Box::new(fixed(|a, b| f64::from(u8::from(a > b)))),
        ),
        "Less" => (
            Kind::Bool,
            Box::new(fixed(|a, b| f64::from(u8::from(a < b)))),
        ),
        "GreaterOrEqual" => (
            Kind::Bool,
            Box::new(fixed(|a, b| f64::from(u8::from(a >= b)))),
        ),
        "LessOrEqual" => (
            Kind::Bool,
            Box::new(fixed(|a, b| f64::from(u8::from(a <= b)))),
        ),
        "And" => (Kind::Bool, Box::new(fixed(|a, b| a * b))),
        "Or" => (Kind::Bool, Box::new(fixed(f64::max))),
        _ => return Ok(None),
    };
    let dims = broadcast_dims(&a.dims, &b.dims).ok_or_else(|| op.error("the shapes do not fit"))?;
    check(op, &dims)?;
    let (a, b) = (a.broadcast(&dims).numbers(), b.broadcast(&dims).numbers());
    let (Some(a), Some(b)) = (a, b) else {
        return Ok(None);
    };
    let values: Option<Vec<_>> = a.into_iter().zip(b).map(|(a, b)| function(a, b)).collect();
    let values = values.ok_or_else(|| op.mixes())?;
    Ok(Some(Host::of_numbers(kind, dims, values)))
}
