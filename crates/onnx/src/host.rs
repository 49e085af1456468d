//! Tensors that are known when the file is read: weights, and what is computed from them and from shapes.

use std::rc::Rc;

/// What the elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Float,
    Int,
    Bool,
}

/// A number of a shape computation: `constant + samples · N`, where N is the number of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) constant: f64,
    pub(crate) samples: f64,
}

impl Number {
    pub(crate) fn new(constant: f64) -> Self {
        Self {
            constant,
            samples: 0.0,
        }
    }

    /// The number of samples.
    pub(crate) const SAMPLES: Self = Self {
        constant: 0.0,
        samples: 1.0,
    };

    /// The value, if it does not depend on the number of samples.
    pub(crate) fn fixed(self) -> Option<f64> {
        (self.samples == 0.0).then_some(self.constant)
    }
}

/// The elements of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Elements {
    Floats(Vec<f32>),
    Numbers(Vec<Number>),
}

impl Elements {
    pub(crate) fn numbers(values: Vec<f64>) -> Self {
        Self::Numbers(values.into_iter().map(Number::new).collect())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }
}

/// A tensor that is known when the file is read.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) kind: Kind,
    pub(crate) dims: Vec<usize>,
    pub(crate) elements: Rc<Elements>,
    /// Its name in the file, if it is there.
    pub(crate) name: String,
}

/// Larger tensors are computed on the device.
pub(crate) const MAX_HOST_ELEMENTS: usize = 1 << 16;

impl Host {
    pub(crate) fn of_numbers(kind: Kind, dims: Vec<usize>, numbers: Vec<Number>) -> Self {
        Self {
            kind,
            dims,
            elements: Rc::new(Elements::Numbers(numbers)),
            name: String::new(),
        }
    }

