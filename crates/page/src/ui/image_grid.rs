//! Small images in a grid on one canvas.

use crate::dom;
use crate::ui::getter::Getter;
use leptos::{html, prelude::*};
use web_sys::HtmlCanvasElement;

/// The side of an image, in pixels.
const SIDE: usize = 28;
/// The gap between two images, in pixels.
const GAP: usize = 2;

/// A grid of images.
#[component]
pub(crate) fn ImageGrid(
    /// The images, `[n × 784]` grey values.
    #[prop(into)]
    images: Getter<Vec<u8>>,
    /// Number of images in a row.
    columns: usize,
    /// The description for screen readers.
    label: &'static str,
    /// Its `data-testid`.
    test_id: &'static str,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let images = images.get();
        if let Some(canvas) = canvas.get()
            && !images.is_empty()
        {
            draw(&canvas, &images, columns);
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="tiles"
            data-testid=test_id
            role="img"
            aria-label=label
            width=side(columns).to_string()
            height=SIDE.to_string()
        ></canvas>
    }
}

/// The pixels that a row of `count` images takes.
fn side(count: usize) -> usize {
    count * (SIDE + GAP) - GAP
}

fn draw(canvas: &HtmlCanvasElement, images: &[u8], columns: usize) {
    let count = images.len() / (SIDE * SIDE);
    let rows = count.div_ceil(columns).max(1);
    let (width, height) = (side(columns), side(rows));
    let mut rgba = vec![0; width * height * 4];
    for (index, image) in images.chunks_exact(SIDE * SIDE).enumerate() {
        let left = index % columns * (SIDE + GAP);
        let top = index / columns * (SIDE + GAP);
        for (y, row) in image.chunks_exact(SIDE).enumerate() {
            for (x, &grey) in row.iter().enumerate() {
                let at = ((top + y) * width + left + x) * 4;
                rgba[at..at + 4].copy_from_slice(&[grey, grey, grey, 255]);
            }
        }
    }
    if let Err(error) = dom::put_pixels(canvas, &rgba, [height, width]) {
        leptos::logging::error!("canvas: {error:?}");
    }
}
