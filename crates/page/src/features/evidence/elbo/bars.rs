//! −ELBO and −log p(x) as bars, one above the other. No web types.

/// A piece of a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BarSegment {
    /// Its class.
    pub(crate) class: &'static str,
    /// What it says.
    pub(crate) name: &'static str,
    /// In nats.
    pub(crate) nats: f64,
    /// Its share of the width, in percent.
    pub(crate) share: f64,
}

/// The bars: −ELBO as reconstruction and KL; below it, where log p(x) is known, −log p(x) and the gap. Nothing
/// where a term is below zero, as a density's may be: there is no bar of that length.
pub(crate) fn bars(
    reconstruction: f64,
    kl: f64,
    log_evidence: Option<f64>,
) -> Vec<Vec<BarSegment>> {
    let total = reconstruction + kl;
    if !(reconstruction > 0.0 && kl >= 0.0) {
        return Vec::new();
    }
    let piece = |class, name, nats: f64| BarSegment {
        class,
        name,
        nats,
        share: (100.0 * nats / total).clamp(0.0, 100.0),
    };
    let mut bars = vec![vec![
        piece("reconstruction", "reconstruction", reconstruction),
        piece("kl", "KL(q ‖ prior)", kl),
    ]];
    if let Some(log_evidence) = log_evidence.filter(|log| *log < 0.0) {
        bars.push(vec![
            piece("neg-elbo", "−log p(x)", -log_evidence),
            piece("gap", "gap", total + log_evidence),
        ]);
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bars_are_as_long_as_the_bound() {
        let bars = bars(125.0, 7.0, Some(-130.0));
        for bar in &bars {
            let nats: f64 = bar.iter().map(|piece| piece.nats).sum();
            let share: f64 = bar.iter().map(|piece| piece.share).sum();
            assert!((nats - 132.0).abs() < 1e-9 && (share - 100.0).abs() < 1e-9);
        }
        assert!((bars[1][1].nats - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_density_has_no_bars() {
        assert!(bars(-900.0, 7.0, Some(890.0)).is_empty());
        assert_eq!(bars(100.0, 7.0, None).len(), 1);
    }
}
