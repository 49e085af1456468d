//! A layer's parameters and their moments, moved out of the models that hold them.

use super::detached_param::{DetachedParam, ParamSlot};
use crate::cpu::{as_slice, update::adam_in_place};
use burn::{
    module::Param,
    nn::Linear,
    tensor::{Tensor, TensorData},
};
use kernels::{adam::AdamConstants, step::Layer};

/// The weight and the bias of a layer, each with its two moments.
pub(super) struct DetachedLayer {
    weight: DetachedTriple<2>,
    /// None for a layer without a bias.
    bias: Option<DetachedTriple<1>>,
}

impl DetachedLayer {
    /// Moves the values out of a layer of the model and of its first and second moments.
    pub(super) fn take([layer, first, second]: [&mut Linear; 3]) -> Self {
        let biases = (&mut layer.bias, &mut first.bias, &mut second.bias);
        Self {
            weight: DetachedTriple::take([
                &mut layer.weight,
                &mut first.weight,
                &mut second.weight,
            ]),
            bias: match biases {
                (Some(bias), Some(first), Some(second)) => {
                    Some(DetachedTriple::take([bias, first, second]))
                }
                _ => None,
            },
        }
    }

    /// A step of Adam along these gradients, of the weight and of the bias.
    pub(super) fn update(&mut self, constants: &AdamConstants, [weight, bias]: [&[f32]; 2]) {
        adam_in_place(constants, &mut self.weight.values, weight);
        if let Some(triple) = &mut self.bias {
            adam_in_place(constants, &mut triple.values, bias);
        }
    }

    /// Moves the values back.
    pub(super) fn attach(self, [layer, first, second]: [&mut Linear; 3]) {
        self.weight
            .attach([&mut layer.weight, &mut first.weight, &mut second.weight]);
        let biases = (&mut layer.bias, &mut first.bias, &mut second.bias);
        if let (Some(triple), (Some(bias), Some(first), Some(second))) = (self.bias, biases) {
            triple.attach([bias, first, second]);
        }
    }
}

impl Layer for DetachedLayer {
    fn weight(&self) -> &[f32] {
        as_slice(&self.weight.values[0])
    }

    fn bias(&self) -> Option<&[f32]> {
        self.bias.as_ref().map(|bias| as_slice(&bias.values[0]))
    }
}

/// A parameter and its two moments. The parameter records gradients, its moments do not.
struct DetachedTriple<const D: usize> {
    /// The values of the parameter, of the first and of the second moment.
    values: [TensorData; 3],
    slots: [ParamSlot<D>; 3],
}

impl<const D: usize> DetachedTriple<D> {
    fn take(parameters: [&mut Param<Tensor<D>>; 3]) -> Self {
        let [a, b, c] = parameters.map(|parameter| {
            let DetachedParam { value, slot } = DetachedParam::take(parameter);
            (value.inner().into_data(), slot)
        });
        Self {
            values: [a.0, b.0, c.0],
            slots: [a.1, b.1, c.1],
        }
    }

    fn attach(self, parameters: [&mut Param<Tensor<D>>; 3]) {
        let device = parameters[1].val().device();
        let [parameter, first, second] = parameters;
        let [w, m, v] = self.values.map(|data| Tensor::from_data(data, &device));
        let [slot_w, slot_m, slot_v] = self.slots;
        *parameter = slot_w.attach(Tensor::from_inner(w).require_grad());
        *first = slot_m.attach(m);
        *second = slot_v.attach(v);
    }
}
