//! The reparameterization trick beside two score-function estimators: three estimates of one gradient, from the same
//! samples.

use super::{EvidenceError, LogJoint, ValueAndGradient, check_number, joint::to_f64};
use crate::Noise;

/// The largest number of samples of one draw.
pub const MAX_GRADIENT_SAMPLES: usize = 100_000;

/// Samples of log p(x|z) and of its gradient for z, with z = μ + σ⊙ε from q(z|x), for one image. From these, each
/// estimator computes the gradient of E_q[log p(x|z)] for μ and log σ²; the gradients for the encoder's weights follow by
/// the chain rule.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientSamples {
    /// σ of q(z|x), `[latent]`.
    std: Vec<f64>,
    /// ε of each sample, `[n, latent]`.
    eps: Vec<f64>,
    /// log p(x|z) and its gradient for z of each sample, `[n]`.
    log_probs: Vec<ValueAndGradient>,
}

/// An estimate of one derivative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Derivative {
    /// The mean over the samples, in nats per unit of the parameter.
    pub mean: f64,
    /// The variance of a single-sample estimate.
    pub variance: f64,
}

/// An estimate of the gradient for the encoder's outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderGradient {
    /// For μ, `[latent]`.
    pub mu: Vec<Derivative>,
    /// For log σ², `[latent]`.
    pub log_var: Vec<Derivative>,
}

/// Three unbiased estimates of the gradient of E_q[log p(x|z)], from the same ε.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientEstimates {
    /// Number of samples.
    pub samples: usize,
    /// The reparameterization trick: the gradient is backpropagated through z = μ + σ⊙ε (notes, section 7 and Figure 6;
    /// Kingma & Welling, section 2.4), so it uses ∇ log p(x|z).
    pub reparameterized: EncoderGradient,
    /// The score-function estimator log p(x|z) ∇ log q(z|x) (REINFORCE, Williams 1992), which uses only the values of
    /// log p(x|z).
    pub score: EncoderGradient,
    /// The score-function estimator with the mean of log p(x|z) over the other samples subtracted as a baseline, which
    /// leaves it unbiased because E_q[∇ log q(z|x)] = 0 (Mnih & Rezende 2016).
    pub baseline: EncoderGradient,
}

impl Derivative {
    /// Mean and variance of single-sample estimates.
    fn from_samples(estimates: impl Iterator<Item = f64> + Clone) -> Self {
        let n = estimates.clone().count() as f64;
        let mean = estimates.clone().sum::<f64>() / n;
        let squares: f64 = estimates.map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            variance: squares / (n - 1.0),
        }
    }

    /// The standard error of the mean over this number of samples.
    pub fn standard_error(&self, samples: usize) -> f64 {
        (self.variance / samples as f64).sqrt()
    }
}

impl EncoderGradient {
    /// All derivatives: those for μ, then those for log σ².
    pub fn iter(&self) -> impl Iterator<Item = &Derivative> {
        self.mu.iter().chain(&self.log_var)
    }

    /// The variance of a single-sample estimate, summed over all derivatives: the mean squared error of the gradient.
    pub fn variance(&self) -> f64 {
        self.iter().map(|derivative| derivative.variance).sum()
    }
}

impl GradientSamples {
    /// Draws `n` samples from q(z|x).
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for 0 or more than [`MAX_GRADIENT_SAMPLES`], and
    /// [`EvidenceError::Device`].
    pub async fn draw(
        joint: &LogJoint,
        n: usize,
        noise: &mut Noise,
    ) -> Result<Self, EvidenceError> {
        check_number("the number of samples", n, [1, MAX_GRADIENT_SAMPLES])?;
        let (mu, log_var) = joint.encode().await?;
        let std: Vec<f64> = log_var
            .iter()
            .map(|log_var| (0.5 * log_var).exp())
            .collect();
        let eps = to_f64(&noise.values(n * mu.len()));
        let z: Vec<f32> = eps
            .chunks_exact(mu.len())
            .flat_map(|row| row.iter().zip(mu.iter().zip(&std)))
            .map(|(eps, (mu, std))| (mu + std * eps) as f32)
            .collect();
        let log_probs = joint.log_likelihood_with_gradient(&z).await?;
        Ok(Self {
            std,
            eps,
            log_probs,
        })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.log_probs.len()
    }

