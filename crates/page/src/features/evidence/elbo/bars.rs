//! −ELBO and −log p(x) as bars, one above the other. No web types.

/// A segment of a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BarSegment {
    /// CSS class.
    pub(crate) class: &'static str,
    /// Text.
    pub(crate) name: &'static str,
    /// Length in nats.
    pub(crate) nats: f64,
    /// Length in percent of the width.
    pub(crate) percent: f64,
}

/// The bars: −ELBO as reconstruction + KL, and below it, if log p(x) is known, −log p(x) + gap. Empty if a term is
/// negative, as it may be for densities, since it cannot be drawn.
pub(crate) fn bars(
    reconstruction: f64,
    kl: f64,
    log_evidence: Option<f64>,
) -> Vec<Vec<BarSegment>> {
    let total = reconstruction + kl;
    if !(reconstruction > 0.0 && kl >= 0.0) {
        return Vec::new();
    }
    let segment = |class, name, nats: f64| BarSegment {
        class,
        name,
        nats,
        percent: (100.0 * nats / total).clamp(0.0, 100.0),
    };
    let mut bars = vec![vec![
        segment("reconstruction", "reconstruction", reconstruction),
        segment("kl", "KL(q ‖ prior)", kl),
    ]];
    if let Some(log_evidence) = log_evidence.filter(|log| *log < 0.0) {
        bars.push(vec![
            segment("neg-elbo", "−log p(x)", -log_evidence),
            segment("gap", "gap", total + log_evidence),
        ]);
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_both_have_the_length_of_the_negative_elbo() {
        let bars = bars(125.0, 7.0, Some(-130.0));
        for bar in &bars {
            let nats: f64 = bar.iter().map(|segment| segment.nats).sum();
            let percent: f64 = bar.iter().map(|segment| segment.percent).sum();
            assert!((nats - 132.0).abs() < 1e-9 && (percent - 100.0).abs() < 1e-9);
        }
        assert!((bars[1][1].nats - 2.0).abs() < 1e-9);
    }

    #[test]
    fn bars_are_empty_for_negative_terms() {
        assert!(bars(-900.0, 7.0, Some(890.0)).is_empty());
        assert_eq!(bars(100.0, 7.0, None).len(), 1);
    }
}
