//! The values that a pickle builds.

use std::rc::Rc;

/// A value. Containers are kept in a [`Pickle`] and referred to by index, so that a container that is filled after it
/// was referred to, or that contains itself, takes neither copies nor memory that is never freed.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    Int(i64),
    Str(Rc<str>),
    /// A tuple, list or set.
    Sequence(usize),
    Dict(usize),
    /// A Python class or function, as `module.name`.
    Global(Rc<str>),
    /// A persistent ID, PyTorch's reference to a storage: the index of a sequence of type, key, device, count.
    Persistent(usize),
    /// A call that was recorded instead of made, or an object with its attributes.
    Object(usize),
    /// Any other value.
    Opaque,
}

/// A recorded call.
#[derive(Debug)]
pub(crate) struct Object {
    /// The class or function, as `module.name`.
    pub(crate) callee: Rc<str>,
    /// The index of the sequence of its arguments.
    pub(crate) arguments: usize,
    /// The attributes that were set afterwards.
    pub(crate) state: Option<Value>,
}

/// The result of a pickle: its value and all containers.
#[derive(Debug)]
pub(crate) struct Pickle {
    pub(crate) root: Value,
    /// Number of bytes of the pickle; others may follow it.
    pub(crate) length: usize,
    pub(super) sequences: Vec<Vec<Value>>,
    pub(super) dicts: Vec<Vec<(Value, Value)>>,
    pub(super) objects: Vec<Object>,
}

impl Pickle {
    /// The values of a sequence.
    pub(crate) fn sequence(&self, index: usize) -> &[Value] {
        self.sequences.get(index).map_or(&[], Vec::as_slice)
    }

    /// The keys and values of a dictionary, in the order in which they were set.
    pub(crate) fn dict(&self, index: usize) -> &[(Value, Value)] {
        self.dicts.get(index).map_or(&[], Vec::as_slice)
    }

    /// A recorded call.
    pub(crate) fn object(&self, index: usize) -> Option<&Object> {
        self.objects.get(index)
    }

    /// All sequences.
    pub(crate) fn sequences(&self) -> impl Iterator<Item = &[Value]> {
        self.sequences.iter().map(Vec::as_slice)
    }

    /// All recorded calls.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }
}
