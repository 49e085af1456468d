//! Which latent dimensions say most.

/// Below so many nats a dimension is collapsed: q(z|x) is the prior for every digit.
const COLLAPSED: f64 = 0.01;

/// The dimensions, counting from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// Those that tell something, the one with the largest KL first.
    pub(crate) awake: Vec<usize>,
    /// The collapsed ones.
    pub(crate) asleep: Vec<usize>,
}

/// Sorts `size` dimensions by their KL in nats; without one for each, they stay in their own order.
pub(crate) fn by_kl(kl: &[f64], size: usize) -> Order {
    let all = 0..size;
    // All asleep is no order that helps anybody.
    if kl.len() != size || !kl.iter().any(|kl| *kl >= COLLAPSED) || kl.iter().any(|kl| kl.is_nan())
    {
        return Order {
            awake: all.collect(),
            asleep: Vec::new(),
        };
    }
    let (mut awake, asleep): (Vec<_>, Vec<_>) = all.partition(|&i| kl[i] >= COLLAPSED);
    awake.sort_by(|&a, &b| kl[b].total_cmp(&kl[a]));
    Order { awake, asleep }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_kl_comes_first_and_the_collapsed_apart() {
        let order = by_kl(&[1.5, 0.0001, 2.5, 0.009, 2.0], 5);
        assert_eq!(order.awake, [2, 4, 0]);
        assert_eq!(order.asleep, [1, 3]);
    }

    #[test]
    fn without_a_kl_for_each_the_order_is_their_own() {
        for kl in [&[][..], &[1.0, 2.0], &[0.0, f64::NAN, 0.0]] {
            let order = by_kl(kl, 3);
            assert_eq!(order.awake, [0, 1, 2], "{kl:?}");
            assert!(order.asleep.is_empty());
        }
    }
}
