//! A word or symbol that explains itself on hover, focus and touch.

use leptos::{ev, prelude::*};
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::JsCast;

static LAST_ID: AtomicU32 = AtomicU32::new(0);

/// The words of the page, one sentence each.
pub(crate) mod explain {
    /// z.
    pub(crate) const Z: &str = "z is the latent vector: the few numbers from which the decoder \
        makes a whole picture.";
    /// The label.
    pub(crate) const LABEL: &str = "This model is told which digit it is: z is left with how the digit \
        is written. Between two labels it is told a mixture of both.";
    /// p(z).
    pub(crate) const PRIOR: &str = "p(z) is the prior, the standard normal N(0, I): how z is \
        spread before any picture is seen, mostly within two σ of zero.";
    /// p(x|z).
    pub(crate) const LIKELIHOOD: &str = "p(x|z) is what the decoder says about a picture x once z \
        is known: a probability for every picture.";
    /// The decoder's mean.
    pub(crate) const MEAN: &str = "The decoder’s mean is the average of all pictures that \
        p(x|z) allows, with one grey value for each pixel.";
    /// σ.
    pub(crate) const SIGMA: &str = "σ is the standard deviation; the prior has σ = 1 in each \
        direction.";
    /// −ELBO.
    pub(crate) const NEG_ELBO: &str = "−ELBO is what training makes small: reconstruction plus KL, \
        in nats for each digit. It is never below −log p(x).";
    /// The reconstruction term.
    pub(crate) const RECONSTRUCTION: &str = "Reconstruction is −E[log p(x|z)] with z drawn from \
        q(z|x): how many nats it takes to describe the digit once z is known.";
    /// KL(q(z|x) ‖ p(z)).
    pub(crate) const KL: &str = "KL(q(z|x) ‖ p(z)) is how many nats z tells about the digit: how far \
        q(z|x) is from the prior.";
    /// KL(q(z|x) ‖ p(z|x)).
    pub(crate) const GAP: &str = "The gap between the ELBO and log p(x): how far the encoder’s q(z|x) is from \
        the true posterior p(z|x). Training closes it, as far as a Gaussian can.";
    /// log p(x|z) at one z.
    pub(crate) const AT_Z: &str = "How likely this digit is if its latent vector is the z on the stage, in nats: \
        the closer the picture is to the digit, the higher.";
    /// log p(x).
    pub(crate) const EVIDENCE: &str = "The evidence: how likely the model finds this digit, over all z. The ELBO \
        is a lower bound of it, hence its name.";
    /// p(z|x).
    pub(crate) const TRUE_POSTERIOR: &str = "The true posterior: which z this digit may have come from, by Bayes’ \
        rule. The encoder’s q(z|x) stands in for it.";
    /// (Σ w)² / Σ w².
    pub(crate) const EFFECTIVE: &str = "The effective sample size, (Σ w)² / Σ w²: as many samples of equal weight \
        would say as much. Where it is small, a few samples are all the sum.";
    /// L_K.
    pub(crate) const WEIGHTED: &str = "The logarithm of a mean of K weights p(x, z)/q(z|x), with z from q(z|x): the \
        ELBO for K = 1, and nearer to log p(x) with each K (Burda et al. 2015).";
    /// Random-walk Metropolis.
    pub(crate) const METROPOLIS: &str = "Metropolis: a step in a random direction, always taken when p(x, z) is \
        higher there, and otherwise with the ratio as its probability.";
    /// Hamiltonian Monte Carlo.
    pub(crate) const HAMILTONIAN: &str = "Hamiltonian Monte Carlo: z gets a random push and rolls over −log p(x, z) \
        by ten leaps along its gradient, so that it goes far and is seldom rejected.";
    /// The integrated autocorrelation time.
    pub(crate) const AUTOCORRELATION: &str = "So many transitions of the chain say as much as one independent \
        sample.";
    /// Geweke's diagnostic.
    pub(crate) const GEWEKE: &str = "How far the chain’s early and late means are apart, in standard errors: beyond \
        ±3 it has not settled. Its first tenth is left out.";
    /// The score function.
    pub(crate) const SCORE: &str = "The score function’s estimate, log p(x|z) ∇ log q(z|x): it needs no gradient of \
        the decoder, and pays with variance (Williams 1992).";
    /// A baseline.
    pub(crate) const BASELINE: &str = "The same, with the mean of the other samples’ log p(x|z) taken off first: the \
        mean stays, the variance falls.";
    /// A ratio of variances.
    pub(crate) const VARIANCE_RATIO: &str = "The variance of one sample’s gradient, over all of μ and log σ², as a \
        multiple of the reparameterized one’s.";
    /// Var over x of μ.
    pub(crate) const ACTIVE: &str = "A dimension is active when μ varies by more than 0.01 over the digits: it \
        tells one digit from another.";
    /// A collapsed dimension.
    pub(crate) const COLLAPSED: &str = "A dimension is collapsed when q(z|x) is the prior for every \
        digit (KL below 0.01 nats): it tells nothing, and the decoder ignores it.";
    /// 1/n Σ q(z|x).
    pub(crate) const AGGREGATE: &str = "The aggregate posterior: the average of q(z|x) over all these digits. \
        The ELBO asks each q(z|x) to be near the prior, but only together they could fill it. Where they leave \
        a hole, a sample from the prior draws no digit.";
    /// Principal component analysis.
    pub(crate) const PCA: &str = "Principal component analysis: the two directions along which the encoded \
        means μ vary most. PC 1 is the one with the largest variance, PC 2 the one at right angles to it.";
    /// Φ⁻¹.
    pub(crate) const QUANTILE: &str = "Φ⁻¹, which turns even steps from 0 to 1 into values of z: equal areas of \
        the map then hold equal shares of the prior, and its middle is not crowded out by the tails.";
    /// q(z|x) and μ.
    pub(crate) const MU: &str = "μ is the mean of q(z|x), the encoder’s answer for a digit x: where \
        it lies in the latent space.";
    /// σ of q(z|x).
    pub(crate) const POSTERIOR_SIGMA: &str = "σ is the standard deviation of q(z|x): how sure the \
        encoder is of this dimension. A σ of 1 around 0 says nothing.";
    /// ε.
    pub(crate) const EPSILON: &str = "ε is noise from N(0, 1). A sample of q(z|x) is z = μ + σ⊙ε: the \
        chance is outside of the network, so that gradients reach μ and σ.";
    /// Held-out digits.
    pub(crate) const HELD_OUT: &str = "Held-out digits are never trained on: their loss tells \
        whether the model has learnt digits or learnt yours by heart.";
    /// The latent size.
    pub(crate) const LATENT_SIZE: &str = "The number of values in z. Two can be drawn as a map; more \
        keep more of each digit.";
    /// Hidden layers.
    pub(crate) const HIDDEN: &str = "The widths of the encoder’s hidden layers, from the picture \
        inwards; the decoder has the same in reverse.";
    /// σ of a pixel.
    pub(crate) const PIXEL_SIGMA: &str = "σ is how far a pixel may be from its mean under the \
        Gaussian likelihood: a small σ asks for sharper reconstructions.";
    /// β.
    pub(crate) const BETA: &str = "β is the weight of KL in the loss: 1 is the ELBO, more makes z \
        simpler and pictures blurrier, less the other way round.";
    /// KL warm-up.
    pub(crate) const WARM_UP: &str = "Over so many steps β grows from 0, so that no dimension \
        collapses before it was of use.";
    /// The batch.
    pub(crate) const BATCH: &str =
        "The number of digits whose gradients are averaged for one step.";
    /// The learning rate.
    pub(crate) const RATE: &str = "How far a step moves the weights, at most; too high, and the \
        loss leaves all bounds.";
    /// The seed.
    pub(crate) const SEED: &str = "The same seed, digits and number of steps give the same model on a \
        CPU.";
    /// Patience.
    pub(crate) const PATIENCE: &str = "The held-out loss is evaluated about once a second; the run \
        ends when it has not fallen for so many times.";
}

/// A term with its explanation.
#[component]
pub(crate) fn Term(
    /// One sentence.
    tip: &'static str,
    /// The term.
    children: Children,
) -> impl IntoView {
    let id = format!("term-{}", LAST_ID.fetch_add(1, Ordering::Relaxed));
    // Escape takes the explanation away without moving the pointer or the focus.
    let dismissed = RwSignal::new(false);
    let show_again = move |_| dismissed.set(false);
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            dismissed.set(true);
        }
    };
    // Safari gives no focus to a button that is tapped.
    let on_click = move |event: ev::MouseEvent| {
        dismissed.set(false);
        if let Some(button) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = button.focus();
        }
    };
    view! {
        <span class="term-box" class:dismissed=move || dismissed.get()>
            <button
                type="button"
                class="term"
                aria-describedby=id.clone()
                on:keydown=on_keydown
                on:click=on_click
                on:focus=move |_| dismissed.set(false)
                on:pointerenter=show_again
            >
                {children()}
            </button>
            <span class="tip" role="tooltip" id=id>
                {tip}
            </span>
        </span>
    }
}
