//! The Adam optimizer (Kingma & Ba 2015).

use super::{
    share::{Helper, Share},
    taken::Taken,
    taken_layer::TakenLayer,
};
use crate::{
    Vae,
    host::{
        self,
        training::{Batch, Parts, Shape},
    },
};
use burn::{
    module::{Module, Param},
    tensor::{Gradients, Tensor},
};

/// β₁, the share of the first moment that each step keeps.
const BETA_1: f64 = 0.9;
/// β₂, the share of the second moment that each step keeps.
const BETA_2: f64 = 0.999;
/// ε, which keeps the quotient finite. The paper's and PyTorch's; burn's default is 1e-5.
const EPSILON: f64 = 1e-8;

/// Adam with the constants of the paper and of PyTorch; with weight decay it is AdamW (Loshchilov &
/// Hutter 2019).
///
/// It is our own because burn's reads and restores its state synchronously, which a browser's GPU
/// can't do: a training run that lives in a tab must be able to put its optimizer away. Its state
/// has the shape of the model it trains, so whatever stores a model stores it too.
#[derive(Debug, Clone)]
pub struct Adam {
    first_moment: Vae,
    second_moment: Vae,
    steps: u64,
    weight_decay: f64,
}

impl Adam {
    /// An optimizer that has seen no gradient, for models of the shape of `model`.
    pub fn new(model: &Vae) -> Self {
        let zeros = model
            .valid()
            .map_parameters(|weight| weight.zeros_like(), |bias| bias.zeros_like());
        Self {
            first_moment: zeros.clone(),
            second_moment: zeros,
            steps: 0,
            weight_decay: 0.0,
        }
    }

    /// Goes on from moments that were saved after `steps` steps.
    pub fn resumed(first_moment: Vae, second_moment: Vae, steps: u64) -> Self {
        Self {
            first_moment: first_moment.valid(),
            second_moment: second_moment.valid(),
            steps,
            weight_decay: 0.0,
        }
    }

    /// The same with weight decay: each step takes this share, times the learning rate, off each
    /// parameter.
    pub fn with_weight_decay(self, weight_decay: f64) -> Self {
        Self {
            weight_decay,
            ..self
        }
    }

    /// The running mean of the gradients, in the shape of the model.
    pub fn first_moment(&self) -> &Vae {
        &self.first_moment
    }

    /// The running mean of the squared gradients, in the shape of the model.
    pub fn second_moment(&self) -> &Vae {
        &self.second_moment
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The model after one step. A parameter without a gradient stays as it is.
    pub fn step(&mut self, mut model: Vae, gradients: Gradients, learning_rate: f64) -> Vae {
        self.step_in_place(&mut model, gradients, learning_rate);
        model
    }

    /// As [`step`](Self::step), of a model that is changed in its place.
    pub(super) fn step_in_place(
        &mut self,
        model: &mut Vae,
        mut gradients: Gradients,
        learning_rate: f64,
    ) {
        let update = self.next_update(learning_rate);
        let moments = self
            .first_moment
            .linears_mut()
            .into_iter()
            .zip(self.second_moment.linears_mut());
        for (layer, (first, second)) in model.linears_mut().into_iter().zip(moments) {
            update.apply(
                &mut layer.weight,
                &mut first.weight,
                &mut second.weight,
                &mut gradients,
            );
            if let (Some(bias), Some(first), Some(second)) =
                (&mut layer.bias, &mut first.bias, &mut second.bias)
            {
                update.apply(bias, first, second, &mut gradients);
            }
        }
    }

    /// A step on a batch of a model whose numbers [`host::holds`]: each layer is changed as soon as its
    /// gradient is known. Gives the parts of the ELBO before the step.
    pub(super) fn step_on_host(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        beta: f64,
        learning_rate: f64,
    ) -> Parts {
        let constants = self.next_update(learning_rate).constants();
        let shape = Shape::of(model);
        let mut layers = self.take_layers(model);
        let parts = host::training::pass(shape, &mut layers, batch, beta, |layer, gradient| {
            layer.update(&constants, [gradient.weight, gradient.bias]);
        });
        self.put_layers(model, layers);
        parts
    }

    /// The same, with the second half of the batch computed by a helper, or here when that is lost. To be awaited
    /// to its end: meanwhile the model has no numbers.
    pub(super) async fn step_with_helper(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        beta: f64,
        learning_rate: f64,
        helper: &mut impl Helper,
    ) -> Parts {
        let constants = self.next_update(learning_rate).constants();
        let shape = Shape::of(model);
        let mut layers = self.take_layers(model);
        let [own, theirs] = batch.split_at(batch.n.div_ceil(2));
        let share = Share::new(shape, &layers, &theirs, beta);
        helper.begin(&share);
        let own = Share::new(shape, &layers, &own, beta).gradients();
        let theirs = match helper.finish().await {
            Some(found) => found,
            None => share.gradients(),
        };
        for ((layer, mut own), theirs) in layers.iter_mut().zip(own.layers).zip(&theirs.layers) {
            for (own, theirs) in own.iter_mut().zip(theirs) {
                own.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
            }
            layer.update(&constants, own.each_ref().map(Vec::as_slice));
        }
        self.put_layers(model, layers);
        let mut parts = own.parts;
        parts.reconstruction.extend(theirs.parts.reconstruction);
        parts.kl.extend(theirs.parts.kl);
        parts
    }

    /// The numbers of the model and of both moments, layer by layer, out of them.
    fn take_layers(&mut self, model: &mut Vae) -> Vec<TakenLayer> {
        let moments = self
            .first_moment
            .linears_mut()
            .into_iter()
            .zip(self.second_moment.linears_mut());
        let all = model.linears_mut().into_iter().zip(moments);
        all.map(|(layer, (first, second))| TakenLayer::from([layer, first, second]))
            .collect()
    }

    /// Puts back what [`take_layers`](Self::take_layers) took.
    fn put_layers(&mut self, model: &mut Vae, layers: Vec<TakenLayer>) {
        let moments = self
            .first_moment
            .linears_mut()
            .into_iter()
            .zip(self.second_moment.linears_mut());
        let places = model.linears_mut().into_iter().zip(moments);
        for (layer, (place, (first, second))) in layers.into_iter().zip(places) {
            layer.put([place, first, second]);
        }
    }

    /// Counts a step.
    fn next_update(&mut self, learning_rate: f64) -> Update {
        self.steps += 1;
        let steps = self.steps.min(i32::MAX as u64) as i32;
        let root = (1.0 - BETA_2.powi(steps)).sqrt();
        Update {
            rate: learning_rate * root / (1.0 - BETA_1.powi(steps)),
            epsilon: EPSILON * root,
            keep: 1.0 - learning_rate * self.weight_decay,
        }
    }
}

/// The numbers of one step that all parameters share.
struct Update {
    /// The learning rate with both bias corrections.
    rate: f64,
    /// ε with the second moment's correction.
    epsilon: f64,
    /// The share of a parameter that weight decay leaves.
    keep: f64,
}

impl Update {
    fn constants(&self) -> host::adam::Constants {
        host::adam::Constants {
            betas: [BETA_1 as f32, BETA_2 as f32],
            rate: self.rate as f32,
            epsilon: self.epsilon as f32,
            keep: self.keep as f32,
        }
    }

