//! The best diagonal Gaussian for the reader's image.

use crate::features::learn::gaussian_search::gaussian::Gaussian;
use crate::features::learn::gaussian_search::search::{Search, elbo};
use crate::features::learn::probe::Probe;

/// Largest number of steps from one start.
const MAX_STEPS: usize = 60;

/// The ELBO of q, in nats.
pub(crate) async fn elbo_of(probe: Probe, q: Gaussian) -> Result<f64, String> {
    Ok(elbo(q, probe.expected_log_likelihood(q).await?))
}

/// The Gaussian with the largest ELBO, and its ELBO: the best of a search from the encoder's answer and one from the
/// moments of the exact posterior.
pub(crate) async fn best_gaussian(probe: Probe) -> Result<(Gaussian, f64), String> {
    let exact = probe.quadrature().await?;
    let moments = Gaussian {
        mu: exact.mean,
        sigma: exact.standard_deviation,
    };
    let mut best: Option<(Gaussian, f64)> = None;
    for start in [probe.encoder()?, moments] {
        let mut search = Search::new(start);
        for _ in 0..MAX_STEPS {
            let Some(q) = search.wanted() else { break };
            search.step(probe.expected_log_likelihood(q).await?);
        }
        if let Some(found) = search.best()
            && best.is_none_or(|best| found.1 > best.1)
        {
            best = Some(found);
        }
    }
    best.ok_or_else(|| "No Gaussian was found.".to_owned())
}
