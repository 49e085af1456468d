//! The layer of the Markov chains' paths.

use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;
use std::fmt::Write as _;

/// Largest number of transitions that are drawn as lines, of all chains together.
const MAX_DRAWN: usize = 2_000;
/// Number of the newest states that are drawn as dots, which are visible however small their region is.
const DOTS: usize = 100;
/// Half the side of the plane, in SVG units.
const EDGE: f64 = 3.0;

/// The newest part of each path, its last states, and the current state: a circle, or at the edge of the map an arrow
/// towards it.
#[component]
pub(crate) fn McmcPath() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let paths = move || {
        let chains = evidence.chains.get();
        let slice = map.slice.get();
        if slice.size() != chains.latent_size() {
            return None;
        }
        let viewport = map.viewport.get();
        let at = |z: &[f32]| to_svg(&viewport, slice.to_map(z));
        let paths = chains.all().iter().enumerate().filter_map(|(index, chain)| {
            let [line, dots] = paths(chain, MAX_DRAWN / chains.all().len(), at);
            let [x, y] = at(chain.last()?);
            let marker = if x.abs().max(y.abs()) <= EDGE {
                view! { <circle cx=x.to_string() cy=y.to_string() r="0.07" /> }.into_any()
            } else {
                view! { <path class="chain-arrow" data-testid="chain-outside" d=arrow([x, y]) /> }.into_any()
            };
            Some(view! {
                <g class=format!("chain-{}", index % 4)>
                    <path class="chain-line" d=line />
                    <path class="chain-dots" d=dots />
                    {marker}
                </g>
            })
        });
        Some(paths.collect_view())
    };
    view! {
        <g class="chain-path" data-testid="chain-path" clip-path="url(#plane-clip)">
            {paths}
        </g>
    }
}

/// The line of the newest transitions, and the dots of the last states.
fn paths(chain: &McmcChain, most: usize, at: impl Fn(&[f32]) -> [f64; 2]) -> [String; 2] {
    let count = chain.states().len();
    let first_drawn = count.saturating_sub(most);
    let (mut line, mut dots) = (String::new(), String::new());
    let mut before = None;
    for (i, z) in chain.states().enumerate().skip(first_drawn) {
        // A rejected proposal repeats the state.
        let is_new = before.replace(z) != Some(z);
        let [x, y] = at(z);
        // Writing to a string cannot fail.
        if is_new {
            let command = if line.is_empty() { 'M' } else { 'L' };
            let _ = write!(line, "{command}{x:.3} {y:.3}");
        }
        if is_new && i + DOTS >= count {
            let _ = write!(dots, "M{x:.3} {y:.3}h0");
        }
    }
    [line, dots]
}

/// An arrow at the edge of the map that points to a position outside, in SVG units.
fn arrow([x, y]: [f64; 2]) -> String {
    const LENGTH: f64 = 0.34;
    const HALF_WIDTH: f64 = 0.16;
    let scale = (EDGE - 0.05) / x.abs().max(y.abs());
    let tip = [x * scale, y * scale];
    let length = x.hypot(y);
    let [along, across] = [[x / length, y / length], [-y / length, x / length]];
    let corner =
        |side: f64| [0, 1].map(|i| tip[i] - LENGTH * along[i] + side * HALF_WIDTH * across[i]);
    let [[ax, ay], [bx, by]] = [corner(1.0), corner(-1.0)];
    format!(
        "M{:.3} {:.3}L{ax:.3} {ay:.3}L{bx:.3} {by:.3}Z",
        tip[0], tip[1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::evidence::McmcPath;

    #[test]
    fn paths_skip_rejected_proposals_and_end_with_dots() {
        let states = (0..300).flat_map(|i| [(i / 2) as f32, 1.0]).collect();
        let chain = McmcChain::new(vec![0.0, 1.0]).extended(&McmcPath {
            states,
            accepted: 150,
            forward_passes: 300,
            backward_passes: 0,
        });
        let [line, dots] = paths(&chain, MAX_DRAWN, |z| [f64::from(z[0]), f64::from(z[1])]);
        assert_eq!(line.matches(['M', 'L']).count(), 150);
        assert_eq!(dots.matches('M').count(), 50);
        assert!(dots.ends_with("M149.000 1.000h0"), "{dots}");
    }

    #[test]
    fn arrow_stays_on_the_map_and_points_outside() {
        let path = arrow([9.0, 0.0]);
        assert!(
            path.starts_with("M2.950 0.000L2.610 0.160L2.610 -0.160"),
            "{path}"
        );
    }
}
