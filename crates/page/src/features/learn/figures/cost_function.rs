//! Figure 9: the loss in code, each line with its value for the reader's image.

use crate::features::learn::probe::Probe;
use crate::latent::gaussian::sample_prior;
use crate::number::format::{fixed, nats};
use crate::ui::button::Button;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What one evaluation of the loss gives.
#[derive(Debug, Clone, PartialEq)]
struct Evaluation {
    mu: Vec<f32>,
    log_var: Vec<f32>,
    epsilon: Vec<f32>,
    z: Vec<f32>,
    /// The mean of the decoded pixels, from 0 to 1.
    mean_pixel: f64,
    /// −log p(x|z), in nats.
    reconstruction: f64,
    /// KL(q ‖ p(z)), in nats.
    kl: f64,
}

async fn evaluate(probe: Probe) -> Result<Evaluation, String> {
    let encoded = probe.encoded()?;
    let (mu, sigma) = (encoded.mu.clone(), &encoded.sigma);
    let epsilon = sample_prior(mu.len());
    let z: Vec<f32> = mu
        .iter()
        .zip(sigma)
        .zip(&epsilon)
        .map(|((mu, sigma), epsilon)| mu + sigma * epsilon)
        .collect();
    let log_likelihood = probe.log_likelihood(&z).await?;
    let (pixels, _) = probe.decode(z.clone()).await?;
    let sum: f64 = pixels.iter().map(|grey| f64::from(*grey) / 255.0).sum();
    let log_var: Vec<f32> = sigma.iter().map(|sigma| 2.0 * sigma.ln()).collect();
    let kl = kl(&mu, &log_var);
    Ok(Evaluation {
        mean_pixel: sum / pixels.len().max(1) as f64,
        reconstruction: -log_likelihood.first().copied().unwrap_or(f64::NAN),
        kl,
        mu,
        log_var,
        epsilon,
        z,
    })
}

/// −½ Σ (1 + log σ² − μ² − σ²), as the code has it.
fn kl(mu: &[f32], log_var: &[f32]) -> f64 {
    let terms = mu.iter().zip(log_var).map(|(mu, log_var)| {
        let (mu, log_var) = (f64::from(*mu), f64::from(*log_var));
        1.0 + log_var - mu * mu - log_var.exp()
    });
    -0.5 * terms.sum::<f64>()
}

/// Reads a line's value.
type LineValue = Box<dyn Fn(&Evaluation) -> String + Send + Sync>;

/// The code, with the lines' values.
#[component]
pub(crate) fn CostFunction() -> impl IntoView {
    let probe = Probe::new();
    let found = RwSignal::new(None::<Result<Evaluation, String>>);
    let run = move || {
        spawn_local(async move {
            let evaluation = evaluate(probe).await;
            found.try_set(Some(evaluation));
        });
    };
    Effect::new(move |_| {
        probe.view.generation.track();
        if probe.view.encoded.with(Option::is_some) {
            run();
        }
    });
    let vector = |values: &[f32]| {
        let shown: Vec<_> = values
            .iter()
            .take(2)
            .map(|value| fixed(f64::from(*value), 2))
            .collect();
        let more = if values.len() > 2 { ", …" } else { "" };
        format!("({}{more})", shown.join(", "))
    };
    let lines: [(&'static str, LineValue); 7] = [
        (
            "mu, log_var = encoder(x)",
            Box::new(move |e| format!("{} and {}", vector(&e.mu), vector(&e.log_var))),
        ),
        ("eps = normal(0, 1)", Box::new(move |e| vector(&e.epsilon))),
        (
            "z = mu + exp(log_var / 2) * eps",
            Box::new(move |e| vector(&e.z)),
        ),
        (
            "y = decoder(z)",
            Box::new(|e| format!("mean pixel {}", fixed(e.mean_pixel, 3))),
        ),
        (
            "rec = -sum(x * log(y + 1e-10) + (1 - x) * log(1 - y + 1e-10))",
            Box::new(|e| nats(e.reconstruction) + " nats"),
        ),
        (
            "kl = -0.5 * sum(1 + log_var - mu**2 - exp(log_var))",
            Box::new(|e| nats(e.kl) + " nats"),
        ),
        (
            "loss = mean(rec + kl)   # over the batch",
            Box::new(|e| nats(e.reconstruction + e.kl) + " nats"),
        ),
    ];
    let rows = lines
        .into_iter()
        .map(|(code, value)| {
            let shown = move || match found.get() {
                Some(Ok(evaluation)) => value(&evaluation),
                _ => "…".to_owned(),
            };
            view! {
                <li>
                    <code>{code}</code>
                    <output>{shown}</output>
                </li>
            }
        })
        .collect_view();
    let problem = move || match found.get() {
        Some(Err(error)) => Some(error),
        _ => None,
    };
    view! {
        <ol class="code-lines" data-testid="learn-cost">{rows}</ol>
        <div class="card-buttons">
            <Button test_id="learn-cost-again" on_click=move |_| run()>"Draw ε again"</Button>
        </div>
        <p class="flow-note" role="status">{problem}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::posterior::Posterior;

    #[test]
    fn kl_of_the_code_is_the_closed_form() {
        let (mu, sigma) = ([0.5_f32, -1.0], [0.3_f32, 1.2]);
        let log_var = sigma.map(|sigma| 2.0 * sigma.ln());
        let expected: f32 = (0..2)
            .map(|i| {
                Posterior {
                    mu: mu[i],
                    sigma: sigma[i],
                }
                .kl_from_prior()
            })
            .sum();
        assert!((kl(&mu, &log_var) - f64::from(expected)).abs() < 1e-5);
    }
}
