//! The Adam optimizer (Kingma & Ba 2015).

use super::{
    batch_shard::BatchShard, detached_layer::DetachedLayer, detached_param::DetachedParam,
    gradient_worker::GradientWorker,
};
use crate::{KernelPath, Vae, cpu};
use burn::{
    module::{Module, Param},
    tensor::{Gradients, Tensor},
};
use kernels::{
    adam::AdamConstants,
    step::{
        Batch, ElboTerms, ImportanceTerms, LatentPoints, Layer, forward_backward,
        forward_backward_exact, forward_backward_importance,
    },
};

/// β₁, the decay rate of the first moment.
const BETA_1: f64 = 0.9;
/// β₂, the decay rate of the second moment.
const BETA_2: f64 = 0.999;
/// ε, added to the denominator. The paper's and PyTorch's value; burn's default is 1e-5.
const EPSILON: f64 = 1e-8;

/// Adam with the constants of the paper and of PyTorch; with weight decay it is AdamW (Loshchilov &
/// Hutter 2019).
///
/// burn's own optimizer reads and restores its state synchronously, which is impossible on a browser's GPU, and a run
/// in a tab must be able to save its optimizer. The state here has the shape of the model, so the code that stores a
/// model also stores it.
#[derive(Debug, Clone)]
pub struct Adam {
    first_moment: Vae,
    second_moment: Vae,
    steps: u64,
    weight_decay: f64,
}

impl Adam {
    /// An optimizer with zero moments, for models of the shape of `model`.
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

    /// An optimizer with moments that were saved after `steps` steps.
    pub fn resumed(first_moment: Vae, second_moment: Vae, steps: u64) -> Self {
        Self {
            first_moment: first_moment.valid(),
            second_moment: second_moment.valid(),
            steps,
            weight_decay: 0.0,
        }
    }

    /// Sets the weight decay λ: each step multiplies each parameter by 1 − learning rate × λ.
    pub fn with_weight_decay(self, weight_decay: f64) -> Self {
        Self {
            weight_decay,
            ..self
        }
    }