    /// Always false: a draw has at least one sample.
    pub fn is_empty(&self) -> bool {
        self.log_probs.is_empty()
    }

    /// Appends the samples of another draw for the same image.
    pub fn extend(&mut self, more: Self) {
        self.eps.extend(more.eps);
        self.log_probs.extend(more.log_probs);
    }

    /// The three estimates from the first `n` samples.
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for fewer than 2, which have no variance, or more than were drawn.
    pub fn estimates(&self, n: usize) -> Result<GradientEstimates, EvidenceError> {
        check_number("the number of samples", n, [2, self.len()])?;
        let samples = &self.log_probs[..n];
        let sum: f64 = samples.iter().map(|sample| sample.value).sum();
        let baseline = |value: f64| (sum - value) / (n - 1) as f64;
        Ok(GradientEstimates {
            samples: n,
            // ∂z/∂μ = 1, and ∂z/∂log σ² = ½ σε.
            reparameterized: self.gradient(
                samples,
                |sample, i, _| sample.gradient[i],
                |sample, i, eps| 0.5 * sample.gradient[i] * self.std[i] * eps,
            ),
            // ∂log q/∂μ = (z − μ)/σ² = ε/σ, and ∂log q/∂log σ² = ½ (ε² − 1).
            score: self.gradient(
                samples,
                |sample, i, eps| sample.value * eps / self.std[i],
                |sample, _, eps| 0.5 * sample.value * (eps * eps - 1.0),
            ),
            baseline: self.gradient(
                samples,
                |sample, i, eps| (sample.value - baseline(sample.value)) * eps / self.std[i],
                |sample, _, eps| 0.5 * (sample.value - baseline(sample.value)) * (eps * eps - 1.0),
            ),
        })
    }

