//! Why the reparameterization trick: three estimates of one gradient, from the same samples.

use super::{EvidenceError, LogJoint, Slope, check_number, joint::wide};
use crate::Noise;

/// The most samples of one draw.
pub const MAX_GRADIENT_SAMPLES: usize = 100_000;

/// Samples of log p(x|z) with z = μ + σ⊙ε from q(z|x), and of its gradient for z, of one image: all that an
/// estimate of the gradient of E_q[log p(x|z)] for μ and log σ² is made from. By the chain rule, all of the
/// encoder follows from these two.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientSamples {
    /// σ of q(z|x), `[latent]`.
    std: Vec<f64>,
    /// ε of each sample, `[n × latent]`.
    eps: Vec<f64>,
    /// log p(x|z) and its gradient for z of each sample, `[n]`.
    slopes: Vec<Slope>,
}

/// An estimate of one derivative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Derivative {
    /// The mean over the samples, in nats a unit of the parameter.
    pub mean: f64,
    /// The variance of one sample's contribution.
    pub variance: f64,
}

/// An estimate of the gradient for what the encoder gives.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderGradient {
    /// For μ, `[latent]`.
    pub mu: Vec<Derivative>,
    /// For log σ², `[latent]`.
    pub log_var: Vec<Derivative>,
}

/// Three estimates of the gradient of E_q[log p(x|z)], each without bias, from the same ε.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientEstimates {
    /// Samples that they are made from.
    pub samples: usize,
    /// The gradient goes through z = μ + σ⊙ε (notes, section 7 and Figure 6; Kingma & Welling,
    /// section 2.4): it knows where log p(x|z) rises.
    pub reparameterized: EncoderGradient,
    /// log p(x|z) ∇ log q(z|x) (Williams 1992): it only knows how large log p(x|z) is at the samples.
    pub score: EncoderGradient,
    /// The same with the mean of log p(x|z) over the other samples taken off, which keeps what is expected,
    /// since E_q[∇ log q(z|x)] = 0 (Mnih & Rezende 2016).
    pub baseline: EncoderGradient,
}

impl Derivative {
    /// Mean and variance of contributions.
    fn of(contributions: impl Iterator<Item = f64> + Clone) -> Self {
        let n = contributions.clone().count() as f64;
        let mean = contributions.clone().sum::<f64>() / n;
        let squares: f64 = contributions.map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            variance: squares / (n - 1.0),
        }
    }

    /// The standard error of the mean over so many samples.
    pub fn standard_error(&self, samples: usize) -> f64 {
        (self.variance / samples as f64).sqrt()
    }
}

impl EncoderGradient {
    /// All derivatives: for μ, then for log σ².
    pub fn iter(&self) -> impl Iterator<Item = &Derivative> {
        self.mu.iter().chain(&self.log_var)
    }

    /// The variance of one sample's contribution, summed over all derivatives: what a step along it is off by,
    /// squared.
    pub fn variance(&self) -> f64 {
        self.iter().map(|derivative| derivative.variance).sum()
    }
}

