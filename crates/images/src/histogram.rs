//! Percentiles and thresholds of a histogram of grey levels.

/// The smallest level at which at least `share` of all pixels have been counted.
pub(crate) fn percentile(counts: &[u32; 256], share: f64) -> u8 {
    let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
    let wanted = (total as f64 * share).max(1.0);
    let mut sum = 0.0;
    for (value, &count) in counts.iter().enumerate() {
        sum += f64::from(count);
        if sum >= wanted {
            return value as u8;
        }
    }
    255
}

/// Sets the counts outside of `range` to zero.
pub(crate) fn restrict(counts: &[u32; 256], range: std::ops::RangeInclusive<u8>) -> [u32; 256] {
    std::array::from_fn(|i| {
        if range.contains(&(i as u8)) {
            counts[i]
        } else {
            0
        }
    })
}

/// Otsu's threshold: separates levels above it from the rest so that the variance between the two
/// classes is largest. If several levels are equally good, returns the middle of their range.
pub(crate) fn otsu(counts: &[u32; 256]) -> u8 {
    let total: f64 = counts.iter().map(|&n| f64::from(n)).sum();
    let all: f64 = (0..)
        .zip(counts)
        .map(|(v, &n)| f64::from(v) * f64::from(n))
        .sum();
    let (mut below, mut mass) = (0.0, 0.0);
    let (mut best, mut from, mut to) = (-1.0, 0, 0);
    for (value, &count) in counts.iter().enumerate() {
        below += f64::from(count);
        mass += value as f64 * f64::from(count);
        let above = total - below;
        if below == 0.0 || above <= 0.0 {
            continue;
        }
        let mean_difference = mass / below - (all - mass) / above;
        let between = below * above * mean_difference * mean_difference;
        if between > best {
            (best, from, to) = (between, value, value);
        } else if between == best {
            to = value;
        }
    }
    ((from + to) / 2) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn otsu_splits_in_the_middle_of_the_gap() {
        let mut counts = [0; 256];
        counts[10] = 900;
        counts[200] = 100;
        assert_eq!(otsu(&counts), 104);
        assert_eq!(percentile(&counts, 0.5), 10);
        assert_eq!(percentile(&counts, 0.95), 200);
        assert_eq!(percentile(&restrict(&counts, 11..=255), 0.1), 200);
    }

    #[test]
    fn otsu_and_percentile_accept_empty_and_single_level_histograms() {
        let mut counts = [0; 256];
        let _ = otsu(&counts);
        let _ = percentile(&counts, 0.5);
        counts[7] = 5;
        let _ = otsu(&counts);
        assert_eq!(percentile(&counts, 0.5), 7);
    }
}
