//! A parameter's value, out of the parameter.

use burn::{
    module::{Param, ParamId, ParamMapper},
    tensor::Tensor,
};

/// A value that its parameter no longer holds, so that it can be changed in its place: as long as both hold
/// it, a CPU backend copies the whole of it first, which took a tenth of a training step.
pub(super) struct Taken<const D: usize> {
    /// The value.
    pub(super) value: Tensor<D>,
    /// What puts another in.
    pub(super) rest: Rest<D>,
}

/// A parameter without its value.
pub(super) struct Rest<const D: usize> {
    id: ParamId,
    mapper: ParamMapper<Tensor<D>>,
}

impl<const D: usize> Taken<D> {
    /// Leaves a single number in the parameter, until [`Rest::put`] makes it anew.
    pub(super) fn from(parameter: &mut Param<Tensor<D>>) -> Self {
        let hollow = Tensor::empty([1; D], &parameter.val().device());
        let hollow = Param::initialized(parameter.id, hollow);
        let (id, value, mapper) = std::mem::replace(parameter, hollow).consume();
        Self {
            value,
            rest: Rest { id, mapper },
        }
    }
}

impl<const D: usize> Rest<D> {
    /// The parameter, with this value.
    pub(super) fn put(self, value: Tensor<D>) -> Param<Tensor<D>> {
        Param::from_mapped_value(self.id, value, self.mapper)
    }
}