    /// Sets how the updates are computed.
    pub(super) fn with_kernel_path(self, path: KernelPath) -> Self {
        Self {
            first_moment: self.first_moment.with_kernel_path(path),
            second_moment: self.second_moment.with_kernel_path(path),
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

    /// The model after one step. A parameter without a gradient is unchanged.
    pub fn step(&mut self, mut model: Vae, gradients: Gradients, learning_rate: f64) -> Vae {
        self.step_in_place(&mut model, gradients, learning_rate);
        model
    }

    /// As [`step`](Self::step), in place.
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

    /// A step on a batch, of a model that [`cpu::uses_kernels`]: each layer is updated as soon as its gradient is
    /// known. Returns the terms of the ELBO before the step.
    pub(super) fn step_on_cpu(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        beta: f64,
        learning_rate: f64,
    ) -> ElboTerms {
        let constants = self.next_update(learning_rate).constants();
        let config = model.step_config(beta);
        let mut layers = self.detach_layers(model);
        let elbo = forward_backward(&config, &mut layers, batch, |layer, gradient| {
            layer.update(&constants, [gradient.weight, gradient.bias]);
        });
        self.attach_layers(model, layers);
        elbo
    }

    /// As [`step_on_cpu`](Self::step_on_cpu), for the importance-weighted bound.
    pub(super) fn importance_step_on_cpu(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        samples: usize,
        learning_rate: f64,
    ) -> ImportanceTerms {
        let constants = self.next_update(learning_rate).constants();
        let config = model.step_config(1.0);
        let mut layers = self.detach_layers(model);
        let terms =
            forward_backward_importance(&config, &mut layers, batch, samples, |layer, gradient| {
                layer.update(&constants, [gradient.weight, gradient.bias])
            });
        self.attach_layers(model, layers);
        terms
    }

    /// As [`step_on_cpu`](Self::step_on_cpu), for log p(x) by quadrature; the encoder follows by the ELBO. Returns the
    /// terms of the ELBO and log p(x) of each image, both before the step.
    pub(super) fn exact_step_on_cpu(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        points: LatentPoints<'_>,
        learning_rate: f64,
    ) -> (ElboTerms, Vec<f32>) {
        let constants = self.next_update(learning_rate).constants();
        let config = model.step_config(1.0);
        let mut layers = self.detach_layers(model);
        let encoder = config.encoder_layer_count();
        let mut halves: Vec<Half<'_>> = layers
            .iter_mut()
            .enumerate()
            .map(|(index, layer)| Half {
                layer,
                is_updated: index < encoder,
            })
            .collect();
        let elbo = forward_backward(&config, &mut halves, batch, |half, gradient| {
            if half.is_updated {
                let gradient = [gradient.weight, gradient.bias];
                half.layer.update(&constants, gradient);
            }
        });
        let log_evidence = forward_backward_exact(
            &config,
            &mut layers[encoder..],
            batch.x,
            batch.n,
            points,
            |layer, gradient| layer.update(&constants, [gradient.weight, gradient.bias]),
        );
        self.attach_layers(model, layers);
        (elbo, log_evidence)
    }

    /// As [`step_on_cpu`](Self::step_on_cpu), with the second part of the batch computed by a worker, or here when the
    /// worker is lost. The future must be awaited to its end: until then the model's parameters are detached.
    pub(super) async fn step_with_worker(
        &mut self,
        model: &mut Vae,
        batch: &Batch<'_>,
        beta: f64,
        learning_rate: f64,
        worker: &mut dyn GradientWorker,
    ) -> ElboTerms {
        let constants = self.next_update(learning_rate).constants();
        let config = model.step_config(beta);
        let mut layers = self.detach_layers(model);
        let [local, remote] = batch.split_at(worker.local_images(batch.n));
        let remote = BatchShard::new(&config, &layers, &remote);
        worker.begin(&remote);
        let mut gradients = BatchShard::new(&config, &layers, &local).gradients();
        gradients.add(match worker.finish().await {
            Some(remote) => remote,
            None => remote.gradients(),
        });
        for (layer, sums) in layers.iter_mut().zip(&gradients.layers) {
            layer.update(&constants, sums.each_ref().map(Vec::as_slice));
        }
        self.attach_layers(model, layers);
        gradients.elbo
    }

    /// Moves the values of the model and of both moments out, layer by layer.
    fn detach_layers(&mut self, model: &mut Vae) -> Vec<DetachedLayer> {
        let moments = self
            .first_moment
            .linears_mut()
            .into_iter()
            .zip(self.second_moment.linears_mut());
        let all = model.linears_mut().into_iter().zip(moments);
        all.map(|(layer, (first, second))| DetachedLayer::take([layer, first, second]))
            .collect()
    }

    /// Moves the values back that [`detach_layers`](Self::detach_layers) moved out.
    fn attach_layers(&mut self, model: &mut Vae, layers: Vec<DetachedLayer>) {
        let moments = self
            .first_moment
            .linears_mut()
            .into_iter()
            .zip(self.second_moment.linears_mut());
        let slots = model.linears_mut().into_iter().zip(moments);
        for (layer, (slot, (first, second))) in layers.into_iter().zip(slots) {
            layer.attach([slot, first, second]);
        }
    }

    /// Counts a step and computes its constants (Kingma & Ba, section 2, the efficient order of computation).
    fn next_update(&mut self, learning_rate: f64) -> Update {
        self.steps += 1;
        let steps = self.steps.min(i32::MAX as u64) as i32;
        let root = (1.0 - BETA_2.powi(steps)).sqrt();
        Update {
            step_size: learning_rate * root / (1.0 - BETA_1.powi(steps)),
            epsilon: EPSILON * root,
            decay_factor: 1.0 - learning_rate * self.weight_decay,
            #[cfg(feature = "webgpu")]
            kernel_path: self.first_moment.kernel_path(),
        }
    }
}

/// A layer in a step that updates one half of the model.
struct Half<'a> {
    layer: &'a mut DetachedLayer,
    is_updated: bool,
}

impl Layer for Half<'_> {
    fn weight(&self) -> &[f32] {
        self.layer.weight()
    }