    pub(crate) fn of_floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        Self {
            kind: Kind::Float,
            dims,
            elements: Rc::new(Elements::Floats(values)),
            name: String::new(),
        }
    }

    pub(crate) fn ints(values: &[i64]) -> Self {
        let numbers = values.iter().map(|&v| Number::new(v as f64)).collect();
        Self::of_numbers(Kind::Int, vec![values.len()], numbers)
    }

    pub(crate) fn len(&self) -> usize {
        self.elements.len()
    }

    /// All elements as numbers; `None` for large tensors.
    pub(crate) fn numbers(&self) -> Option<Vec<Number>> {
        if self.len() > MAX_HOST_ELEMENTS {
            return None;
        }
        Some(match &*self.elements {
            Elements::Floats(values) => values.iter().map(|&v| Number::new(v.into())).collect(),
            Elements::Numbers(numbers) => numbers.clone(),
        })
    }

    /// All elements, none of which depends on the number of samples.
    pub(crate) fn floats(&self) -> Option<Vec<f32>> {
        match &*self.elements {
            Elements::Floats(values) => Some(values.clone()),
            Elements::Numbers(numbers) => numbers
                .iter()
                .map(|number| Some(number.fixed()? as f32))
                .collect(),
        }
    }

    /// The single element.
    pub(crate) fn scalar(&self) -> Option<f64> {
        match (&*self.elements, self.len()) {
            (Elements::Floats(values), 1) => Some(values[0].into()),
            (Elements::Numbers(numbers), 1) => numbers[0].fixed(),
            _ => None,
        }
    }

    /// All elements as whole numbers.
    pub(crate) fn whole(&self) -> Option<Vec<i64>> {
        let numbers = self.numbers()?;
        numbers
            .into_iter()
            .map(|number| number.fixed().map(|value| value as i64))
            .collect()
    }

    /// The same elements with other axes.
    pub(crate) fn with_dims(&self, dims: Vec<usize>) -> Self {
        Self {
            dims,
            ..self.clone()
        }
    }

    /// Elements of this tensor by their indices.
    pub(crate) fn take(&self, dims: Vec<usize>, indices: impl Iterator<Item = usize>) -> Self {
        let elements = match &*self.elements {
            Elements::Floats(values) => {
                Elements::Floats(indices.map(|index| values[index]).collect())
            }
            Elements::Numbers(numbers) => {
                Elements::Numbers(indices.map(|index| numbers[index]).collect())
            }
        };
        Self {
            kind: self.kind,
            dims,
            elements: Rc::new(elements),
            name: self.name.clone(),
        }
    }

    /// The elements at these indices of an axis.
    pub(crate) fn select(&self, axis: usize, indices: &[usize]) -> Self {
        let inner: usize = self.dims[axis + 1..].iter().product();
        let (outer, size): (usize, _) = (self.dims[..axis].iter().product(), self.dims[axis]);
        let mut dims = self.dims.clone();
        dims[axis] = indices.len();
        let all = (0..outer).flat_map(|outer| {
            indices.iter().flat_map(move |&at| {
                let start = (outer * size + at) * inner;
                start..start + inner
            })
        });
        self.take(dims, all)
    }

    /// The axes in another order.
    pub(crate) fn transpose(&self, order: &[usize]) -> Self {
        let strides = strides(&self.dims);
        let dims: Vec<usize> = order.iter().map(|&axis| self.dims[axis]).collect();
        let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
        let count = self.len();
        self.take(dims.clone(), positions(&dims, &strides, count))
    }

    /// Repeated to larger axes by broadcasting.
    pub(crate) fn broadcast(&self, dims: &[usize]) -> Self {
        let own = strides(&self.dims);
        let shift = dims.len() - self.dims.len();
        let strides: Vec<usize> = (0..dims.len())
            .map(|axis| match axis.checked_sub(shift) {
                Some(axis) if self.dims[axis] != 1 => own[axis],
                _ => 0,
            })
            .collect();
        let count = dims.iter().product();
        self.take(dims.to_vec(), positions(dims, &strides, count))
    }

    /// Tensors one after another along an axis, with the kind of the first.
    pub(crate) fn concatenate(parts: &[Self], axis: usize) -> Option<Self> {
        let first = parts.first()?;
        let fits = |part: &Self| {
            part.dims.len() == first.dims.len()
                && (0..first.dims.len()).all(|at| at == axis || part.dims[at] == first.dims[at])
        };
        if axis >= first.dims.len() || !parts.iter().all(fits) {
            return None;
        }
        let mut dims = first.dims.clone();
        dims[axis] = parts.iter().map(|part| part.dims[axis]).sum();
        let outer: usize = dims[..axis].iter().product();
        let mut numbers = Vec::new();
        let all: Option<Vec<_>> = parts.iter().map(Self::numbers).collect();
        let all = all?;
        for outer_at in 0..outer {
            for (part, all) in parts.iter().zip(&all) {
                let block: usize = part.dims[axis..].iter().product();
                numbers.extend_from_slice(&all[outer_at * block..(outer_at + 1) * block]);
            }
        }
        Some(Self::of_numbers(first.kind, dims, numbers))
    }
}

fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// The index of each element of a tensor with these axes, whose steps are `strides`.
fn positions<'a>(
    dims: &'a [usize],
    strides: &'a [usize],
    count: usize,
) -> impl Iterator<Item = usize> + 'a {
    (0..count).map(move |mut at| {
        let mut index = 0;
        for (size, stride) in dims.iter().zip(strides).rev() {
            index += at % size * stride;
            at /= size;
        }
        index
    })
}

/// The axes that two tensors have after broadcasting.
pub(crate) fn broadcast_dims(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    (0..rank)
        .map(|axis| {
            let size = |dims: &[usize]| {
                let at = (axis + dims.len()).checked_sub(rank);
                at.map_or(1, |at| dims[at])
            };
            match (size(a), size(b)) {
                (1, size) | (size, 1) => Some(size),
                (a, b) => (a == b).then_some(a),
            }
        })
        .collect()
}
