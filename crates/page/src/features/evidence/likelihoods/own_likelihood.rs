//! The likelihood of a decoder whose output is a mean or a location, not logits: its scale, and log p(x|z) in nats and in
//! bits per value.

use crate::features::evidence::state::EvidenceState;
use crate::number::format::{fixed, nats};
use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use protocol::Likelihood;
use std::f64::consts::LN_2;

/// log p(x|z) at the current z under the model's own likelihood.
#[component]
pub(crate) fn OwnLikelihood() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let likelihood = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().map(|m| m.likelihood))
    });
    let values = Memo::new(move |_| view.shape().values());
    let text = |of: &'static str| -> &'static str { of };
    let name = move || match likelihood.get() {
        Some(Likelihood::DiscretizedLogistic { .. }) => text("discretized logistic"),
        _ => text("Gaussian"),
    };
    let meaning = move || match likelihood.get() {
        Some(Likelihood::DiscretizedLogistic { .. }) => text(
            "log of a probability on 256 levels for each value: never above 0, comparable with other models of the \
             same images",
        ),
        _ => text(
            "log of a density on ℝ: can be above 0, and grows without bound as σ decreases, if the image fits",
        ),
    };
    let scale = move || likelihood.get().as_ref().map(scale_text);
    let at_z = Memo::new(move |_| evidence.log_likelihood_at_z.get());
    let bits = move || {
        at_z.get().map_or_else(
            || "–".to_owned(),
            |at_z| fixed(bits_per_value(at_z, values.get()), 2),
        )
    };
    view! {
        <table class="data-table">
            <thead>
                <tr>
                    <th scope="col">"decoder’s output as location of a"</th>
                    <th scope="col">"log p(x|z), nats"</th>
                    <th scope="col">"bits per value"</th>
                    <th scope="col">"interpretation"</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">{name}</th>
                    <td class="number" data-testid="own-likelihood">{move || at_z.get().map_or_else(|| "–".to_owned(), nats)}</td>
                    <td class="number" data-testid="bits-per-value">{bits}</td>
                    <td>{meaning}</td>
                </tr>
            </tbody>
        </table>
        <p class="card-note">
            {scale} " One image has " {move || values.get()} " values, and bits per value are "
            "−log₂ p(x|z) divided by their number. This decoder gives no logits, so the Bernoulli likelihoods cannot be \
             computed from its output."
        </p>
    }
}

/// −log₂ of a probability, for each of the image's values.
fn bits_per_value(log_likelihood: f64, values: usize) -> f64 {
    -log_likelihood / LN_2 / values.max(1) as f64
}

/// The scales with their names.
fn scale_text(likelihood: &Likelihood) -> String {
    match likelihood {
        Likelihood::DiscretizedLogistic { scales } => match scales.as_slice() {
            [red, green, blue] => format!(
                "The scale s is {red:.3} for red, {green:.3} for green and {blue:.3} for blue, as a share of the values’ range."
            ),
            scales => {
                let texts: Vec<_> = scales.iter().map(|scale| format!("{scale:.3}")).collect();
                format!(
                    "The scale s is {}, as a share of the values’ range.",
                    texts.join(", ")
                )
            }
        },
        Likelihood::Gaussian { sigma } => {
            format!("σ is {sigma:.3}, as a share of the values’ range.")
        }
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ChannelScales;

    #[test]
    fn bits_per_value_of_independent_coins_is_one() {
        assert!((bits_per_value(-3072.0 * LN_2, 3072) - 1.0).abs() < 1e-12);
        assert_eq!(bits_per_value(0.0, 784), 0.0);
    }

    #[test]
    fn scale_text_names_the_channels() {
        let scales = ChannelScales::new(&[0.1, 0.2, 0.3]).unwrap();
        let text = scale_text(&Likelihood::DiscretizedLogistic { scales });
        assert!(
            text.contains("0.100 for red") && text.contains("0.300 for blue"),
            "{text}"
        );
        assert!(scale_text(&Likelihood::Gaussian { sigma: 0.05 }).starts_with("σ is 0.050"));
    }
}
