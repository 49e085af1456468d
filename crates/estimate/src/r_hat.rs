//! Convergence of several Markov chains with the same target.

use crate::normal_quantile;

/// The rank-normalized split-R̂ of several chains (Vehtari et al. 2021, "Rank-normalization, folding, and localization: an
/// improved R̂ for assessing convergence of MCMC", section 4): the larger of R̂ of the ranks, which is sensitive to chains
/// with different means, and R̂ of the ranks of |x − median|, which is sensitive to chains with different widths. Their
/// recommended limit is [`R_HAT_LIMIT`].
///
/// Each chain is split into halves, so a trend within the chains also raises it. Chains are cut to the length of the
/// shortest. NaN for fewer than two chains, fewer than four values in each, or if all values are equal; ∞ if each half is
/// constant but they differ.
pub fn rank_normalized_split_r_hat(chains: &[Vec<f64>]) -> f64 {
    let halves = split(chains);
    if chains.len() < 2 || halves.first().is_none_or(|half| half.len() < 2) {
        return f64::NAN;
    }
    let median = median(halves.concat());
    let folded: Vec<Vec<f64>> = halves
        .iter()
        .map(|half| half.iter().map(|x| (x - median).abs()).collect())
        .collect();
    let bulk = r_hat(&rank_normalized(&halves));
    // NaN for values at only two distances from the median, as of two constant chains.
    let tail = r_hat(&rank_normalized(&folded));
    if bulk.is_nan() { bulk } else { bulk.max(tail) }
}

/// Chains have not converged to the same distribution if R̂ is above 1.01 (Vehtari et al. 2021, section 4).
pub const R_HAT_LIMIT: f64 = 1.01;

/// The halves of each chain; the middle value of an odd number is left out.
fn split(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let length = chains.iter().map(Vec::len).min().unwrap_or(0);
    let half = length / 2;
    chains
        .iter()
        .flat_map(|chain| [&chain[..half], &chain[length - half..length]])
        .map(<[f64]>::to_vec)
        .collect()
}

/// Φ⁻¹((r − 3/8)/(S + 1/4)) of the ranks r among all S values (Vehtari et al. 2021, Equation 14). Equal values, which
/// rejected proposals cause, get the mean of their ranks.
fn rank_normalized(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let values = chains.concat();
    let count = values.len() as f64;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut scores = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let value = values[order[first]];
        let ties = order[first..]
            .iter()
            .take_while(|&&index| values[index] == value)
            .count()
            .max(1);
        // Ranks count from 1.
        let rank = first as f64 + 0.5 * (ties as f64 + 1.0);
        let score = normal_quantile((rank - 0.375) / (count + 0.25));
        for &index in &order[first..first + ties] {
            scores[index] = score;
        }
        first += ties;
    }
    let mut rest = scores.as_slice();
    chains
        .iter()
        .map(|chain| {
            let (scores, others) = rest.split_at(chain.len());
            rest = others;
            scores.to_vec()
        })
        .collect()
}

/// R̂ = √(v̂/W) of chains of equal length (Gelman and Rubin 1992; Vehtari et al. 2021, Equations 1 to 4): v̂ estimates the
/// target's variance from within and between the chains, W from within them alone.
fn r_hat(chains: &[Vec<f64>]) -> f64 {
    let n = chains[0].len() as f64;
    let moments: Vec<(f64, f64)> = chains
        .iter()
        .map(|chain| mean_and_variance(chain))
        .collect();
    let within = moments.iter().map(|(_, variance)| variance).sum::<f64>() / moments.len() as f64;
    let means: Vec<f64> = moments.iter().map(|(mean, _)| *mean).collect();
    let (_, between_over_n) = mean_and_variance(&means);
    (((n - 1.0) / n * within + between_over_n) / within).sqrt()
}

/// The mean and the sample variance, with n − 1 in the denominator.
fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    // Relative to the first value, so that equal values have no variance by rounding.
    let first = values[0];
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (n - 1.0))
}