impl GradientSamples {
    /// Draws so many samples from q(z|x).
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for none or more than [`MAX_GRADIENT_SAMPLES`], and
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
        let eps = wide(&noise.values(n * mu.len()));
        let z: Vec<f32> = eps
            .chunks_exact(mu.len())
            .flat_map(|row| row.iter().zip(mu.iter().zip(&std)))
            .map(|(eps, (mu, std))| (mu + std * eps) as f32)
            .collect();
        let slopes = joint.likelihood_slopes(&z).await?;
        Ok(Self { std, eps, slopes })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.slopes.len()
    }

    /// Never: a draw has at least one sample.
    pub fn is_empty(&self) -> bool {
        self.slopes.is_empty()
    }

    /// Takes the samples of another draw for the same image in.
    pub fn extend(&mut self, more: Self) {
        self.eps.extend(more.eps);
        self.slopes.extend(more.slopes);
    }

    /// The three estimates from the first `n` samples.
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for less than 2, of which no variance can be told, or more than there
    /// are.
    pub fn estimates(&self, n: usize) -> Result<GradientEstimates, EvidenceError> {
        check_number("the number of samples", n, [2, self.len()])?;
        let slopes = &self.slopes[..n];
        let sum: f64 = slopes.iter().map(|slope| slope.log).sum();
        let others = |log: f64| (sum - log) / (n - 1) as f64;
        Ok(GradientEstimates {
            samples: n,
            // ∂z/∂μ = 1, and ∂z/∂log σ² = ½ σε.
            reparameterized: self.gradient(
                slopes,
                |slope, i, _| slope.gradient[i],
                |slope, i, eps| 0.5 * slope.gradient[i] * self.std[i] * eps,
            ),
            // ∂log q/∂μ = (z − μ)/σ² = ε/σ, and ∂log q/∂log σ² = ½ (ε² − 1).
            score: self.gradient(
                slopes,
                |slope, i, eps| slope.log * eps / self.std[i],
                |slope, _, eps| 0.5 * slope.log * (eps * eps - 1.0),
            ),
            baseline: self.gradient(
                slopes,
                |slope, i, eps| (slope.log - others(slope.log)) * eps / self.std[i],
                |slope, _, eps| 0.5 * (slope.log - others(slope.log)) * (eps * eps - 1.0),
            ),
        })
    }

    /// The gradient from each sample's contributions to the derivatives for μᵢ and log σ²ᵢ, given i and εᵢ.
    fn gradient(
        &self,
        slopes: &[Slope],
        mu: impl Fn(&Slope, usize, f64) -> f64,
        log_var: impl Fn(&Slope, usize, f64) -> f64,
    ) -> EncoderGradient {
        let latent = self.std.len();
        let derivatives = |of: &dyn Fn(&Slope, usize, f64) -> f64| {
            (0..latent)
                .map(|i| {
                    let eps = self.eps.iter().skip(i).step_by(latent);
                    let samples = slopes.iter().zip(eps);
                    Derivative::of(samples.map(|(slope, &eps)| of(slope, i, eps)))
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

    /// Under a model that bends.
    fn bent(n: usize) -> GradientSamples {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 9,
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
    fn the_three_agree_and_the_trick_varies_least() {
        let n = 20_000;
        let found = bent(n).estimates(n).expect("all of them");
        let trick = &found.reparameterized;
        for other in [&found.score, &found.baseline] {
            for (trick, other) in trick.iter().zip(other.iter()) {
                let error = trick.standard_error(n).hypot(other.standard_error(n));
                let off = trick.mean - other.mean;
                assert!(off.abs() < 4.0 * error, "{off} with {error}");
            }
        }
        let [trick, baseline, score] =
            [trick, &found.baseline, &found.score].map(EncoderGradient::variance);
        assert!(baseline > 2.0 * trick, "{baseline} {trick}");
        assert!(score > 2.0 * baseline, "{score} {baseline}");
        // Much less than the gradient itself, or that they agree would say nothing.
        let steepest = found.reparameterized.iter().map(|d| d.mean.abs());
        let steepest = steepest.fold(0.0, f64::max);
        let error = (baseline / n as f64).sqrt();
        assert!(error < 0.05 * steepest, "{error} {steepest}");
    }

    /// With s the σ of the likelihood, E_q[log p(x|z)] = −(‖x − b − Wμ‖² + Σⱼ ‖wⱼ‖² σⱼ²)/(2 s²) + constant;
    /// and the gradient for μ of one sample is off by −WᵀW(σ⊙ε)/s².
    #[test]
    fn the_trick_agrees_with_the_closed_form() {
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
            let slope: f64 = rest
                .map(|(row, (&x, b))| row[i] * (f64::from(x) - b - row[0] * mu[0] - row[1] * mu[1]))
                .sum();
            let expected = precision * slope;
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
    fn a_seed_repeats_and_bounds_are_checked() {
        let (mut samples, same) = (bent(300), bent(300));
        assert_eq!(samples, same);
        let first = same.estimates(300).expect("all of them");
        samples.extend(same);
        assert_eq!(samples.len(), 600);
        assert_eq!(samples.estimates(300).expect("half"), first);
        // Twice the same: the means stay.
        let twice = samples.estimates(600).expect("all of them");
        let means = twice.score.iter().zip(first.score.iter());
        for (twice, first) in means {
            assert!((twice.mean - first.mean).abs() < 1e-9);
        }
        for n in [1, 601] {
            let refused = samples.estimates(n).expect_err("must be refused");
            assert!(refused.to_string().contains("from 2 to 600"), "{refused}");
        }
    }
}
