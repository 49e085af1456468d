//! Whether chains have converged: their means with errors, compared with each other and with quadrature. No web types.

use crate::features::evidence::mcmc::chains::McmcChains;
use crate::features::evidence::mcmc::coverage::visited_mass;
use crate::features::evidence::mcmc::verdict::Verdict;
use estimate::ChainsMean;
use protocol::evidence::Quadrature;

/// Transitions of each chain before its numbers are judged.
const MIN_TRANSITIONS: usize = 200;
/// Values of a chain for R̂ at most: ranks of more take longer and change little.
const R_HAT_VALUES: usize = 500;
/// Differences from quadrature up to this many standard errors are noise.
const MAX_STANDARD_ERRORS: f64 = 4.0;
/// Differences below this fraction of the posterior's standard deviation do not matter.
const MIN_DIFFERENCE: f64 = 0.1;

/// The numbers of one dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DimensionMean {
    /// The mean of all chains.
    pub(crate) mean: f64,
    /// Its standard error.
    pub(crate) standard_error: f64,
    /// The effective sample size of all chains together.
    pub(crate) effective_sample_size: f64,
    /// The autocorrelation time and Geweke's z of a single chain.
    pub(crate) single: Option<(f64, Option<f64>)>,
    /// R̂ of several chains.
    pub(crate) r_hat: Option<f64>,
}

/// The numbers of all dimensions, and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Diagnosis {
    /// One for each dimension of z.
    pub(crate) dimensions: Vec<DimensionMean>,
    /// The largest R̂ of all dimensions, for several chains.
    pub(crate) r_hat: Option<f64>,
    /// What the numbers mean; `None` after few transitions.
    pub(crate) verdict: Option<Verdict>,
}

impl Diagnosis {
    /// Judges the chains. `None` after fewer than about ten transitions.
    pub(crate) fn new(chains: &McmcChains, exact: Option<&Quadrature>) -> Option<Self> {
        let dimensions: Vec<DimensionMean> = (0..chains.latent_size())
            .map(|dimension| dimension_mean(chains, dimension))
            .collect::<Option<_>>()?;
        let r_hat = dimensions
            .iter()
            .filter_map(|dimension| dimension.r_hat)
            .reduce(|a, b| {
                if a.is_nan() || b.is_nan() {
                    f64::NAN
                } else {
                    a.max(b)
                }
            });
        let exact = exact.filter(|_| chains.latent_size() == 2);
        let verdict = (chains.count() >= MIN_TRANSITIONS).then(|| {
            let effective = dimensions
                .iter()
                .map(|dimension| dimension.effective_sample_size)
                // NaN, of a chain that never moved, counts as none.
                .fold(f64::INFINITY, |least, next| {
                    least.min(if next.is_nan() { 0.0 } else { next })
                });
            Verdict::new(
                chains.all().len(),
                effective,
                r_hat,
                exact.map(|exact| {
                    let (distance, is_significant) = compare(&dimensions, exact);
                    let mass = visited_mass(chains.all(), &exact.cells);
                    (distance, is_significant, mass)
                }),
            )
        });
        Some(Self {
            dimensions,
            r_hat,
            verdict,
        })
    }
}

fn dimension_mean(chains: &McmcChains, dimension: usize) -> Option<DimensionMean> {
    match chains.all() {
        [] => None,
        [chain] => {
            let mean = chain.mean(dimension)?;
            Some(DimensionMean {
                mean: mean.mean,
                standard_error: mean.standard_error,
                effective_sample_size: mean.effective_sample_size,
                single: Some((mean.autocorrelation_time, chain.geweke(dimension))),
                r_hat: None,
            })
        }
        all => {
            let series: Vec<Vec<f64>> = all
                .iter()
                .map(|chain| chain.stationary(dimension))
                .collect();
            if series.iter().any(|series| series.len() < 10) {
                return None;
            }
            let mean = ChainsMean::of(&series);
            let thinned: Vec<Vec<f64>> = series.iter().map(|series| thinned(series)).collect();
            Some(DimensionMean {
                mean: mean.mean,
                standard_error: mean.standard_error,
                effective_sample_size: mean.effective_sample_size,
                single: None,
                r_hat: Some(estimate::rank_normalized_split_r_hat(&thinned)),
            })
        }
    }
}

/// Every k-th value, so that at most [`R_HAT_VALUES`] remain.
fn thinned(series: &[f64]) -> Vec<f64> {
    let stride = series.len().div_ceil(R_HAT_VALUES).max(1);
    series.iter().copied().step_by(stride).collect()
}

/// The distance of the chains' mean from that of quadrature, and whether it is more than noise.
fn compare(dimensions: &[DimensionMean], exact: &Quadrature) -> (f64, bool) {
    let pairs = dimensions
        .iter()
        .zip(exact.mean)
        .zip(exact.standard_deviation);
    let mut squares = 0.0;
    let mut is_significant = false;
    for ((found, mean), deviation) in pairs {
        let difference = (found.mean - mean).abs();
        squares += difference * difference;
        // A NaN error, of a chain that never moved, makes any difference significant.
        let is_noise = difference <= MAX_STANDARD_ERRORS * found.standard_error;
        is_significant |= !is_noise && difference > MIN_DIFFERENCE * deviation;
    }
    (squares.sqrt(), is_significant)
}
