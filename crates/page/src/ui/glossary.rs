//! One sentence for each term and symbol of the page.

/// z.
pub(crate) const LATENT_VECTOR: &str = "z is the latent vector: the few numbers from which the decoder \
    makes a whole image.";
/// The label.
pub(crate) const LABEL: &str = "A conditional model gets the image’s class as an input, so that z only has to \
    describe how it is written. Between two labels it gets a mixture of both.";
/// p(z).
pub(crate) const PRIOR: &str = "p(z) is the prior, the standard normal N(0, I): the distribution of z before \
    any image is seen, mostly within two σ of zero.";
/// p(x|z).
pub(crate) const LIKELIHOOD: &str = "p(x|z) is the likelihood: the distribution over images x that the decoder \
    assigns to z.";
/// The decoder's mean.
pub(crate) const DECODER_MEAN: &str = "The decoder’s mean is the expected image under p(x|z), one value for \
    each pixel.";
/// σ.
pub(crate) const SIGMA: &str =
    "σ is the standard deviation; the prior has σ = 1 in each direction.";
/// −ELBO.
pub(crate) const NEGATIVE_ELBO: &str = "−ELBO is the loss that training minimizes: reconstruction plus KL, in nats \
    per image. It is never below −log p(x).";
/// What training maximizes.
pub(crate) const OBJECTIVE: &str = "What training maximizes. The ELBO is a lower bound of log p(x). The importance-weighted \
    bound (IWAE) averages the weights of eight samples of z inside the logarithm, so it is closer to log p(x). With one or two latent dimensions, \
    log p(x) itself can be computed, as a mean over a grid of the prior’s quantiles, as exactly as the grid is fine. The \
    encoder then only follows.";
/// The −ELBO of a model whose training has ended.
pub(crate) const TESTED_NEGATIVE_ELBO: &str = "−ELBO of the saved model, the best of the run, with four samples of z for \
    each image; ± is the standard error over the images. The bar below has the last evaluation during the run, with \
    other weights and samples.";
/// The reconstruction term.
pub(crate) const RECONSTRUCTION: &str = "Reconstruction is −E[log p(x|z)] with z drawn from q(z|x): the number of \
    nats needed to describe the image once z is known.";
/// KL(q(z|x) ‖ p(z)).
pub(crate) const KL: &str = "KL(q(z|x) ‖ p(z)) is how far q(z|x) is from the prior, in nats: the information that \
    z holds about the image.";
/// KL(q(z|x) ‖ p(z|x)).
pub(crate) const POSTERIOR_GAP: &str = "The gap between log p(x) and the ELBO is how far the encoder’s q(z|x) is \
    from the true posterior p(z|x). Training closes it as far as a Gaussian can.";
/// log p(x|z) at one z.
pub(crate) const LOG_LIKELIHOOD_AT_Z: &str = "The log-likelihood of this image at the current z, in nats: the closer \
    the decoded image is to the image, the higher.";
/// log p(x).
pub(crate) const EVIDENCE: &str = "The evidence log p(x): how likely the model finds this image, over all z. The \
    ELBO is a lower bound on it, hence its name.";
/// p(z|x).
pub(crate) const TRUE_POSTERIOR: &str = "The true posterior p(z|x): the distribution of z given this image, by \
    Bayes’ rule. The encoder’s q(z|x) approximates it.";
/// (Σ w)² / Σ w².
pub(crate) const EFFECTIVE_SAMPLE_SIZE: &str = "The effective sample size, (Σ w)² / Σ w²: the number of equally \
    weighted samples that would be as informative. If it is small, a few samples dominate the sum.";
/// L_K.
pub(crate) const IMPORTANCE_WEIGHTED_BOUND: &str = "The logarithm of the mean of K importance weights \
    p(x, z)/q(z|x), with z from q(z|x): the ELBO for K = 1, and closer to log p(x) as K grows (Burda et al. 2015).";
/// Random-walk Metropolis.
pub(crate) const METROPOLIS: &str = "Metropolis: propose a step in a random direction; accept it if p(x, z) is \
    higher there, else with the ratio of the two as its probability.";
/// Hamiltonian Monte Carlo.
pub(crate) const HAMILTONIAN: &str = "Hamiltonian Monte Carlo: z gets a random momentum and moves by ten leapfrog \
    steps along the gradient of log p(x, z), so that it goes far and is rarely rejected.";
/// The integrated autocorrelation time.
pub(crate) const AUTOCORRELATION_TIME: &str = "The number of steps that carry as much information as one \
    independent sample.";
/// Geweke's diagnostic.
pub(crate) const GEWEKE: &str = "The difference between the chain’s early and late means, in standard errors: \
    beyond ±3 it has not converged. The first tenth is discarded.";
/// The rank-normalized split-R̂.
pub(crate) const R_HAT: &str = "R̂ compares the spread between chains with the spread within them, by ranks and for each \
    half of a chain: above 1.01 they have not found the same distribution (Vehtari et al. 2021).";
