//! −ELBO and −log p(x) as bars, one above the other, and their ends magnified. No web types.

/// A segment of a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BarSegment {
    /// CSS class.
    pub(crate) class: &'static str,
    /// What it is.
    pub(crate) name: &'static str,
    /// Length in nats.
    pub(crate) nats: f64,
    /// Left end in percent of the width.
    pub(crate) from: f64,
    /// Length in percent of the width.
    pub(crate) percent: f64,
}

/// Two pairs of bars.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bars {
    /// −ELBO as reconstruction + KL and, if log p(x) is known, −log p(x) + gap, from 0 nats on.
    pub(crate) whole: Vec<Vec<BarSegment>>,
    /// Their ends: KL and, if log p(x) is known, the gap or its parts.
    pub(crate) magnified: Vec<Vec<BarSegment>>,
    /// How many times the second pair is magnified.
    pub(crate) factor: f64,
}

/// What is known about log p(x).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KnownEvidence {
    /// log p(x) in nats, or a bound of it.
    pub(crate) log_evidence: f64,
    /// The parts of the gap in nats: shift, scale and shape.
    pub(crate) parts: Option<[f64; 3]>,
}

/// Space left of the longer magnified segment, as a fraction of it.
const MARGIN: f64 = 0.06;

/// The bars; `None` if a term is negative, as it may be for densities, since it cannot be drawn.
pub(crate) fn bars(reconstruction: f64, kl: f64, known: Option<KnownEvidence>) -> Option<Bars> {
    let total = reconstruction + kl;
    if !(reconstruction > 0.0 && kl >= 0.0) {
        return None;
    }
    let known = known.filter(|known| known.log_evidence < 0.0);
    let gap = known.map_or(0.0, |known| (total + known.log_evidence).max(0.0));
    let window = (kl.max(gap) * (1.0 + MARGIN)).clamp(f64::MIN_POSITIVE, total);
    let mut whole = vec![row(
        [0.0, total],
        0.0,
        &[
            ("reconstruction", "reconstruction", reconstruction),
            ("kl", "KL(q ‖ p(z))", kl),
        ],
    )];
    let view = [total - window, total];
    let mut magnified = vec![row(view, reconstruction, &[("kl", "KL(q ‖ p(z))", kl)])];
    if let Some(KnownEvidence {
        log_evidence,
        parts,
    }) = known
    {
        whole.push(row(
            [0.0, total],
            0.0,
            &[
                ("neg-log-evidence", "−log p(x)", -log_evidence),
                ("gap", "gap", gap),
            ],
        ));
        magnified.push(match parts {
            Some([shift, scale, shape]) => row(
                view,
                -log_evidence,
                &[
                    ("gap shape", "shape", shape.max(0.0)),
                    ("gap scale", "scale", scale.max(0.0)),
                    ("gap shift", "shift", shift.max(0.0)),
                ],
            ),
            None => row(view, -log_evidence, &[("gap", "gap", gap)]),
        });
    }
    Some(Bars {
        whole,
        magnified,
        factor: total / window,
    })
}

/// Segments in a row from `start` on, in the view of an interval of nats.
fn row(
    [low, high]: [f64; 2],
    start: f64,
    parts: &[(&'static str, &'static str, f64)],
) -> Vec<BarSegment> {
    let percent = |nats: f64| 100.0 * nats / (high - low);
    let mut at = start;
    parts
        .iter()
        .map(|&(class, name, nats)| {
            let from = percent(at - low).clamp(0.0, 100.0);
            at += nats;
            BarSegment {
                class,
                name,
                nats,
                from,
                percent: percent(nats).clamp(0.0, 100.0 - from),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: KnownEvidence = KnownEvidence {
        log_evidence: -130.0,
        parts: Some([0.5, 0.3, 1.2]),
    };

    #[test]
    fn bars_both_have_the_length_of_the_negative_elbo() {
        let bars = bars(125.0, 7.0, Some(KNOWN)).expect("positive");
        for bar in &bars.whole {
            let nats: f64 = bar.iter().map(|segment| segment.nats).sum();
            let percent: f64 = bar.iter().map(|segment| segment.percent).sum();
            assert!((nats - 132.0).abs() < 1e-9 && (percent - 100.0).abs() < 1e-9);
        }
        assert!((bars.whole[1][1].nats - 2.0).abs() < 1e-9);
    }

    #[test]
    fn bars_magnify_the_ends() {
        let bars = bars(125.0, 7.0, Some(KNOWN)).expect("positive");
        let [kl, gap] = bars.magnified.as_slice() else {
            panic!("two bars");
        };
        // Both end at −ELBO, on one scale.
        for bar in [kl, gap] {
            let last = bar.last().expect("not empty");
            assert!((last.from + last.percent - 100.0).abs() < 1e-9, "{last:?}");
        }
        let length: f64 = gap.iter().map(|part| part.percent).sum();
        assert!((kl[0].percent / length - 7.0 / 2.0).abs() < 1e-9);
        assert!(kl[0].percent > 90.0);
        assert!((bars.factor - 132.0 / (7.0 * 1.06)).abs() < 1e-9);
        let undivided = super::bars(
            125.0,
            7.0,
            Some(KnownEvidence {
                parts: None,
                ..KNOWN
            }),
        );
        let undivided = undivided.expect("positive").magnified;
        assert!((undivided[1][0].percent - length).abs() < 1e-9);
    }

    #[test]
    fn bars_are_none_for_negative_terms() {
        assert!(bars(-900.0, 7.0, Some(KNOWN)).is_none());
        let unknown = bars(100.0, 7.0, None).expect("positive");
        assert_eq!((unknown.whole.len(), unknown.magnified.len()), (1, 1));
        // A density may be above 1.
        let density = KnownEvidence {
            log_evidence: 20.0,
            parts: None,
        };
        assert_eq!(
            bars(100.0, 7.0, Some(density)).map(|bars| bars.whole.len()),
            Some(1)
        );
    }
}
