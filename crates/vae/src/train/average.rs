//! An exponential moving average of the weights.

use super::detached_param::DetachedParam;
use crate::{KernelPath, Likelihood, Vae, cpu};
use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

/// An exponential moving average of a model's weights. While the learning rate is still high it is a better model than
/// that of the last step. It costs one pass over the weights per step.
#[derive(Debug, Clone)]
pub struct WeightAverage {
    model: Vae,
    decay: f64,
    steps: usize,
}

impl WeightAverage {
    /// Starts at `model`; `decay` is the weight of the old average in each update.
    pub fn new(model: &Vae, decay: f64) -> Self {
        Self {
            model: model.valid(),
            decay,
            steps: 0,
        }
    }

    /// Continues an average that was saved after `steps` updates.
    pub fn resumed(model: Vae, decay: f64, steps: usize) -> Self {
        Self {
            model: model.valid(),
            decay,
            steps,
        }
    }

    /// Sets how the updates are computed, and how the averaged model computes.
    pub(super) fn with_kernel_path(self, path: KernelPath) -> Self {
        Self {
            model: self.model.with_kernel_path(path),
            ..self
        }
    }

    /// Updates the average with the model after a step. The first updates have a higher weight, so that the random
    /// initial weights are forgotten early.
    pub fn update(&mut self, model: &Vae) {
        let (decay, path) = (self.next_decay(), model.kernel_path());
        let current = model.valid();
        for (average, current) in self.model.linears_mut().into_iter().zip(current.linears()) {
            average_param(&mut average.weight, &current.weight, decay, path);
            if let (Some(old), Some(new)) = (&mut average.bias, &current.bias) {
                average_param(old, new, decay, path);
            }
        }
    }

    /// As [`update`](Self::update), of a model whose tensors are not shared: a CPU backend then copies no weights.
    pub(super) fn update_from(&mut self, model: &mut Vae) {
        if !cpu::uses_kernels(&model.decoder.output.weight.val(), model.kernel_path()) {
            return self.update(model);
        }
        let decay = self.next_decay() as f32;
        let layers = self.model.linears_mut().into_iter();
        for (average, current) in layers.zip(model.linears_mut()) {
            average_param_in_place(&mut average.weight, &mut current.weight, decay);
            if let (Some(old), Some(new)) = (&mut average.bias, &mut current.bias) {
                average_param_in_place(old, new, decay);
            }
        }
    }

    /// Counts an update, and returns the weight of the old average in it.
    fn next_decay(&mut self) -> f64 {
        self.steps += 1;
        let steps = self.steps as f64;
        self.decay.min((1.0 + steps) / (10.0 + steps))
    }

    /// Replaces the averaged model's likelihood.
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

fn average_param<const D: usize>(
    old: &mut Param<Tensor<D>>,
    new: &Param<Tensor<D>>,
    decay: f64,
    path: KernelPath,
) {
    let DetachedParam { value, slot } = DetachedParam::take(old);
    *old = slot.attach(average(value, new.val(), decay, path));
}

/// As [`average_param`], for CPU tensors that [`cpu::uses_kernels`]; `new` records gradients.
fn average_param_in_place<const D: usize>(
    old: &mut Param<Tensor<D>>,
    new: &mut Param<Tensor<D>>,
    decay: f32,
) {
    let device = old.val().device();
    let (average, current) = (DetachedParam::take(old), DetachedParam::take(new));
    let mut values = average.value.into_data();
    let newest = current.value.inner().into_data();
    cpu::update::average_in_place(&mut values, &newest, decay);
    *old = average.slot.attach(Tensor::from_data(values, &device));
    let newest = Tensor::from_inner(Tensor::from_data(newest, &device));
    *new = current.slot.attach(newest.require_grad());
}

/// decay·old + (1 − decay)·new.
#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
fn average<const D: usize>(
    old: Tensor<D>,
    new: Tensor<D>,
    decay: f64,
    path: KernelPath,
) -> Tensor<D> {
    if cpu::is_cpu_f32(&old) {
        return cpu::update::average(old, new, decay as f32);
    }
    #[cfg(feature = "webgpu")]
    if crate::gpu::uses_kernels(&old, path) {
        return crate::gpu::average(old, new, decay as f32);
    }
    old.mul_scalar(decay) + new.mul_scalar(1.0 - decay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, VaeConfig};
    use burn::tensor::Device;

    #[test]
    fn weight_average_converges_to_a_constant_model() {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 4,
            convolution: None,
            network: None,
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
