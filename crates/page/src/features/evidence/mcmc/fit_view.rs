//! Keeps running chains within the view of the latent map.

use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use leptos::prelude::*;

/// States of a chain that are fitted into the view at most, the newest.
const NEWEST: usize = 2_000;
/// Space around the states, as a fraction of their range.
const MARGIN: f64 = 0.2;
/// Half side of the smallest fitted view.
const MIN_HALF: f64 = 0.03;

/// The smallest view with all positions and a margin; `None` without positions.
pub(crate) fn view_of(positions: impl Iterator<Item = [f64; 2]>) -> Option<Viewport> {
    let [low, high] = positions.fold(
        [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]],
        |[low, high], at| {
            [
                [0, 1].map(|i| low[i].min(at[i])),
                [0, 1].map(|i| high[i].max(at[i])),
            ]
        },
    );
    let range = (high[0] - low[0]).max(high[1] - low[1]);
    let centre = [0, 1].map(|i| 0.5 * (low[i] + high[i]));
    let view = Viewport {
        centre,
        half: (0.5 * range * (1.0 + 2.0 * MARGIN)).max(MIN_HALF),
    };
    // Limits the side and the centre to valid z.
    range.is_finite().then(|| view.zoomed(1.0, centre))
}

/// The newest states of all chains on the map.
pub(crate) fn positions<'a>(
    chains: &'a [McmcChain],
    slice: &'a LatentSlice,
) -> impl Iterator<Item = [f64; 2]> + 'a {
    chains
        .iter()
        .filter(|chain| chain.last().is_some_and(|z| z.len() == slice.size()))
        .flat_map(|chain| {
            let states = chain.states();
            let skipped = states.len().saturating_sub(NEWEST);
            states.skip(skipped).map(|z| slice.to_map(z))
        })
}

/// Extends the view when a running chain leaves it, unless the user has moved the view since the chain started.
pub(crate) fn keep_chains_in_view() {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    // The view that this effect has set, or the one at the start of the chains.
    Effect::new(move |followed: Option<Option<Viewport>>| {
        let chains = evidence.chains.get();
        let view = map.viewport.get_untracked();
        let is_new = chains.count() == 0;
        let followed = if is_new {
            Some(view)
        } else {
            followed.flatten()
        };
        if followed != Some(view) || !evidence.chain_running.get_untracked() {
            return followed;
        }
        let extended = map.slice.with_untracked(|slice| {
            let newest = chains.all().iter().filter_map(McmcChain::last);
            let newest: Vec<_> = newest
                .filter(|z| z.len() == slice.size())
                .map(|z| slice.to_map(z))
                .collect();
            let is_outside = |at: &[f64; 2]| view.scrolled_to(*at) != view;
            if !newest.iter().any(is_outside) {
                return None;
            }
            let corners =
                [-1.0, 1.0].map(|side| view.centre.map(|centre| centre + side * view.half));
            view_of(newest.into_iter().chain(corners))
        });
        if let Some(extended) = extended {
            map.viewport.set(extended);
            return Some(extended);
        }
        followed
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn view_of_contains_all_positions() {
        let positions = [[0.5, 1.0], [0.7, -0.4], [0.6, 0.0]];
        let view = view_of(positions.into_iter()).expect("three positions");
        assert!(positions.iter().all(|at| view.scrolled_to(*at) == view));
        assert!(view.half < 1.1, "{view:?}");
        // One position, or none.
        let one = view_of([[1.0, 2.0]].into_iter()).expect("one position");
        assert_eq!((one.centre, one.half), ([1.0, 2.0], MIN_HALF));
        assert_eq!(view_of(std::iter::empty()), None);
        // Valid z only.
        let far = view_of([[-40.0, 0.0], [40.0, 0.0]].into_iter()).expect("two positions");
        assert_eq!(far.half, 6.0);
    }
}
