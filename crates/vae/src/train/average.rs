//! A running average of the weights.

use super::taken::Taken;
use crate::{Likelihood, Vae, host};
use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

/// An exponential moving average of a model's weights. It is a better model than the last step's
/// while the learning rate is still high, at the cost of one pass over the weights a step.
#[derive(Debug, Clone)]
pub struct WeightAverage {
    model: Vae,
    decay: f64,
    steps: usize,
}

impl WeightAverage {
    /// Starts at `model`; `decay` is the share of the old average that each update keeps.
    pub fn new(model: &Vae, decay: f64) -> Self {
        Self {
            model: model.valid(),
            decay,
            steps: 0,
        }
    }

    /// Goes on from an average that was saved after `steps` updates.
    pub fn resumed(model: Vae, decay: f64, steps: usize) -> Self {
        Self {
            model: model.valid(),
            decay,
            steps,
        }
    }

    /// Takes the model after a step into the average. The first updates weigh more, so that the
    /// random start is soon forgotten.
    pub fn update(&mut self, model: &Vae) {
        let keep = self.next_share();
        let current = model.valid();
        for (average, current) in self.model.linears_mut().into_iter().zip(current.linears()) {
            take_in(&mut average.weight, &current.weight, keep);
            if let (Some(old), Some(new)) = (&mut average.bias, &current.bias) {
                take_in(old, new, keep);
            }
        }
    }

    /// As [`update`](Self::update), of a model that nobody else has: a CPU backend copies no weight then.
    pub(super) fn update_from(&mut self, model: &mut Vae) {
        if !host::is_fast_for(&model.decoder.output.weight.val()) {
            return self.update(model);
        }
        let keep = self.next_share() as f32;
        let layers = self.model.linears_mut().into_iter();
        for (average, current) in layers.zip(model.linears_mut()) {
            take_in_place(&mut average.weight, &mut current.weight, keep);
            if let (Some(old), Some(new)) = (&mut average.bias, &mut current.bias) {
                take_in_place(old, new, keep);
            }
        }
    }

    /// Counts an update, and says which share of the old average it keeps.
    fn next_share(&mut self) -> f64 {
        self.steps += 1;
        let steps = self.steps as f64;
        self.decay.min((1.0 + steps) / (10.0 + steps))
    }

    /// Gives the averaged model this likelihood.
    pub(super) fn set_likelihood(&mut self, likelihood: Likelihood) {
        self.model.likelihood = likelihood;
    }

    /// The averaged model; it records no gradients.
    pub fn model(&self) -> &Vae {
        &self.model
    }

    /// Number of updates so far.
    pub fn steps(&self) -> usize {
        self.steps
    }
}

fn take_in<const D: usize>(old: &mut Param<Tensor<D>>, new: &Param<Tensor<D>>, keep: f64) {
    let Taken { value, rest } = Taken::from(old);
    *old = rest.put(towards(value, new.val(), keep));
}

/// The same where the numbers of both lie in this program's memory; `new` records gradients.
fn take_in_place<const D: usize>(
    old: &mut Param<Tensor<D>>,
    new: &mut Param<Tensor<D>>,
    keep: f32,
) {
    let device = old.val().device();
    let (average, current) = (Taken::from(old), Taken::from(new));
    let mut values = average.value.into_data();
    let newest = current.value.inner().into_data();
    host::adam::average_data(&mut values, &newest, keep);
    *old = average.rest.put(Tensor::from_data(values, &device));
    let newest = Tensor::from_inner(Tensor::from_data(newest, &device));
    *new = current.rest.put(newest.require_grad());
}

/// keep·old + (1 − keep)·new.
fn towards<const D: usize>(old: Tensor<D>, new: Tensor<D>, keep: f64) -> Tensor<D> {
    if host::holds(&old) {
        return host::adam::average(old, new, keep as f32);
    }
    #[cfg(feature = "webgpu")]
    if crate::gpu::holds(&old) {
        return crate::gpu::average(old, new, keep as f32);
    }
    old.mul_scalar(keep) + new.mul_scalar(1.0 - keep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, VaeConfig};
    use burn::tensor::Device;

    #[test]
    fn converges_to_a_model_that_stands_still() {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 4,
            encoder_hidden: vec![3],
            decoder_hidden: vec![],
            latent_size: 2,
            classes: 0,
            activation: Activation::Relu,
            likelihood: Likelihood::Bernoulli,
        };
        let start = Vae::init(&config, 1, &device).expect("valid");
        let end = Vae::init(&config, 2, &device).expect("valid");
        let mut average = WeightAverage::new(&start, 0.9);
        let distance = |model: &Vae| {
            (model.encoder.mu.weight.val() - end.encoder.mu.weight.val())
                .abs()
                .max()
                .into_scalar::<f32>()
        };
        let before = distance(average.model());
        (0..100).for_each(|_| average.update(&end));
        assert!(before > 0.05 && distance(average.model()) < before * 1e-3);
    }
}
