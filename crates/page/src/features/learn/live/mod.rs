//! Live values: numbers of the current model and the reader's image, shown in the chapters' text.

#[cfg(test)]
pub(crate) mod names;

use crate::features::evidence::state::EvidenceState;
use crate::features::learn::encoder_layers::EncoderLayers;
use crate::features::learn::gaussian_search::gaussian::Gaussian;
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, grouped, latent, nats};
use leptos::prelude::*;
use std::f64::consts::TAU;
use wasm_bindgen_futures::spawn_local;

/// The values' sources.
#[derive(Clone, Copy)]
pub(crate) struct LiveValues {
    probe: Probe,
    evidence: EvidenceState,
    /// E_q[log p(x|z)] of the encoder's q, by quadrature for two dimensions.
    expected_log_likelihood: RwSignal<Option<f64>>,
}

impl LiveValues {
    /// Keeps the values up to date while the current owner lives.
    pub(crate) fn new() -> Self {
        let values = Self {
            probe: Probe::new(),
            evidence: expect_context(),
            expected_log_likelihood: RwSignal::new(None),
        };
        let run = StoredValue::new(0_u64);
        Effect::new(move |_| {
            let encoded = values.probe.view.encoded.get();
            let number = run.get_value() + 1;
            run.set_value(number);
            values.expected_log_likelihood.set(None);
            let q = encoded.and_then(|encoded| Gaussian::of_encoder(&encoded.mu, &encoded.sigma));
            if let Some(q) = q {
                spawn_local(async move {
                    let found = values.probe.expected_log_likelihood(q).await;
                    if run.try_get_value() == Some(number)
                        && let Ok(found) = found
                    {
                        values.expected_log_likelihood.try_set(Some(found.value));
                    }
                });
            }
        });
        values
    }

    /// The encoder's q(z|x), for two dimensions.
    pub(crate) fn encoder(self) -> Option<Gaussian> {
        self.probe.view.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            Gaussian::of_encoder(&encoded.mu, &encoded.sigma)
        })
    }

    /// E_q[log p(x|z)]: by quadrature in two dimensions, else the mean of the samples so far.
    pub(crate) fn expected_log_likelihood(self) -> Option<f64> {
        self.expected_log_likelihood.get().or_else(|| {
            if self.encoder().is_some() {
                return None;
            }
            self.evidence
                .estimates
                .with(|estimates| estimates.weights.reconstruction())
                .map(|(mean, _)| mean)
        })
    }

    /// KL(q(z|x) ‖ p(z)), in nats.
    pub(crate) fn kl(self) -> Option<f64> {
        self.probe.view.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            let pairs = encoded.mu.iter().zip(&encoded.sigma);
            Some(
                pairs
                    .map(|(&mu, &sigma)| {
                        let (mu, sigma) = (f64::from(mu), f64::from(sigma));
                        0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln()
                    })
                    .sum(),
            )
        })
    }

    /// The ELBO of the encoder's q, in nats.
    pub(crate) fn elbo(self) -> Option<f64> {
        Some(self.expected_log_likelihood()? - self.kl()?)
    }

    /// log p(x) in nats, for two dimensions.
    pub(crate) fn log_px(self) -> Option<f64> {
        self.evidence
            .estimates
            .with(|estimates| Some(estimates.exact.as_ref()?.log_evidence))
    }

    /// The gap log p(x) − ELBO of the encoder's q, in nats, for two dimensions. Every chapter's number of it, because another
    /// quadrature differs by some thousandths, which rounding makes visible.
    pub(crate) fn gap(self) -> Option<f64> {
        Some(self.log_px()? - self.elbo()?)
    }

    /// The gap as its definition has it, KL(q(z|x) ‖ p(z|x)) integrated over the plane, in nats.
    fn integrated_gap(self) -> Option<f64> {
        self.evidence
            .estimates
            .with(|estimates| Some(estimates.exact.as_ref()?.gap))
    }

    fn log_prior_z(self) -> f64 {
        let z = self.probe.latent.z();
        let squares: f64 = z.iter().map(|&z| f64::from(z).powi(2)).sum();
        -0.5 * (squares + z.len() as f64 * TAU.ln())
    }

    /// The text of a value; `None` while it is not known, or for an unknown name.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let encoded = |of: fn(&crate::state::engine_view::Encoded) -> Option<&f32>| {
            self.probe
                .view
                .encoded
                .with(|encoded| encoded.as_ref().and_then(|encoded| of(encoded).copied()))
        };
        let q = || self.encoder();
        let log_likelihood_z = || self.evidence.log_likelihood_at_z.get();
        match name {
            "z1" => Some(latent(self.probe.latent.value(0))),
            "z2" => Some(latent(self.probe.latent.value(1))),
            "mu1" => encoded(|encoded| encoded.mu.first()).map(latent),
            "mu2" => encoded(|encoded| encoded.mu.get(1)).map(latent),
            "sigma1" => encoded(|encoded| encoded.sigma.first()).map(three),
            "sigma2" => encoded(|encoded| encoded.sigma.get(1)).map(three),
            "encoder_parameters" => {
                self.probe.view.generation.track();
                self.probe.view.model.track();
                let files = self.probe.actions.files()?;
                let layers = EncoderLayers::read(&files.weights).ok()?;
                Some(grouped(layers.parameters()))
            }
            "log_prior_z" => Some(nats(self.log_prior_z())),
            "log_likelihood_z" => log_likelihood_z().map(nats),
            "log_posterior_z" => Some(nats(
                log_likelihood_z()? + self.log_prior_z() - self.log_px()?,
            )),
            "log_px" => self.log_px().map(nats),
            "gap" => self.gap().map(nats),
            "gap_precise" => self.gap().map(|gap| fixed(gap, 3)),
            "gap_integrated" => self.integrated_gap().map(|gap| fixed(gap, 3)),
            "elbo" => self.elbo().map(nats),
            "kl" => self.kl().map(nats),
            "reconstruction" => self.expected_log_likelihood().map(|value| nats(-value)),
            "expected_log_likelihood" => self.expected_log_likelihood().map(nats),
            "e_log_q" => Some(nats(q()?.expected_log_density())),
            "e_log_prior" => Some(nats(q()?.expected_log_prior())),
            "e_log_joint" => Some(nats(
                self.expected_log_likelihood()? + q()?.expected_log_prior(),
            )),
            "e_log_posterior" => Some(nats(
                self.expected_log_likelihood()? + q()?.expected_log_prior() - self.log_px()?,
            )),
            _ => None,
        }
    }
}

fn three(value: f32) -> String {
    fixed(f64::from(value), 3)
}
