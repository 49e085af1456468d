//! The condition of a conditional VAE: class weights beside the image or z.

use burn::tensor::{Device, Tensor, TensorData};

/// The condition c of q(z|x, c) and p(x|z, c): a weight for each class, appended to the inputs of encoder and decoder (the
/// conditional VAE of Sohn, Lee & Yan 2015). A one-hot row is a label; a mixture interpolates between labels.
/// Unconditional models take [`Condition::none`].
#[derive(Debug, Clone, Default)]
pub struct Condition(Option<Tensor<2>>);

impl Condition {
    /// The condition of an unconditional model.
    pub fn none() -> Self {
        Self(None)
    }

    /// A label for each image, as one-hot rows `[n, classes]`; an invalid label has a row of zeros. None if `classes` is 0.
    pub fn of_labels(labels: &[u8], classes: usize, device: &Device) -> Self {
        let mut weights = vec![0.0; labels.len() * classes];
        if classes > 0 {
            for (row, &label) in weights.chunks_exact_mut(classes).zip(labels) {
                if let Some(weight) = row.get_mut(usize::from(label)) {
                    *weight = 1.0;
                }
            }
        }
        Self::from_rows(weights, classes, device)
    }

    /// The same class weights, `[classes]`, for each of `n` images. None if there are no weights.
    pub fn shared(weights: &[f32], n: usize, device: &Device) -> Self {
        Self::from_rows(weights.repeat(n), weights.len(), device)
    }

    fn from_rows(weights: Vec<f32>, classes: usize, device: &Device) -> Self {
        Self((classes > 0).then(|| {
            let n = weights.len() / classes;
            Tensor::from_data(TensorData::new(weights, [n, classes]), device)
        }))
    }

    /// The class weights, `[n, classes]`; `None` for an unconditional model.
    pub(crate) fn rows(&self) -> Option<Tensor<2>> {
        self.0.clone()
    }

    /// Number of classes; 0 for an unconditional model.
    pub(crate) fn classes(&self) -> usize {
        self.0.as_ref().map_or(0, |weights| weights.dims()[1])
    }

    /// The condition of these images of the batch.
    pub(crate) fn rows_in(&self, range: std::ops::Range<usize>) -> Self {
        Self(self.0.clone().map(|weights| weights.slice([range])))
    }

    /// The same condition, detached from the autodiff graph.
    pub(crate) fn inner(&self) -> Self {
        Self(self.0.clone().map(Tensor::inner))
    }

    /// The condition of each image `times` times in a row.
    pub(crate) fn repeated(&self, times: usize) -> Self {
        Self(self.0.clone().map(|weights| repeat_rows(weights, times)))
    }

    /// The class weights, `[n, classes]`, appended to `values`.
    ///
    /// # Shapes
    /// - `values`: `[n, d]`
    /// - result: `[n, d + classes]`
    pub(crate) fn append_to(&self, values: Tensor<2>) -> Tensor<2> {
        match &self.0 {
            Some(weights) => Tensor::cat(vec![values, weights.clone()], 1),
            None => values,
        }
    }
}

/// Each row `times` times in a row: `[n, d]` to `[n · times, d]`.
pub(crate) fn repeat_rows(rows: Tensor<2>, times: usize) -> Tensor<2> {
    let [n, d] = rows.dims();
    rows.unsqueeze_dim::<3>(1)
        .repeat_dim(1, times)
        .reshape([n * times, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Likelihood, Noise, Vae, VaeConfig};

    fn config(classes: usize) -> VaeConfig {
        VaeConfig {
            input_size: 6,
            convolution: None,
            network: None,
            encoder_hidden: vec![5],
            decoder_hidden: vec![4],
            latent_size: 2,
            classes,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        }
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter().collect()
    }

    #[test]
    fn condition_appends_one_hot_labels_and_shared_weights() {
        let device = Device::flex();
        let empty = || Tensor::<2>::zeros([2, 1], &device);
        let labels = Condition::of_labels(&[2, 7], 3, &device);
        assert_eq!(
            values(labels.append_to(empty())),
            [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
        );
        let shared = Condition::shared(&[0.25, 0.75], 2, &device);
        assert_eq!(
            values(shared.append_to(empty())),
            [0.0, 0.25, 0.75, 0.0, 0.25, 0.75]
        );
        for none in [
            Condition::none(),
            Condition::shared(&[], 2, &device),
            Condition::of_labels(&[1, 2], 0, &device),
        ] {
            assert_eq!(none.append_to(empty()).dims(), [2, 1]);
        }
    }

    #[test]
    fn condition_widens_the_first_layers_of_both_networks() {
        let shapes = config(3).parameter_shapes();
        let shape = |name: &str| {
            let found = shapes.iter().find(|(of, _)| of == name);
            found.expect("a parameter").1.clone()
        };
        assert_eq!(shape("encoder.layers.0.weight"), [5, 9]);
        assert_eq!(shape("decoder.layers.0.weight"), [4, 5]);
        assert_eq!(shape("encoder.mu.weight"), [2, 5]);
        assert_eq!(shape("decoder.output.weight"), [6, 4]);
        let device = Device::flex();
        for classes in [0, 3] {
            let model = Vae::init(&config(classes), 1, &device).expect("valid");
            assert_eq!(model.config(), config(classes));
        }
        // Without hidden layers, the heads and the output are the first layers.
        let bare = VaeConfig {
            convolution: None,
            network: None,
            encoder_hidden: vec![],
            decoder_hidden: vec![],
            ..config(3)
        };
        assert_eq!(Vae::init(&bare, 1, &device).expect("valid").config(), bare);
    }

    /// Wᵀ(z, c) = W_zᵀ z + Σ_k c_k w_k: the condition adds a mixture of the rows of the classes.
    #[test]
    fn condition_adds_a_mixture_of_the_class_weights() {
        let device = Device::flex();
        let model = Vae::init(&config(3), 4, &device).expect("valid");
        let z = Noise::seeded(1, 0).normal([2, 2], &device);
        let mix = [0.0, 0.25, 0.75];
        let found = model
            .decoder
            .forward(z.clone(), &Condition::shared(&mix, 2, &device));

        let first = &model.decoder.layers[0];
        let weight = values(first.weight.val()); // [2 + 3, 4]
        let bias = values(first.bias.clone().expect("has one").val());
        let z = values(z);
        let hidden: Vec<f32> = (0..2 * 4)
            .map(|i| {
                let (row, unit) = (i / 4, i % 4);
                let of_z: f32 = (0..2).map(|d| z[row * 2 + d] * weight[d * 4 + unit]).sum();
                let of_c: f32 = (0..3).map(|k| mix[k] * weight[(2 + k) * 4 + unit]).sum();
                (of_z + of_c + bias[unit]).tanh()
            })
            .collect();
        let hidden = Tensor::<2>::from_data(TensorData::new(hidden, [2, 4]), &device);
        let expected = values(model.decoder.output.forward(hidden));
        for (found, expected) in values(found).iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        }
    }
}
