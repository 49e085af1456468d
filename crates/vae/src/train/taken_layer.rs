//! A layer's numbers and those of its moments, out of the models that hold them.

use super::taken::{Rest, Taken};
use crate::host::training::Layer;
use burn::{
    module::Param,
    nn::Linear,
    tensor::{Tensor, TensorData},
};

/// The weights and the bias of a layer, each with its two moments.
pub(super) struct TakenLayer {
    pub(super) weight: TakenTrio<2>,
    /// None of a layer without.
    pub(super) bias: Option<TakenTrio<1>>,
}

impl TakenLayer {
    /// Of a layer of the model, of the first and of the second moment.
    pub(super) fn from([layer, first, second]: [&mut Linear; 3]) -> Self {
        let biases = (&mut layer.bias, &mut first.bias, &mut second.bias);
        Self {
            weight: TakenTrio::from([&mut layer.weight, &mut first.weight, &mut second.weight]),
            bias: match biases {
                (Some(bias), Some(first), Some(second)) => {
                    Some(TakenTrio::from([bias, first, second]))
                }
                _ => None,
            },
        }
    }

    /// Puts the numbers back.
    pub(super) fn put(self, [layer, first, second]: [&mut Linear; 3]) {
        self.weight
            .put([&mut layer.weight, &mut first.weight, &mut second.weight]);
        let biases = (&mut layer.bias, &mut first.bias, &mut second.bias);
        if let (Some(trio), (Some(bias), Some(first), Some(second))) = (self.bias, biases) {
            trio.put([bias, first, second]);
        }
    }
}

impl Layer for TakenLayer {
    fn weight(&self) -> &TensorData {
        &self.weight.all[0]
    }

    fn bias(&self) -> Option<&TensorData> {
        self.bias.as_ref().map(|bias| &bias.all[0])
    }
}

/// A parameter and its two moments. The parameter records gradients, its moments do not.
pub(super) struct TakenTrio<const D: usize> {
    all: [TensorData; 3],
    rests: [Rest<D>; 3],
}

impl<const D: usize> TakenTrio<D> {
    fn from(parameters: [&mut Param<Tensor<D>>; 3]) -> Self {
        let [a, b, c] = parameters.map(|parameter| {
            let Taken { value, rest } = Taken::from(parameter);
            (value.inner().into_data(), rest)
        });
        Self {
            all: [a.0, b.0, c.0],
            rests: [a.1, b.1, c.1],
        }
    }

    /// The numbers: of the parameter, of the first and of the second moment.
    pub(super) fn all(&mut self) -> &mut [TensorData; 3] {
        &mut self.all
    }

    fn put(self, parameters: [&mut Param<Tensor<D>>; 3]) {
        let device = parameters[1].val().device();
        let [parameter, first, second] = parameters;
        let [w, m, v] = self.all.map(|data| Tensor::from_data(data, &device));
        let [rest_w, rest_m, rest_v] = self.rests;
        *parameter = rest_w.put(Tensor::from_inner(w).require_grad());
        *first = rest_m.put(m);
        *second = rest_v.put(v);
    }
}
