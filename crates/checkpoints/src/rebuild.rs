//! Recorded calls of PyTorch that rebuild tensors: their storage and layout.

use crate::{
    pickle::{Pickle, Value},
    tensor::{ElementType, Layout},
};

/// A tensor in a pickle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TensorReference {
    /// The name of the storage.
    pub(crate) storage: String,
    pub(crate) layout: Layout,
}

/// What a value of a pickle is for a reader of weights.
#[derive(Debug)]
pub(crate) enum Found {
    /// A floating-point tensor.
    Tensor(TensorReference),
    /// A tensor that is no weight: of integers or truth values, or without axes.
    Counter,
    /// A tensor that can't be read, and why.
    Unreadable(String),
    /// No tensor.
    Other,
}

/// Wrappers around the call that rebuilds a tensor, at most.
const MAX_WRAPPERS: usize = 8;

/// Recognizes a tensor.
pub(crate) fn tensor(pickle: &Pickle, value: &Value) -> Found {
    let mut value = value;
    for _ in 0..MAX_WRAPPERS {
        let Value::Object(index) = value else {
            return Found::Other;
        };
        let Some(object) = pickle.object(*index) else {
            return Found::Other;
        };
        let arguments = pickle.sequence(object.arguments);
        match object.callee.as_ref() {
            "torch._utils._rebuild_parameter"
            | "torch._utils._rebuild_parameter_with_state"
            | "torch.nn.parameter.Parameter" => match arguments.first() {
                Some(inner) => value = inner,
                None => return Found::Unreadable("it has no data".into()),
            },
            // A subclass of Tensor: the function that rebuilds it, its type, its arguments.
            "torch._tensor._rebuild_from_type_v2" | "torch._tensor._rebuild_from_type" => {
                return match arguments {
                    [Value::Global(_), _, Value::Sequence(inner), ..] => {
                        described(pickle, pickle.sequence(*inner), None)
                    }
                    _ => Found::Unreadable("it is a subclass of Tensor".into()),
                };
            }
            "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2" => {
                return described(pickle, arguments, None);
            }
            "torch._utils._rebuild_tensor_v3" => {
                let dtype = match arguments.get(6) {
                    Some(Value::Global(dtype)) => dtype.to_string(),
                    _ => String::new(),
                };
                return described(pickle, arguments, Some(&dtype));
            }
            name if name.starts_with("torch._utils._rebuild_") => {
                let kind = name.trim_start_matches("torch._utils._rebuild_");
                return Found::Unreadable(format!(
                    "it is stored as a {}; only dense tensors can be used",
                    kind.replace('_', " ")
                ));
            }
            _ => return Found::Other,
        }
    }
    Found::Other
}

/// The tensor with these arguments of `_rebuild_tensor_v2`: storage, offset, shape, strides, …; with a type if it is not
/// that of the storage.
fn described(pickle: &Pickle, arguments: &[Value], dtype: Option<&str>) -> Found {
    let [
        Value::Persistent(storage),
        Value::Int(offset),
        shape,
        strides,
        ..,
    ] = arguments
    else {
        return Found::Unreadable("it is not stored in PyTorch's tensor format".into());
    };
    let [_, Value::Global(storage_type), Value::Str(key), ..] = pickle.sequence(*storage) else {
        return Found::Unreadable("its storage is not in PyTorch's format".into());
    };
    let element_type = match dtype.unwrap_or(storage_type).trim_start_matches("torch.") {
        "FloatStorage" | "float32" | "cuda.FloatStorage" => ElementType::F32,
        "DoubleStorage" | "float64" | "cuda.DoubleStorage" => ElementType::F64,
        "HalfStorage" | "float16" | "cuda.HalfStorage" => ElementType::F16,
        "BFloat16Storage" | "bfloat16" | "cuda.BFloat16Storage" => ElementType::Bf16,
        other if is_integer(other) => return Found::Counter,
        other => {
            return Found::Unreadable(format!(
                "its type is {other}; only real floating-point types can be used"
            ));
        }
    };
    let layout = || {
        // In files of PyTorch before 1.6 a storage may be a part of another one.
        let part = match pickle.sequence(*storage).get(5) {
            Some(Value::Sequence(view)) => match pickle.sequence(*view) {
                [Value::Str(_), Value::Int(offset), ..] => *offset,
                _ => 0,
            },
            _ => 0,
        };
        let offset = offset.checked_add(part).ok_or("its offset is too large")?;
        let layout = Layout {
            element_type,
            offset: usize::try_from(offset).map_err(|_| "its offset is negative")?,
            shape: sizes(pickle, shape)?,
            strides: sizes(pickle, strides)?,
        };
        layout.validate()?;
        Ok::<_, String>(layout)
    };
    match layout() {
        Ok(layout) if layout.shape.is_empty() => Found::Counter,
        Ok(layout) => Found::Tensor(TensorReference {
            storage: key.to_string(),
            layout,
        }),
        Err(reason) => Found::Unreadable(reason),
    }
}

fn is_integer(storage_type: &str) -> bool {
    let name = storage_type.trim_start_matches("cuda.").to_lowercase();
    ["long", "int", "short", "char", "byte", "bool", "uint"]
        .iter()
        .any(|kind| name.starts_with(kind))
}

fn sizes(pickle: &Pickle, value: &Value) -> Result<Vec<usize>, String> {
    let values = match value {
        Value::Sequence(values) => pickle.sequence(*values),
        // torch.Size is a subclass of tuple.
        Value::Object(object) => match pickle
            .object(*object)
            .and_then(|object| pickle.sequence(object.arguments).first())
        {
            Some(Value::Sequence(values)) => pickle.sequence(*values),
            _ => return Err("its shape is not a tuple".into()),
        },
        _ => return Err("its shape is not a tuple".into()),
    };
    values
        .iter()
        .map(|value| match value {
            Value::Int(size) => usize::try_from(*size).map_err(|_| "a size is negative".into()),
            _ => Err("a size is not an integer".into()),
        })
        .collect()
}
