//! What the gap is due to, in words.

use crate::features::evidence::gap_split::GapSplit;
use crate::number::format::fixed;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// Smallest error that is shown: the parts have three decimals.
const MIN_ERROR: f64 = 0.001;

/// The parts of the gap as a list of numbers, and as text.
#[component]
pub(crate) fn GapCaption(
    /// The parts; `None` until they are computed.
    #[prop(into)]
    split: Signal<Option<GapSplit>>,
) -> impl IntoView {
    let shown = move |of: fn(&GapSplit) -> f64| {
        split.get().map_or_else(
            || "…".to_owned(),
            |split| {
                format!(
                    "{} ± {}",
                    fixed(of(&split), 3),
                    fixed(split.error.max(MIN_ERROR), 3)
                )
            },
        )
    };
    view! {
        <dl class="numbers gap-parts">
            <div class="strong">
                <dt>
                    <Tooltip text=glossary::AMORTIZATION_GAP>"amortization gap"</Tooltip>
                    ", due to the encoder"
                </dt>
                <dd data-testid="gap-amortization">{move || shown(GapSplit::amortization)}</dd>
            </div>
            <div class="part gap shift">
                <dt>"shift: the mean of q"</dt>
                <dd data-testid="gap-shift">{move || shown(|split| split.shift)}</dd>
            </div>
            <div class="part gap scale">
                <dt>"scale: the widths of q"</dt>
                <dd data-testid="gap-scale">{move || shown(|split| split.scale)}</dd>
            </div>
            <div class="strong part gap shape">
                <dt>
                    <Tooltip text=glossary::APPROXIMATION_GAP>"approximation gap"</Tooltip>
                    ", due to the shape"
                </dt>
                <dd data-testid="gap-shape">{move || shown(|split| split.shape)}</dd>
            </div>
        </dl>
        <p class="card-note" data-testid="gap-caption">
            {move || split.get().map(|split| explanation(&split))}
        </p>
    }
}

/// What the best axis-aligned Gaussian changes, and what it cannot change.
fn explanation(split: &GapSplit) -> String {
    let GapSplit { encoder, best, .. } = split;
    let shift = [0, 1].map(|i| fixed(best.mu[i] - encoder.mu[i], 3));
    let scale = [0, 1].map(|i| fixed(best.sigma[i] / encoder.sigma[i], 2));
    let main = if split.amortization() > split.shape {
        "Most of the gap is due to the encoder"
    } else {
        "Most of the gap is due to the shape"
    };
    format!(
        "The dashed ellipses are the best axis-aligned Gaussian for this image: the encoder’s mean shifted by ({}, {}) and \
         its σ multiplied by ({}, {}). {main}. The part due to the shape remains for every axis-aligned Gaussian, because \
         the posterior is tilted, curved or has several modes. ± is the numerical error of each part.",
        shift[0], shift[1], scale[0], scale[1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use estimate::PlaneGaussian;

    #[test]
    fn explanation_names_the_larger_part() {
        let q = |mu, sigma| PlaneGaussian { mu, sigma };
        let mut split = GapSplit {
            shift: 0.2,
            scale: 0.1,
            shape: 0.9,
            error: 0.003,
            encoder: q([0.5, 0.5], [0.1, 0.2]),
            best: q([0.45, 0.52], [0.12, 0.1]),
        };
        let text = explanation(&split);
        assert!(text.contains("shifted by (−0.050, 0.020)"), "{text}");
        assert!(text.contains("multiplied by (1.20, 0.50)"), "{text}");
        assert!(text.contains("due to the shape. The"), "{text}");
        split.shift = 2.0;
        assert!(explanation(&split).contains("due to the encoder."));
    }
}
