//! Latent dimensions in order of their KL divergence.

use crate::latent::argsort::argsort_descending;

/// Below this KL, in nats, a dimension counts as collapsed: q(z|x) equals the prior for every image.
const COLLAPSE_THRESHOLD: f64 = 0.01;

/// Of more dimensions than this, the first [`FIRST`] are shown, and the others on request.
const MANY: usize = 24;
const FIRST: usize = 12;

/// Number of dimensions that are shown at once, of this many dimensions.
pub(crate) fn shown_count(dimensions: usize) -> usize {
    if dimensions > MANY { FIRST } else { dimensions }
}

/// Latent dimensions, counting from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KlOrder {
    /// Dimensions that carry information, by decreasing KL.
    pub(crate) active: Vec<usize>,
    /// Collapsed dimensions.
    pub(crate) collapsed: Vec<usize>,
}

impl KlOrder {
    /// Sorts `size` dimensions by their KL in nats.
    ///
    /// The natural order is kept, and all dimensions count as active, unless `kl` has one number for each dimension
    /// and at least one of them is not collapsed.
    pub(crate) fn new(kl: &[f64], size: usize) -> Self {
        let all = 0..size;
        // If every dimension were collapsed, all of them would be hidden.
        if kl.len() != size
            || !kl.iter().any(|kl| *kl >= COLLAPSE_THRESHOLD)
            || kl.iter().any(|kl| kl.is_nan())
        {
            return Self {
                active: all.collect(),
                collapsed: Vec::new(),
            };
        }
        let mut active = argsort_descending(kl);
        active.retain(|&i| kl[i] >= COLLAPSE_THRESHOLD);
        Self {
            active,
            collapsed: all.filter(|&i| kl[i] < COLLAPSE_THRESHOLD).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kl_order_sorts_by_decreasing_kl_and_separates_collapsed() {
        let order = KlOrder::new(&[1.5, 0.0001, 2.5, 0.009, 2.0], 5);
        assert_eq!(order.active, [2, 4, 0]);
        assert_eq!(order.collapsed, [1, 3]);
    }

    #[test]
    fn kl_order_keeps_natural_order_without_usable_kl() {
        for kl in [&[][..], &[1.0, 2.0], &[0.0, f64::NAN, 0.0]] {
            let order = KlOrder::new(kl, 3);
            assert_eq!(order.active, [0, 1, 2], "{kl:?}");
            assert!(order.collapsed.is_empty());
        }
    }

    #[test]
    fn shown_count_folds_only_many_dimensions() {
        assert_eq!([2, 24, 25, 32].map(shown_count), [2, 24, 12, 12]);
    }
}
