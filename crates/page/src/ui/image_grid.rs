//! Small images in a grid on one canvas.

use crate::dom;
use crate::dom::raster::grid;
use crate::ui::getter::Getter;
use leptos::{html, prelude::*};
use protocol::ImageShape;

/// The gap between two images, in pixels.
const GAP: usize = 2;

/// A grid of images.
#[component]
pub(crate) fn ImageGrid(
    /// The images, `[n, height, width, channels]`.
    #[prop(into)]
    images: Getter<Vec<u8>>,
    /// The shape of an image.
    #[prop(default = Getter::from(|| ImageShape::MNIST), into)]
    shape: Getter<ImageShape>,
    /// Number of images in a row.
    columns: usize,
    /// The description for screen readers.
    label: &'static str,
    /// Its `data-testid`.
    test_id: &'static str,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let first = untrack(|| shape.get());
    Effect::new(move |_| {
        let images = images.get();
        let shape = shape.get();
        if let Some(canvas) = canvas.get()
            && !images.is_empty()
        {
            dom::draw_picture(&canvas, &grid(&images, shape, columns, GAP));
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="tiles"
            data-testid=test_id
            role="img"
            aria-label=label
            width=(columns * (first.width + GAP) - GAP).to_string()
            height=first.height.to_string()
        ></canvas>
    }
}