/// The amortization gap.
pub(crate) const AMORTIZATION_GAP: &str = "The amortization gap: what the encoder loses because it computes q for all \
    images at once, compared with the best axis-aligned Gaussian for this image (Cremer et al. 2018).";
/// The approximation gap.
pub(crate) const APPROXIMATION_GAP: &str = "The approximation gap: what even the best axis-aligned Gaussian loses, \
    because the true posterior is tilted, curved or has several modes (Cremer et al. 2018).";
/// The score function.
pub(crate) const SCORE_FUNCTION: &str = "The score-function estimate, log p(x|z) ∇ log q(z|x): it needs no gradient \
    of the decoder, but its variance is high (Williams 1992).";
/// A baseline.
pub(crate) const BASELINE: &str = "The same with a baseline: the mean log p(x|z) of the other samples is \
    subtracted first, which keeps the mean and lowers the variance.";
/// A ratio of variances.
pub(crate) const VARIANCE_RATIO: &str = "The variance of a one-sample gradient, summed over μ and log σ², relative \
    to the reparameterized gradient’s.";
/// Var over x of μ.
pub(crate) const ACTIVE_DIMENSION: &str = "A dimension is active if μ varies by more than 0.01 over the images: it \
    distinguishes one image from another.";
/// A collapsed dimension.
pub(crate) const COLLAPSED_DIMENSION: &str = "A dimension is collapsed if q(z|x) equals the prior for every image \
    (KL below 0.01 nats): it carries no information, and the decoder ignores it.";
/// 1/n Σ q(z|x).
pub(crate) const AGGREGATE_POSTERIOR: &str = "The aggregate posterior: the average of q(z|x) over all these images. \
    The ELBO pulls each q(z|x) towards the prior, but only together can they cover it. Where they leave a hole, \
    a sample from the prior decodes to no image.";
/// Principal component analysis.
pub(crate) const PCA: &str = "Principal component analysis: the two directions along which the encoded means μ vary \
    most. PC 1 has the largest variance, PC 2 is at right angles to it.";
/// Φ⁻¹.
pub(crate) const INVERSE_CDF: &str = "Φ⁻¹ maps even steps from 0 to 1 to values of z: equal areas of the map then \
    have equal probability under the prior.";
/// q(z|x) and μ.
pub(crate) const POSTERIOR_MEAN: &str = "μ is the mean of q(z|x): where the encoder places the image x in the latent \
    space.";
/// σ of q(z|x).
pub(crate) const POSTERIOR_SIGMA: &str = "σ is the standard deviation of q(z|x): the encoder’s uncertainty in this \
    dimension. A σ of 1 around 0 carries no information.";
/// ε.
pub(crate) const EPSILON: &str = "ε is noise from N(0, I). A sample of q(z|x) is z = μ + σ⊙ε: the randomness is \
    outside the network, so that gradients reach μ and σ.";
/// The loss on the training batches.
pub(crate) const TRAINING_LOSS: &str = "The mean over the latest training batches, as augmented and before each \
    step. The held-out loss is of unchanged images under the averaged weights, so it may be lower.";
/// Held-out images.
pub(crate) const HELD_OUT: &str = "Held-out images are never trained on: their loss shows whether the model \
    generalises or has memorized your images.";
/// The latent size.
pub(crate) const LATENT_SIZE: &str = "The number of dimensions of z. Two can be drawn as a map; more preserve more of \
    each image.";
/// The kind of network.
pub(crate) const ARCHITECTURE: &str = "A multilayer perceptron connects each pixel with each unit. A convolutional \
    network looks for the same patterns everywhere in the image: better for colours and larger images, but its steps \
    take longer.";
/// The channels of the encoder's convolutions.
pub(crate) const CHANNELS: &str = "Each number is a convolution of the encoder, 3×3 with stride 2, which halves \
    height and width; the number is its channels. The decoder mirrors them.";
/// Hidden layers.
pub(crate) const HIDDEN_LAYERS: &str = "The widths of the encoder’s hidden layers, from the input on; the decoder has \
    the same in reverse.";
/// σ of a pixel.
pub(crate) const PIXEL_SIGMA: &str = "σ is the standard deviation of a pixel under the Gaussian likelihood: a small \
    σ enforces sharper reconstructions.";
/// β.
pub(crate) const BETA: &str = "β is the weight of the KL term: 1 gives the ELBO; a higher β gives simpler z and \
    blurrier images, a lower one the opposite.";
/// KL warm-up.
pub(crate) const KL_WARM_UP: &str = "β grows from 0 over this many steps, so that no dimension collapses before it \
    becomes useful.";
/// The batch size.
pub(crate) const BATCH_SIZE: &str =
    "The number of images whose gradients are averaged in each step.";
/// The learning rate.
pub(crate) const LEARNING_RATE: &str =
    "The step size of the optimizer; if it is too high, the loss diverges.";
/// The seed.
pub(crate) const SEED: &str =
    "The same seed, images and number of steps give the same model on a CPU.";
/// Patience.
pub(crate) const PATIENCE: &str = "The held-out loss is evaluated about once a second; the run ends after this many \
    evaluations without improvement.";
