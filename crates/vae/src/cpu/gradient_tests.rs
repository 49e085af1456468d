//! The gradients of [`kernels::step`] against automatic differentiation of [`Vae::elbo`].

use super::to_vec;
use crate::{
    Activation, ChannelScales, Condition, ConvolutionConfig, ElboParts, ImageShape, KernelPath,
    Likelihood, Noise, Vae, VaeConfig,
};
use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Gradients, Tensor, TensorData},
};
use kernels::step::{Batch, ElboTerms, Layer, LayerGradient, forward_backward};

/// A layer that stores the gradient it receives.
struct Probe {
    weight: Vec<f32>,
    bias: Vec<f32>,
    found: [Vec<f32>; 2],
}

impl Probe {
    fn of(layer: &Linear) -> Self {
        let bias = layer.bias.as_ref().expect("has one");
        Self {
            weight: to_vec(layer.weight.val()),
            bias: to_vec(bias.val()),
            found: Default::default(),
        }
    }
}

impl Layer for Probe {
    fn weight(&self) -> &[f32] {
        &self.weight
    }

    fn bias(&self) -> Option<&[f32]> {
        Some(&self.bias)
    }
}

/// A model, a batch, and β.
struct Case {
    config: VaeConfig,
    n: usize,
    beta: f64,
    /// Factor on the initial parameters.
    scale: f64,
}

impl Case {
    fn input(&self) -> [Vec<f32>; 2] {
        let count = self.n * self.config.input_size;
        let x = (0..count).map(|i| (i * 29 % 64) as f32 / 63.0).collect();
        let labels: Vec<u8> = (0..self.n).map(|i| (i % 4) as u8).collect();
        let condition = Condition::of_labels(&labels, self.config.classes, &Device::flex());
        [x, condition.rows().map_or_else(Vec::new, to_vec)]
    }

    /// How the expected values are computed: convolutions by burn's own operations.
    fn path(&self) -> KernelPath {
        match self.config.convolution {
            Some(_) => KernelPath::Reference,
            None => KernelPath::Fused,
        }
    }

    fn check(&self) {
        let device = Device::flex().autodiff();
        let scaled = |value: f64| value * self.scale;
        let model = Vae::init(&self.config, 3, &device)
            .expect("valid")
            .map_parameters(
                |weight| weight.mul_scalar(scaled(1.0)).detach().require_grad(),
                |bias| bias.mul_scalar(scaled(1.0)).detach().require_grad(),
            )
            .with_kernel_path(self.path());
        let [x, rows] = self.input();
        let latent = self.config.latent_size;
        let eps = Noise::seeded(5, 0).normal([self.n, latent], &Device::flex());
        let labels: Vec<u8> = (0..self.n).map(|i| (i % 4) as u8).collect();
        let condition = Condition::of_labels(&labels, self.config.classes, &device);
        let shape = [self.n, self.config.input_size];
        let expected = model.elbo(
            Tensor::from_data(TensorData::new(x.clone(), shape), &device),
            &condition,
            Tensor::from_inner(eps.clone()),
        );
        let gradients = expected.loss(self.beta).backward();

        let eps = to_vec(eps);
        let batch = Batch {
            n: self.n,
            loss_images: self.n,
            x: &x,
            condition: &rows,
            eps: &eps,
        };
        let mut layers: Vec<Probe> = model.linears().into_iter().map(Probe::of).collect();
        let keep = |layer: &mut Probe, gradient: LayerGradient<'_>| {
            layer.found = [gradient.weight.to_vec(), gradient.bias.to_vec()];
        };
        let parts = forward_backward(&model.step_config(self.beta), &mut layers, &batch, keep);
        self.compare(parts, expected, &layers, &model, &gradients);
    }

    fn compare(
        &self,
        parts: ElboTerms,
        expected: ElboParts,
        layers: &[Probe],
        model: &Vae,
        gradients: &Gradients,
    ) {
        let expected = expected.inner();
        self.close(
            "log p(x|z)",
            &parts.reconstruction,
            to_vec(expected.reconstruction),
        );
        self.close("KL", &parts.kl, to_vec(expected.kl));
        let d_log_scale = expected.d_log_scale.map_or_else(Vec::new, to_vec);
        self.close("d log s", &parts.d_log_scale, d_log_scale);
        for (i, (found, layer)) in layers.iter().zip(model.linears()).enumerate() {
            let weight = layer.weight.val().grad(gradients).expect("tracked");
            self.close(&format!("weight {i}"), &found.found[0], to_vec(weight));
            let bias = layer.bias.as_ref().expect("has one").val();
            let bias = bias.grad(gradients).expect("tracked");
            self.close(&format!("bias {i}"), &found.found[1], to_vec(bias));
        }
    }

    /// Relative to the largest value: rounding errors of a sum are as large as those of its largest term.
    fn close(&self, what: &str, found: &[f32], expected: Vec<f32>) {
        assert_eq!(found.len(), expected.len(), "{what}");
        let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 3e-4 * largest,
                "{what} of {:?}: {found}, by automatic differentiation {expected} (largest {largest})",
                self.config
            );
        }
    }
}

