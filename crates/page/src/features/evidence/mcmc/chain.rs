//! A Markov chain on p(z|x) as it goes on.

use estimate::{ChainMean, geweke};
use protocol::evidence::McmcPath;

/// Where the chain has been, and at what cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct McmcChain {
    latent: usize,
    /// `[n × latent]`, from its start on.
    path: Vec<f32>,
    accepted: usize,
    /// Passes through the decoder.
    pub(crate) decodes: usize,
    /// Passes back through it.
    pub(crate) gradients: usize,
}

impl McmcChain {
    /// A chain that stands at its start.
    pub(crate) fn at(start: Vec<f32>) -> Self {
        Self {
            latent: start.len(),
            path: start,
            ..Self::default()
        }
    }

    /// This, and a further piece.
    pub(crate) fn and(&self, piece: &McmcPath) -> Self {
        Self {
            latent: self.latent,
            path: [&self.path, piece.states.as_slice()].concat(),
            accepted: self.accepted + piece.accepted,
            decodes: self.decodes + piece.forward_passes,
            gradients: self.gradients + piece.backward_passes,
        }
    }

    /// Transitions made.
    pub(crate) fn count(&self) -> usize {
        self.rows().len().saturating_sub(1)
    }

    /// Where it stands; none before it has a start.
    pub(crate) fn last(&self) -> Option<&[f32]> {
        self.rows().next_back()
    }

    /// The places it has been to, from the start on.
    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.path.chunks_exact(self.latent.max(1))
    }

    /// The share of proposals that were accepted; none without any.
    pub(crate) fn acceptance(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.accepted as f64 / self.count() as f64)
    }

    /// What it says of a dimension, without its first tenth, on which it may still have been on its way.
    pub(crate) fn mean(&self, dimension: usize) -> Option<ChainMean> {
        let series = self.series(dimension);
        let settled = &series[series.len() / 10..];
        (settled.len() >= 10).then(|| ChainMean::of(settled))
    }

    /// How far early and late parts of a dimension are apart, in standard errors, without the first tenth.
    pub(crate) fn geweke(&self, dimension: usize) -> Option<f64> {
        let series = self.series(dimension);
        let settled = &series[series.len() / 10..];
        (settled.len() >= 100)
            .then(|| geweke(settled))
            .filter(|score| score.is_finite())
    }

    /// The running mean of a dimension at about so many places of the chain: transitions, and the mean.
    pub(crate) fn running_mean(&self, dimension: usize, about: usize) -> Vec<(f64, f64)> {
        let stride = (self.count() / about.max(1)).max(1);
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

    /// The dimension after each transition.
    fn series(&self, dimension: usize) -> Vec<f64> {
        let values = self.rows().skip(1).filter_map(|row| row.get(dimension));
        values.map(|&value| f64::from(value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(path: Vec<f32>) -> McmcPath {
        McmcPath {
            accepted: path.len() / 4,
            forward_passes: path.len() / 2,
            backward_passes: 0,
            states: path,
        }
    }

    #[test]
    fn pieces_add_up() {
        let run = McmcChain::at(vec![3.0, -3.0]);
        assert_eq!((run.count(), run.acceptance()), (0, None));
        let run = run.and(&piece(vec![1.0, 0.0, 2.0, 0.0]));
        let run = run.and(&piece(vec![3.0, 0.0, 6.0, 1.0]));
        assert_eq!((run.count(), run.decodes), (4, 4));
        assert_eq!(run.acceptance(), Some(0.5));
        assert_eq!(run.last(), Some([6.0, 1.0].as_slice()));
        // The start is no sample.
        let means = run.running_mean(0, 100);
        assert_eq!(means, [(1.0, 1.0), (2.0, 1.5), (3.0, 2.0), (4.0, 3.0)]);
        assert_eq!(run.mean(0), None, "too short to tell");
    }

    #[test]
    fn a_chain_that_goes_to_and_fro_has_settled() {
        let path: Vec<f32> = (0..400)
            .flat_map(|i| [(i as f32 * 2.4).sin(), i as f32 / 400.0])
            .collect();
        let run = McmcChain::at(vec![0.0; 2]).and(&piece(path));
        let mean = run.mean(0).expect("long enough");
        assert!(mean.mean.abs() < 0.05, "{mean:?}");
        assert!(run.geweke(0).expect("moves").abs() < 4.0);
        assert!(
            run.geweke(1).expect("moves").abs() > 4.0,
            "still on its way"
        );
    }
}
