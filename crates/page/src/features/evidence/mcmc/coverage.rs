//! How much of the posterior's mass chains have visited. No web types.

use estimate::ChainMean;
use std::collections::HashSet;

use crate::features::evidence::mcmc::chain::McmcChain;

/// Width of a bin in standard deviations of the chain's own states.
const BIN_WIDTH: f64 = 0.5;
/// The smallest width of a bin, in units of z.
const MIN_WIDTH: f64 = 1e-3;

/// The posterior probability of the regions that the chains have visited after burn-in: bins of half a standard deviation
/// of each chain's states, with their neighbours. A chain that mixes well within one of several modes has visited only
/// that mode's part.
///
/// `cells` are those of quadrature, `[n × 4]`: z₁ and z₂ of the centre, the side length, and the log density.
pub(crate) fn visited_mass(chains: &[McmcChain], cells: &[f32]) -> f64 {
    let visited: Vec<Visited> = chains.iter().filter_map(Visited::of).collect();
    let cells = cells.as_chunks::<4>().0;
    cells
        .iter()
        .map(|cell| cell.map(f64::from))
        .filter(|[x, y, ..]| visited.iter().any(|visited| visited.contains([*x, *y])))
        .map(|[_, _, width, log_density]| width * width * log_density.exp())
        .sum::<f64>()
        .min(1.0)
}

/// The bins that a chain has visited, with their neighbours.
struct Visited {
    width: [f64; 2],
    bins: HashSet<[i64; 2]>,
}

impl Visited {
    /// `None` without transitions.
    fn of(chain: &McmcChain) -> Option<Self> {
        let width = [0, 1].map(|dimension| {
            let variance = ChainMean::of(&chain.stationary(dimension)).variance;
            (BIN_WIDTH * variance.sqrt()).max(MIN_WIDTH)
        });
        let bins: HashSet<[i64; 2]> = chain
            .stationary_states()
            .filter_map(|z| Some(bin([*z.first()?, *z.get(1)?].map(f64::from), width)))
            .flat_map(|[x, y]| {
                (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| [x + dx, y + dy]))
            })
            .collect();
        (!bins.is_empty()).then_some(Self { width, bins })
    }

    fn contains(&self, z: [f64; 2]) -> bool {
        self.bins.contains(&bin(z, self.width))
    }
}

fn bin(z: [f64; 2], width: [f64; 2]) -> [i64; 2] {
    [0, 1].map(|i| (z[i] / width[i]).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::evidence::McmcPath;

    /// Two modes at z₁ = ±1 with a standard deviation of 0.1 and masses 0.3 and 0.7.
    fn cells() -> Vec<f32> {
        let width = 0.02_f64;
        let at = |index: i64| (index as f64 + 0.5) * width;
        let density = |z: f64, mean: f64| {
            let deviation = (z - mean) / 0.1;
            (-0.5 * deviation * deviation).exp() / (0.1 * (2.0 * std::f64::consts::PI).sqrt())
        };
        (-80..80)
            .flat_map(|i| (-25..25).map(move |j| [at(i), at(j)]))
            .flat_map(|[x, y]| {
                let p = (0.3 * density(x, -1.0) + 0.7 * density(x, 1.0)) * density(y, 0.0);
                [x, y, width, p.ln()].map(|value| value as f32)
            })
            .collect()
    }

    /// Evenly distributed directions with the radii of a Gaussian around a mean.
    fn chain(mean: f64) -> McmcChain {
        let states = (0..2_000)
            .flat_map(|i| {
                let uniform = (f64::from(i) * 0.618_034).fract().max(1e-4);
                let radius = 0.1 * (-2.0 * uniform.ln()).sqrt();
                let angle = f64::from(i) * 1.732_050_8;
                [mean + radius * angle.cos(), radius * angle.sin()].map(|z| z as f32)
            })
            .collect();
        McmcChain::new(vec![0.0; 2]).extended(&McmcPath {
            states,
            accepted: 2_000,
            forward_passes: 2_000,
            backward_passes: 0,
        })
    }

    #[test]
    fn visited_mass_of_one_mode_is_its_mass() {
        let cells = cells();
        let left = visited_mass(&[chain(-1.0)], &cells);
        let right = visited_mass(&[chain(1.0)], &cells);
        assert!((0.27..0.305).contains(&left), "{left}");
        assert!((0.65..0.705).contains(&right), "{right}");
        let both = visited_mass(&[chain(-1.0), chain(1.0)], &cells);
        assert!((both - left - right).abs() < 1e-9, "{both}");
        assert_eq!(visited_mass(&[McmcChain::new(vec![1.0, 0.0])], &cells), 0.0);
    }
}
