//! Ranking by a number.

/// Indices of `values` in decreasing order of value. Equal values keep their order.
pub(crate) fn argsort_descending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argsort_descending_keeps_the_order_of_equal_values() {
        assert_eq!(argsort_descending(&[1.0, 3.0, -2.0, 3.0]), [1, 3, 0, 2]);
        assert!(argsort_descending(&[]).is_empty());
    }
}
