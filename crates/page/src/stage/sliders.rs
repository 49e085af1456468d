//! One slider for each latent dimension.

use super::slider_row::SliderRow;
use leptos::prelude::*;

/// All rows, in as many columns as fit.
#[component]
pub(crate) fn Sliders(
    /// Number of latent dimensions.
    size: usize,
) -> impl IntoView {
    view! {
        <div class="sliders">
            {(0..size).map(|index| view! { <SliderRow index /> }).collect_view()}
        </div>
    }
}