    fn apply<const D: usize>(
        &self,
        parameter: &mut Param<Tensor<D>>,
        first: &mut Param<Tensor<D>>,
        second: &mut Param<Tensor<D>>,
        gradients: &mut Gradients,
    ) {
        let Some(gradient) = parameter.val().grad_remove(gradients) else {
            return;
        };
        let taken = Taken::from(parameter);
        let (m, v) = (Taken::from(first), Taken::from(second));
        let before = [taken.value.inner(), m.value, v.value];
        let [changed, new_m, new_v] = self.after(before, gradient);
        *first = m.rest.put(new_m);
        *second = v.rest.put(new_v);
        *parameter = taken.rest.put(Tensor::from_inner(changed).require_grad());
    }

    /// The parameter and its two moments after the step.
    fn after<const D: usize>(&self, before: [Tensor<D>; 3], gradient: Tensor<D>) -> [Tensor<D>; 3] {
        if host::holds(&gradient) {
            return host::adam::update(&self.constants(), before, gradient);
        }
        #[cfg(feature = "webgpu")]
        if crate::gpu::holds(&gradient) {
            return crate::gpu::adam(&self.constants(), before, gradient);
        }
        self.by_tensors(before, gradient)
    }

    /// The same by burn's operations.
    fn by_tensors<const D: usize>(
        &self,
        [parameter, first, second]: [Tensor<D>; 3],
        gradient: Tensor<D>,
    ) -> [Tensor<D>; 3] {
        let m = first * BETA_1 + gradient.clone() * (1.0 - BETA_1);
        let v = second * BETA_2 + gradient.square() * (1.0 - BETA_2);
        let change = m.clone() / (v.clone().sqrt() + self.epsilon) * self.rate;
        let kept = if self.keep < 1.0 {
            parameter * self.keep
        } else {
            parameter
        };
        [kept - change, m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn one_pass_and_whole_tensors_come_to_the_same() {
        let update = Update {
            rate: 3e-3,
            epsilon: 1e-9,
            keep: 0.99,
        };
        let tensor = |numbers: [f32; 4]| Tensor::<1>::from_floats(numbers, &Device::flex());
        let before = || {
            [
                tensor([0.5, -0.25, 3.0, 0.0]),
                tensor([0.1, 0.0, -1.0, 2.0]),
                tensor([0.01, 0.0, 4.0, 0.5]),
            ]
        };
        let gradient = || tensor([0.3, 0.0, -7.0, 1e-6]);
        let one_pass = host::adam::update(&update.constants(), before(), gradient());
        let whole = update.by_tensors(before(), gradient());
        for (one_pass, whole) in one_pass.into_iter().zip(whole) {
            let found = one_pass.into_data();
            let expected = whole.into_data();
            for (found, expected) in found.iter::<f32>().zip(expected.iter::<f32>()) {
                let bound = 1e-6 * expected.abs();
                assert!((found - expected).abs() <= bound, "{found} and {expected}");
            }
        }
    }
}