    /// The gradient from single-sample estimates of the derivatives for μᵢ and log σ²ᵢ, given the sample, i and εᵢ.
    fn gradient(
        &self,
        samples: &[ValueAndGradient],
        mu: impl Fn(&ValueAndGradient, usize, f64) -> f64,
        log_var: impl Fn(&ValueAndGradient, usize, f64) -> f64,
    ) -> EncoderGradient {
        let latent = self.std.len();
        let derivatives = |of: &dyn Fn(&ValueAndGradient, usize, f64) -> f64| {
            (0..latent)
                .map(|i| {
                    let eps = self.eps.iter().skip(i).step_by(latent);
                    let pairs = samples.iter().zip(eps);
                    Derivative::from_samples(pairs.map(|(sample, &eps)| of(sample, i, eps)))
                })
                .collect()
        };
        EncoderGradient {
            mu: derivatives(&mu),
            log_var: derivatives(&log_var),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Activation, Likelihood, Vae, VaeConfig,
        evidence::linear_gaussian::{B, SIGMA, W, X, model, now},
    };
    use burn::tensor::Device;

    const IMAGE: [f32; 9] = [1.0, 0.0, 1.0, 1.0, 0.0, 0.3, 1.0, 0.0, 0.9];

    /// Under a nonlinear model.
    fn nonlinear(n: usize) -> GradientSamples {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 9,
            convolution: None,
            network: None,
            encoder_hidden: vec![6],
            decoder_hidden: vec![7],
            latent_size: 3,
            classes: 0,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        let model = Vae::init(&config, 41, &device).expect("valid");
        let model = model.map_parameters(|weight| weight.mul_scalar(2.0), |bias| bias);
        let joint = LogJoint::new(&model, &IMAGE, &[], &device).expect("fits");
        now(GradientSamples::draw(&joint, n, &mut Noise::seeded(42, 0))).expect("decodes")
    }

    #[test]
    fn gradient_estimates_agree_and_reparameterization_has_the_smallest_variance() {
        let n = 20_000;
        let found = nonlinear(n).estimates(n).expect("all of them");
        let reparameterized = &found.reparameterized;
        for other in [&found.score, &found.baseline] {
            for (reparameterized, other) in reparameterized.iter().zip(other.iter()) {
                let error = reparameterized
                    .standard_error(n)
                    .hypot(other.standard_error(n));
                let off = reparameterized.mean - other.mean;
                assert!(off.abs() < 4.0 * error, "{off} with {error}");
            }
        }
        let [reparameterized, baseline, score] =
            [reparameterized, &found.baseline, &found.score].map(EncoderGradient::variance);
        assert!(
            baseline > 2.0 * reparameterized,
            "{baseline} {reparameterized}"
        );
        assert!(score > 2.0 * baseline, "{score} {baseline}");
        // The errors are much smaller than the gradient itself; otherwise agreement would be meaningless.
        let largest = found.reparameterized.iter().map(|d| d.mean.abs());
        let largest = largest.fold(0.0, f64::max);
        let error = (baseline / n as f64).sqrt();
        assert!(error < 0.05 * largest, "{error} {largest}");
    }

    /// With s the σ of the likelihood, E_q[log p(x|z)] = −(‖x − b − Wμ‖² + Σⱼ ‖wⱼ‖² σⱼ²)/(2 s²) + constant,
    /// and the deviation of a single-sample gradient for μ is −WᵀW(σ⊙ε)/s².
    #[test]
    fn reparameterized_gradient_agrees_with_the_closed_form() {
        let device = Device::flex();
        let joint = LogJoint::new(&model(&device), &X, &[], &device).expect("fits");
        let n = 20_000;
        let samples =
            now(GradientSamples::draw(&joint, n, &mut Noise::seeded(43, 0))).expect("decodes");
        let found = samples.estimates(n).expect("all of them").reparameterized;
        let (mu, log_var) = now(joint.encode()).expect("encodes");
        let precision = 1.0 / (SIGMA * SIGMA);
        let product = |i: usize, j: usize| W.iter().map(|row| row[i] * row[j]).sum::<f64>();
        for i in 0..2 {
            let rest = W.iter().zip(X.iter().zip(B));
            let gradient: f64 = rest
                .map(|(row, (&x, b))| row[i] * (f64::from(x) - b - row[0] * mu[0] - row[1] * mu[1]))
                .sum();
            let expected = precision * gradient;
            let off = found.mu[i].mean - expected;
            assert!(off.abs() < 4.0 * found.mu[i].standard_error(n), "{off}");
            let variance: f64 = (0..2)
                .map(|j| (precision * product(i, j)).powi(2) * log_var[j].exp())
                .sum();
            assert!((found.mu[i].variance / variance - 1.0).abs() < 0.05);

            let expected = -0.5 * precision * product(i, i) * log_var[i].exp();
            let off = found.log_var[i].mean - expected;
            assert!(
                off.abs() < 4.0 * found.log_var[i].standard_error(n),
                "{off}"
            );
        }
    }

    #[test]
    fn gradient_samples_are_deterministic_and_estimates_check_their_bounds() {
        let (mut samples, same) = (nonlinear(300), nonlinear(300));
        assert_eq!(samples, same);
        let first = same.estimates(300).expect("all of them");
        samples.extend(same);
        assert_eq!(samples.len(), 600);
        assert_eq!(samples.estimates(300).expect("half"), first);
        // The same samples twice: the means are unchanged.
        let twice = samples.estimates(600).expect("all of them");
        let means = twice.score.iter().zip(first.score.iter());
        for (twice, first) in means {
            assert!((twice.mean - first.mean).abs() < 1e-9);
        }
        for n in [1, 601] {
            let rejected = samples.estimates(n).expect_err("must be rejected");
            assert!(rejected.to_string().contains("from 2 to 600"), "{rejected}");
        }
    }
}
