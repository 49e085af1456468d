//! What the statistics of chains mean, in one sentence. No web types.

use estimate::R_HAT_LIMIT;

/// Effective samples below which nothing can be said.
const MIN_EFFECTIVE: f64 = 30.0;
/// Posterior mass that a chain in all modes has visited.
const MIN_MASS: f64 = 0.9;

/// Whether the chains have found the posterior.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// Whether the numbers may be relied on; `None` if that is unknown.
    pub(crate) is_good: Option<bool>,
    /// What they mean, and what to do.
    pub(crate) text: String,
}

impl Verdict {
    /// Judges chains by their smallest effective sample size, their largest R̂ if there are several, and, if quadrature
    /// is available, by the distance of their mean from the true one, whether it is more than noise, and the posterior
    /// mass of the regions that they have visited.
    pub(crate) fn new(
        chains: usize,
        effective: f64,
        r_hat: Option<f64>,
        exact: Option<(f64, bool, f64)>,
    ) -> Self {
        let bad = |text| Self {
            is_good: Some(false),
            text,
        };
        let good = |text| Self {
            is_good: Some(true),
            text,
        };
        let disagree = r_hat.filter(|r_hat| r_hat.is_nan() || *r_hat > R_HAT_LIMIT);
        match (disagree, exact) {
            (Some(r_hat), Some((distance, ..))) => bad(format!(
                "R̂ = {r_hat:.2} is above {R_HAT_LIMIT}: the {chains} chains disagree, so some are in another mode or have \
                 not arrived yet. Their common mean is {distance:.2} from the true mean."
            )),
            (Some(r_hat), None) => bad(format!(
                "R̂ = {r_hat:.2} is above {R_HAT_LIMIT}: the {chains} chains disagree. Each may look healthy alone, but they \
                 are in different modes or need more transitions."
            )),
            (None, Some((distance, _, mass))) if effective >= MIN_EFFECTIVE && mass < MIN_MASS => {
                let mode = if mass < 0.5 {
                    "another mode"
                } else {
                    "one of several modes"
                };
                bad(format!(
                    "{distance:.2} from the true mean: stuck in {mode}. The visited part holds {} of the posterior \
                     probability. Effective samples, Geweke’s z and the error count within this mode only.",
                    percent(mass)
                ))
            }
            (_, Some((distance, true, _))) => bad(format!(
                "{distance:.2} from the true mean: not converged yet. Run longer, or change the step size."
            )),
            _ if effective < MIN_EFFECTIVE => bad(format!(
                "Only about {effective:.0} effective samples: too few to judge. Run longer, or change the step size."
            )),
            (None, Some((distance, false, _))) => good(format!(
                "{distance:.2} from the true mean, within the error: it agrees with quadrature."
            )),
            (None, None) => match r_hat {
                Some(r_hat) => good(format!(
                    "R̂ = {r_hat:.3} is at most {R_HAT_LIMIT}: {chains} chains from different starts agree."
                )),
                None => Self {
                    is_good: None,
                    text: "One chain cannot show whether it misses a mode, and here quadrature cannot check it: start \
                           four chains and compare them."
                        .to_owned(),
                },
            },
        }
    }
}

/// "38 %".
fn percent(share: f64) -> String {
    if share < 0.01 {
        "less than 1 %".to_owned()
    } else {
        format!("{:.0} %", 100.0 * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digit 3, from z = 0: both samplers stay in the smaller mode, with many effective samples.
    #[test]
    fn verdict_warns_of_a_chain_in_the_wrong_mode() {
        let found = Verdict::new(1, 163.0, None, Some((0.56, true, 0.35)));
        assert_eq!(found.is_good, Some(false));
        assert!(
            found
                .text
                .starts_with("0.56 from the true mean: stuck in another mode"),
            "{}",
            found.text
        );
        assert!(found.text.contains("holds 35 % of"), "{}", found.text);
        let negligible = Verdict::new(1, 163.0, None, Some((0.87, true, 0.0)));
        assert!(
            negligible.text.contains("holds less than 1 % of"),
            "{}",
            negligible.text
        );
        // Also if the means happen to agree.
        let symmetric = Verdict::new(1, 500.0, None, Some((0.01, false, 0.5)));
        assert_eq!(symmetric.is_good, Some(false));
    }

    #[test]
    fn verdict_is_good_only_if_something_confirms_it() {
        let good = |chains, r_hat, exact| Verdict::new(chains, 400.0, r_hat, exact).is_good;
        assert_eq!(good(1, None, Some((0.01, false, 0.98))), Some(true));
        assert_eq!(good(1, None, None), None);
        assert_eq!(good(4, Some(1.005), None), Some(true));
        assert_eq!(good(4, Some(1.3), None), Some(false));
        assert_eq!(good(4, Some(f64::NAN), None), Some(false));
        assert_eq!(good(4, Some(1.3), Some((0.01, false, 1.0))), Some(false));
        assert_eq!(good(4, Some(1.002), Some((0.4, true, 0.95))), Some(false));
    }

    #[test]
    fn verdict_of_few_effective_samples_does_not_reassure() {
        for exact in [None, Some((0.05, false, 0.97)), Some((0.05, false, 0.4))] {
            let found = Verdict::new(1, 12.0, None, exact);
            assert_eq!(found.is_good, Some(false));
            assert!(found.text.contains("about 12 effective"), "{}", found.text);
        }
    }
}