/// Sizes of a model and of a batch.
struct Sizes {
    input_size: usize,
    encoder: &'static [usize],
    decoder: &'static [usize],
    latent_size: usize,
    n: usize,
}

impl Sizes {
    fn check(&self, activation: Activation, likelihood: Likelihood, classes: usize) {
        let config = VaeConfig {
            input_size: self.input_size,
            convolution: None,
            network: None,
            encoder_hidden: self.encoder.to_vec(),
            decoder_hidden: self.decoder.to_vec(),
            latent_size: self.latent_size,
            classes,
            activation,
            likelihood,
        };
        for (beta, scale) in [(1.0, 1.0), (0.3, 3.0)] {
            let (config, n) = (config.clone(), self.n);
            Case {
                config,
                n,
                beta,
                scale,
            }
            .check();
        }
    }
}

#[test]
fn forward_backward_agrees_with_automatic_differentiation() {
    let sizes = |input_size, encoder, decoder, latent_size, n| Sizes {
        input_size,
        encoder,
        decoder,
        latent_size,
        n,
    };
    // Below and above a tile, and batches that are no multiple of it.
    let all = [
        sizes(30, &[17, 9], &[8, 21], 3, 7),
        sizes(16, &[12], &[4], 8, 4),
        sizes(9, &[], &[], 2, 1),
        sizes(45, &[33], &[11, 6, 13], 1, 37),
    ];
    for sizes in all {
        for activation in Activation::ALL {
            for likelihood in Likelihood::of_each_kind(0.4) {
                for classes in [0, 3] {
                    sizes.check(activation, likelihood, classes);
                }
            }
        }
    }
}

#[test]
fn forward_backward_of_convolutions_agrees_with_automatic_differentiation() {
    for (image, channels, hidden, classes) in [
        (ImageShape::color(8, 8), vec![4, 6], vec![9], 0),
        (ImageShape::grey(9, 10), vec![5], vec![], 3),
        (ImageShape::color(11, 8), vec![3, 4, 9], vec![6], 2),
    ] {
        for activation in [Activation::Gelu, Activation::Silu, Activation::Tanh] {
            let scales = ChannelScales::equal(0.3, image.channels);
            for likelihood in [
                Likelihood::DiscretizedLogistic { scales },
                Likelihood::Gaussian { sigma: 0.4 },
                Likelihood::Bernoulli,
            ] {
                let channels = channels.clone();
                let convolution = ConvolutionConfig { image, channels };
                let mut config =
                    VaeConfig::convolutional(convolution, hidden.clone(), 3, likelihood);
                (config.activation, config.classes) = (activation, classes);
                let (n, beta, scale) = (5, 0.7, 1.0);
                Case {
                    config,
                    n,
                    beta,
                    scale,
                }
                .check();
            }
        }
    }
}

/// Where log σ² is clamped, no gradient flows through it.
#[test]
fn forward_backward_stops_gradients_where_the_log_variance_is_clamped() {
    let config = VaeConfig {
        input_size: 12,
        convolution: None,
        network: None,
        encoder_hidden: vec![],
        decoder_hidden: vec![5],
        latent_size: 6,
        classes: 0,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let (n, beta, scale) = (6, 1.0, 40.0);
    let case = Case {
        config,
        n,
        beta,
        scale,
    };
    let model = Vae::init(&case.config, 3, &Device::flex()).expect("valid");
    let model = model.map_parameters(|w| w.mul_scalar(scale), |b| b.mul_scalar(scale));
    let x = Tensor::from_data(
        TensorData::new(case.input()[0].clone(), [n, 12]),
        &Device::flex(),
    );
    let log_var = to_vec(model.encoder.forward(x, &Condition::none()).log_var);
    let at_bounds = log_var
        .iter()
        .filter(|&&value| value == -10.0 || value == 6.0);
    assert!((5..30).contains(&at_bounds.count()), "{log_var:?}");
    case.check();
}

/// NaN is not hidden, so that a run notices that it has diverged.
#[test]
fn forward_backward_propagates_nan_to_the_loss() {
    let device = Device::flex();
    for activation in Activation::ALL {
        let config = VaeConfig {
            input_size: 9,
            convolution: None,
            network: None,
            encoder_hidden: vec![5],
            decoder_hidden: vec![5],
            latent_size: 2,
            classes: 0,
            activation,
            likelihood: Likelihood::Bernoulli,
        };
        let model = Vae::init(&config, 1, &device).expect("valid").train();
        let mut layers: Vec<Probe> = model.linears().into_iter().map(Probe::of).collect();
        layers[0].bias = vec![f32::NAN; 5];
        let batch = Batch {
            n: 2,
            loss_images: 2,
            x: &[0.5; 18],
            condition: &[],
            eps: &[0.1; 4],
        };
        let parts = forward_backward(&model.step_config(1.0), &mut layers, &batch, |_, _| {});
        assert!(parts.reconstruction.iter().all(|value| value.is_nan()));
    }
}
