//! One Markov chain with target p(z|x).

use estimate::{ChainMean, geweke};
use protocol::evidence::McmcPath;

/// The path of the chain, and its cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct McmcChain {
    latent: usize,
    /// States, `[n × latent]`, starting with the initial one.
    path: Vec<f32>,
    accepted: usize,
    /// Decoder evaluations.
    pub(crate) decodes: usize,
    /// Gradient evaluations (backward passes of the decoder).
    pub(crate) gradients: usize,
}

impl McmcChain {
    /// A chain at its initial state.
    pub(crate) fn new(start: Vec<f32>) -> Self {
        Self {
            latent: start.len(),
            path: start,
            ..Self::default()
        }
    }

    /// Appends further transitions.
    pub(crate) fn extended(&self, segment: &McmcPath) -> Self {
        Self {
            latent: self.latent,
            path: [&self.path, segment.states.as_slice()].concat(),
            accepted: self.accepted + segment.accepted,
            decodes: self.decodes + segment.forward_passes,
            gradients: self.gradients + segment.backward_passes,
        }
    }

    /// Number of transitions.
    pub(crate) fn count(&self) -> usize {
        self.states().len().saturating_sub(1)
    }

    /// The current state; `None` without an initial state.
    pub(crate) fn last(&self) -> Option<&[f32]> {
        self.states().next_back()
    }

    /// All states, starting with the initial one.
    pub(crate) fn states(&self) -> std::slice::ChunksExact<'_, f32> {
        self.path.chunks_exact(self.latent.max(1))
    }

    /// Fraction of accepted proposals; `None` without transitions.
    pub(crate) fn acceptance(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.accepted as f64 / self.count() as f64)
    }

    /// Mean of a dimension, without burn-in.
    pub(crate) fn mean(&self, dimension: usize) -> Option<ChainMean> {
        let stationary = self.stationary(dimension);
        (stationary.len() >= 10).then(|| ChainMean::of(&stationary))
    }

    /// Geweke's diagnostic of a dimension, without burn-in: the difference of early and late means in standard errors.
    pub(crate) fn geweke(&self, dimension: usize) -> Option<f64> {
        let stationary = self.stationary(dimension);
        (stationary.len() >= 100)
            .then(|| geweke(&stationary))
            .filter(|score| score.is_finite())
    }

    /// Values of a dimension without the first tenth of the chain, the burn-in.
    pub(crate) fn stationary(&self, dimension: usize) -> Vec<f64> {
        let series = self.series(dimension);
        series[series.len() / 10..].to_vec()
    }

    /// The states without the initial one and without burn-in.
    pub(crate) fn stationary_states(&self) -> impl Iterator<Item = &[f32]> {
        self.states().skip(1 + self.count() / 10)
    }

    /// The running mean of a dimension at about `points` transitions, as pairs of transition and mean.
    pub(crate) fn running_mean(&self, dimension: usize, points: usize) -> Vec<(f64, f64)> {
        let stride = (self.count() / points.max(1)).max(1);
        let mut sum = 0.0;
        let values = self.series(dimension).into_iter().enumerate();
        values
            .filter_map(|(i, value)| {
                sum += value;
                let n = (i + 1) as f64;
                (i.is_multiple_of(stride)).then_some((n, sum / n))
            })
            .collect()
    }

    /// Values of a dimension after each transition.
    fn series(&self, dimension: usize) -> Vec<f64> {
        let values = self.states().skip(1).filter_map(|row| row.get(dimension));
        values.map(|&value| f64::from(value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(path: Vec<f32>) -> McmcPath {
        McmcPath {
            accepted: path.len() / 4,
            forward_passes: path.len() / 2,
            backward_passes: 0,
            states: path,
        }
    }

    #[test]
    fn extended_accumulates_segments() {
        let run = McmcChain::new(vec![3.0, -3.0]);
        assert_eq!((run.count(), run.acceptance()), (0, None));
        let run = run.extended(&segment(vec![1.0, 0.0, 2.0, 0.0]));
        let run = run.extended(&segment(vec![3.0, 0.0, 6.0, 1.0]));
        assert_eq!((run.count(), run.decodes), (4, 4));
        assert_eq!(run.acceptance(), Some(0.5));
        assert_eq!(run.last(), Some([6.0, 1.0].as_slice()));
        // The initial state is not a sample.
        let means = run.running_mean(0, 100);
        assert_eq!(means, [(1.0, 1.0), (2.0, 1.5), (3.0, 2.0), (4.0, 3.0)]);
        assert_eq!(run.mean(0), None, "too short");
    }

    #[test]
    fn geweke_detects_a_trend() {
        let path: Vec<f32> = (0..400)
            .flat_map(|i| [(i as f32 * 2.4).sin(), i as f32 / 400.0])
            .collect();
        let run = McmcChain::new(vec![0.0; 2]).extended(&segment(path));
        let mean = run.mean(0).expect("long enough");
        assert!(mean.mean.abs() < 0.05, "{mean:?}");
        assert!(run.geweke(0).expect("moves").abs() < 4.0);
        assert!(run.geweke(1).expect("moves").abs() > 4.0, "not converged");
    }
}
