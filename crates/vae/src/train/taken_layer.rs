//! A layer's numbers and those of its moments, out of the models that hold them.

use super::taken::{Rest, Taken};
use crate::host::{
    adam::{Constants, update_data},
    floats,
    training::Layer,
};
use burn::{
    module::Param,
    nn::Linear,
    tensor::{Tensor, TensorData},
};

/// The weights and the bias of a layer, each with its two moments.
pub(super) struct TakenLayer {
    weight: TakenTrio<2>,
    /// None of a layer without.
    bias: Option<TakenTrio<1>>,
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

    /// A step along these gradients, of the weight and of the bias.
    pub(super) fn update(&mut self, constants: &Constants, [weight, bias]: [&[f32]; 2]) {
        update_data(constants, &mut self.weight.all, weight);
        if let Some(trio) = &mut self.bias {
            update_data(constants, &mut trio.all, bias);
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
    fn weight(&self) -> &[f32] {
        floats(&self.weight.all[0])
    }

    fn bias(&self) -> Option<&[f32]> {
        self.bias.as_ref().map(|bias| floats(&bias.all[0]))
    }
}

/// A parameter and its two moments. The parameter records gradients, its moments do not.
struct TakenTrio<const D: usize> {
    /// The numbers: of the parameter, of the first and of the second moment.
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