/// The median; the mean of the two middle values of an even number.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        0.5 * (values[middle - 1] + values[middle])
    } else {
        values[middle]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::tests::ar1;

    fn chains(count: u64) -> Vec<Vec<f64>> {
        (0..count).map(|seed| ar1(0.5, 1_000, 50 + seed)).collect()
    }

    #[test]
    fn r_hat_of_converged_chains_is_about_1() {
        let found = rank_normalized_split_r_hat(&chains(4));
        assert!((0.999..R_HAT_LIMIT).contains(&found), "{found}");
    }

    #[test]
    fn r_hat_detects_a_chain_in_another_mode() {
        let mut all = chains(4);
        all[3].iter_mut().for_each(|x| *x += 3.0);
        assert!(rank_normalized_split_r_hat(&all) > 1.1);
    }

    /// The plain R̂ does not: the means agree. Folding is what detects it.
    #[test]
    fn r_hat_detects_a_chain_of_another_width() {
        let mut all = chains(4);
        all[3].iter_mut().for_each(|x| *x *= 0.2);
        let halves = split(&all);
        assert!(r_hat(&rank_normalized(&halves)) < 1.02);
        assert!(rank_normalized_split_r_hat(&all) > 1.05);
    }

    /// All chains have the same mean, but move in the same direction. Splitting is what detects it.
    #[test]
    fn r_hat_detects_a_common_trend() {
        let mut all = chains(4);
        for chain in &mut all {
            for (t, x) in chain.iter_mut().enumerate() {
                *x += t as f64 / 250.0;
            }
        }
        assert!(rank_normalized_split_r_hat(&all) > 1.1);
    }

    /// A Cauchy distribution has no mean; ranks do not need one.
    #[test]
    fn r_hat_does_not_need_finite_moments() {
        let cauchy = |chain: Vec<f64>| -> Vec<f64> {
            let uniform = chain
                .into_iter()
                .map(|x| crate::normal_cdf(x * 0.75_f64.sqrt()));
            uniform
                .map(|u| (std::f64::consts::PI * (u - 0.5)).tan())
                .collect()
        };
        let all: Vec<Vec<f64>> = chains(4).into_iter().map(cauchy).collect();
        let found = rank_normalized_split_r_hat(&all);
        assert!(found < R_HAT_LIMIT, "{found}");
    }

    /// Computed by hand: W = 5/3, the mean of the variances of (1, 2, 3, 4) and (2, 3, 4, 5); B/n = 1/2.
    #[test]
    fn r_hat_is_the_ratio_of_pooled_and_within_variance() {
        let found = r_hat(&[vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 3.0, 4.0, 5.0]]);
        let expected = ((0.75 * 5.0 / 3.0 + 0.5) / (5.0 / 3.0_f64)).sqrt();
        assert!((found - expected).abs() < 1e-12);
    }

    #[test]
    fn rank_normalized_gives_ties_the_mean_of_their_ranks() {
        let scores = rank_normalized(&[vec![2.0, 7.0], vec![2.0, 1.0]]);
        let of = |rank: f64| normal_quantile((rank - 0.375) / 4.25);
        assert_eq!(scores, [vec![of(2.5), of(4.0)], vec![of(2.5), of(1.0)]]);
    }

    #[test]
    fn r_hat_of_too_few_or_constant_chains_is_not_reassuring() {
        assert!(rank_normalized_split_r_hat(&[]).is_nan());
        assert!(rank_normalized_split_r_hat(&chains(1)).is_nan());
        assert!(rank_normalized_split_r_hat(&[vec![1.0; 3], vec![2.0; 3]]).is_nan());
        let constant = |value: f64| vec![value; 100];
        assert!(rank_normalized_split_r_hat(&[constant(1.0), constant(1.0)]).is_nan());
        let apart = rank_normalized_split_r_hat(&[constant(1.0), constant(2.0)]);
        assert_eq!(apart, f64::INFINITY);
    }
}
