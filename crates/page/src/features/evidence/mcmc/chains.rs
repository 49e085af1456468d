//! Markov chains with the same target p(z|x), from different starts.

use crate::features::evidence::mcmc::chain::McmcChain;
use protocol::evidence::McmcPath;

/// One chain, or several that are compared with each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct McmcChains {
    chains: Vec<McmcChain>,
}

impl McmcChains {
    /// Chains at their initial states.
    pub(crate) fn new(starts: Vec<Vec<f32>>) -> Self {
        Self {
            chains: starts.into_iter().map(McmcChain::new).collect(),
        }
    }

    /// Appends transitions to one chain.
    pub(crate) fn extended(&self, index: usize, segment: &McmcPath) -> Self {
        let mut next = self.clone();
        if let Some(chain) = next.chains.get_mut(index) {
            *chain = chain.extended(segment);
        }
        next
    }

    /// All chains.
    pub(crate) fn all(&self) -> &[McmcChain] {
        &self.chains
    }

    /// Number of dimensions of z; 0 without chains.
    pub(crate) fn latent_size(&self) -> usize {
        let first = self.chains.first().and_then(McmcChain::last);
        first.map_or(0, <[f32]>::len)
    }

    /// Number of transitions that every chain has made.
    pub(crate) fn count(&self) -> usize {
        self.chains.iter().map(McmcChain::count).min().unwrap_or(0)
    }

    /// The index of the chain with the fewest transitions, which is continued next; `None` without chains.
    pub(crate) fn shortest(&self) -> Option<usize> {
        (0..self.chains.len()).min_by_key(|&index| self.chains[index].count())
    }

    /// Fraction of accepted proposals of all chains; `None` without transitions.
    pub(crate) fn acceptance(&self) -> Option<f64> {
        let all = self.chains.iter().filter_map(|chain| {
            let transitions = chain.count() as f64;
            Some((chain.acceptance()? * transitions, transitions))
        });
        let (accepted, transitions) =
            all.fold((0.0, 0.0), |sum, chain| (sum.0 + chain.0, sum.1 + chain.1));
        (transitions > 0.0).then(|| accepted / transitions)
    }

    /// Decoder evaluations, and backward passes of the decoder, of all chains.
    pub(crate) fn cost(&self) -> (usize, usize) {
        self.chains.iter().fold((0, 0), |sum, chain| {
            (sum.0 + chain.decodes, sum.1 + chain.gradients)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(states: usize, accepted: usize) -> McmcPath {
        McmcPath {
            states: vec![0.5; 2 * states],
            accepted,
            forward_passes: states,
            backward_passes: 1,
        }
    }

    #[test]
    fn chains_take_turns_and_add_up() {
        let chains = McmcChains::new(vec![vec![0.0; 2], vec![3.0; 2]]);
        assert_eq!((chains.count(), chains.shortest()), (0, Some(0)));
        assert_eq!((chains.latent_size(), chains.acceptance()), (2, None));
        let chains = chains.extended(0, &segment(10, 10));
        assert_eq!((chains.count(), chains.shortest()), (0, Some(1)));
        let chains = chains.extended(1, &segment(30, 10));
        assert_eq!((chains.count(), chains.shortest()), (10, Some(0)));
        assert_eq!(chains.acceptance(), Some(0.5));
        assert_eq!(chains.cost(), (40, 2));
        assert_eq!(McmcChains::default().shortest(), None);
    }
}