    fn bias(&self) -> Option<&[f32]> {
        self.layer.bias()
    }
}

/// The constants of one step in double precision; see [`AdamConstants`].
struct Update {
    step_size: f64,
    epsilon: f64,
    decay_factor: f64,
    #[cfg(feature = "webgpu")]
    kernel_path: KernelPath,
}

impl Update {
    fn constants(&self) -> AdamConstants {
        AdamConstants {
            betas: [BETA_1 as f32, BETA_2 as f32],
            step_size: self.step_size as f32,
            epsilon: self.epsilon as f32,
            decay_factor: self.decay_factor as f32,
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
        let w = DetachedParam::take(parameter);
        let (m, v) = (DetachedParam::take(first), DetachedParam::take(second));
        let before = [w.value.inner(), m.value, v.value];
        let [new_w, new_m, new_v] = self.step(before, gradient);
        *first = m.slot.attach(new_m);
        *second = v.slot.attach(new_v);
        *parameter = w.slot.attach(Tensor::from_inner(new_w).require_grad());
    }

    /// The parameter and its two moments after the step.
    fn step<const D: usize>(&self, before: [Tensor<D>; 3], gradient: Tensor<D>) -> [Tensor<D>; 3] {
        if cpu::is_cpu_f32(&gradient) {
            return cpu::update::adam(&self.constants(), before, gradient);
        }
        #[cfg(feature = "webgpu")]
        if crate::gpu::uses_kernels(&gradient, self.kernel_path) {
            return crate::gpu::adam(&self.constants(), before, gradient);
        }
        self.step_by_tensor_ops(before, gradient)
    }

    /// As [`step`](Self::step), by burn's operations: the reference.
    fn step_by_tensor_ops<const D: usize>(
        &self,
        [parameter, first, second]: [Tensor<D>; 3],
        gradient: Tensor<D>,
    ) -> [Tensor<D>; 3] {
        let m = first * BETA_1 + gradient.clone() * (1.0 - BETA_1);
        let v = second * BETA_2 + gradient.square() * (1.0 - BETA_2);
        let change = m.clone() / (v.clone().sqrt() + self.epsilon) * self.step_size;
        let decayed = if self.decay_factor < 1.0 {
            parameter * self.decay_factor
        } else {
            parameter
        };
        [decayed - change, m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn adam_kernel_agrees_with_tensor_operations() {
        let update = Update {
            step_size: 3e-3,
            epsilon: 1e-9,
            decay_factor: 0.99,
            #[cfg(feature = "webgpu")]
            kernel_path: KernelPath::Fused,
        };
        let tensor = |values: [f32; 4]| Tensor::<1>::from_floats(values, &Device::flex());
        let before = || {
            [
                tensor([0.5, -0.25, 3.0, 0.0]),
                tensor([0.1, 0.0, -1.0, 2.0]),
                tensor([0.01, 0.0, 4.0, 0.5]),
            ]
        };
        let gradient = || tensor([0.3, 0.0, -7.0, 1e-6]);
        let fused = cpu::update::adam(&update.constants(), before(), gradient());
        let reference = update.step_by_tensor_ops(before(), gradient());
        for (fused, reference) in fused.into_iter().zip(reference) {
            let found = fused.into_data();
            let expected = reference.into_data();
            for (found, expected) in found.iter::<f32>().zip(expected.iter::<f32>()) {
                let bound = 1e-6 * expected.abs();
                assert!((found - expected).abs() <= bound, "{found} and {expected}");
            }
        }
    }
}
