//! A parameter's value, moved out of the parameter.

use burn::{
    module::{Param, ParamId, ParamMapper},
    tensor::Tensor,
};

/// A value that was moved out of its parameter, so that it can be updated in place: while a parameter also holds the
/// value, a CPU backend copies all of it first, which took a tenth of a training step.
pub(super) struct DetachedParam<const D: usize> {
    /// The value.
    pub(super) value: Tensor<D>,
    /// The parameter without its value.
    pub(super) slot: ParamSlot<D>,
}

/// A parameter's identity, from which it is rebuilt with another value.
pub(super) struct ParamSlot<const D: usize> {
    id: ParamId,
    mapper: ParamMapper<Tensor<D>>,
}

impl<const D: usize> DetachedParam<D> {
    /// Moves the value out; `parameter` holds a placeholder of one element until [`ParamSlot::attach`] replaces it.
    pub(super) fn take(parameter: &mut Param<Tensor<D>>) -> Self {
        let placeholder = Tensor::empty([1; D], &parameter.val().device());
        let placeholder = Param::initialized(parameter.id, placeholder);
        let (id, value, mapper) = std::mem::replace(parameter, placeholder).consume();
        Self {
            value,
            slot: ParamSlot { id, mapper },
        }
    }
}

impl<const D: usize> ParamSlot<D> {
    /// The parameter with this value.
    pub(super) fn attach(self, value: Tensor<D>) -> Param<Tensor<D>> {
        Param::from_mapped_value(self.id, value, self.mapper)
    }
}
