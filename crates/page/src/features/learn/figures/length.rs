//! The lengths of draws from the prior, for different numbers of dimensions.

use crate::features::learn::measures::prior::lengths;
use crate::number::format::fixed;
use crate::ui::slider::Slider;
use leptos::prelude::*;

/// Number of draws.
const DRAWS: usize = 2000;
/// The histogram covers lengths from 0 to this.
const LONGEST: f64 = 9.0;
const BINS: usize = 45;
/// Size of the drawing.
const WIDTH: f64 = 450.0;
const HEIGHT: f64 = 150.0;

/// The number of lengths in each bin.
fn histogram(lengths: &[f64]) -> Vec<usize> {
    let mut bins = vec![0; BINS];
    for length in lengths {
        let bin = (length / LONGEST * BINS as f64) as usize;
        bins[bin.min(BINS - 1)] += 1;
    }
    bins
}

/// The histogram.
#[component]
pub(crate) fn Length() -> impl IntoView {
    let dimensions = RwSignal::new(2_usize);
    let drawn = Memo::new(move |_| lengths(DRAWS, dimensions.get()));
    let bars = move || {
        let bins = histogram(&drawn.get());
        let most = bins.iter().copied().max().unwrap_or(1).max(1);
        let width = WIDTH / BINS as f64;
        bins.into_iter()
            .enumerate()
            .map(|(i, count)| {
                let height = count as f64 / most as f64 * HEIGHT;
                view! {
                    <rect
                        x=(i as f64 * width + 1.0).to_string()
                        y=(HEIGHT - height).to_string()
                        width=(width - 2.0).to_string()
                        height=height.to_string()
                    />
                }
            })
            .collect_view()
    };
    let ticks = (0..=9)
        .map(|tick| {
            let x = f64::from(tick) / LONGEST * WIDTH;
            view! { <text x=x.to_string() y=(HEIGHT + 16.0).to_string() text-anchor="middle">{tick}</text> }
        })
        .collect_view();
    let summary = move || {
        let lengths = drawn.get();
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        format!(
            "In {} dimensions, the mean length is {}; the square root of the number of dimensions is {}.",
            dimensions.get(),
            fixed(mean, 2),
            fixed((dimensions.get() as f64).sqrt(), 2)
        )
    };
    view! {
        <svg class="length-histogram" viewBox="-8 -4 466 206" role="img" aria-label=summary>
            {bars}
            {ticks}
            <text x=WIDTH.to_string() y=(HEIGHT + 42.0).to_string() text-anchor="end">
                "distance from the origin"
            </text>
        </svg>
        <label class="labelled-slider">
            "dimensions: " <b>{move || dimensions.get()}</b>
            <Slider
                min=1.0
                max=64.0
                step=1.0
                test_id="learn-dimensions"
                value=move || dimensions.get() as f64
                on_input=move |(value, _): (f64, f64)| dimensions.set(value as usize)
            />
        </label>
        <p class="flow-note">{summary}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histogram_counts_all_lengths() {
        let bins = histogram(&[0.0, 0.1, 8.95, 20.0]);
        assert_eq!((bins[0], bins[BINS - 1]), (2, 2));
        assert_eq!(bins.iter().sum::<usize>(), 4);
    }
}
