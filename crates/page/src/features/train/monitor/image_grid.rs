//! Small pictures side by side on one canvas.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::features::train::state::TrainingView;
use leptos::{html, prelude::*};
use protocol::Pictures;
use web_sys::HtmlCanvasElement;

/// Pixels from one edge of a picture to the other.
const SIDE: usize = 28;
/// Pixels between two pictures.
const GAP: usize = 2;

/// The pictures that `pick` picks, in rows.
#[component]
pub(crate) fn TileSheet(
    /// Which of a run's pictures.
    pick: fn(&Pictures) -> &[u8],
    /// Pictures in a row.
    columns: usize,
    /// What they are, in words.
    label: &'static str,
    /// Its `data-testid`.
    test_id: &'static str,
) -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(pictures), Some(canvas)) = (view.pictures.get(), canvas.get()) {
            draw(&canvas, pick(&pictures), columns);
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="tiles"
            data-testid=test_id
            role="img"
            aria-label=label
            width=sheet_side(columns).to_string()
            height=SIDE.to_string()
        ></canvas>
    }
}

/// Pixels that so many pictures take.
fn sheet_side(count: usize) -> usize {
    count * (SIDE + GAP) - GAP
}

fn draw(canvas: &HtmlCanvasElement, pictures: &[u8], columns: usize) {
    let count = pictures.len() / PIXELS;
    let rows = count.div_ceil(columns).max(1);
    let (width, height) = (sheet_side(columns), sheet_side(rows));
    let mut rgba = vec![0; width * height * 4];
    for (index, picture) in pictures.chunks_exact(PIXELS).enumerate() {
        let left = index % columns * (SIDE + GAP);
        let top = index / columns * (SIDE + GAP);
        for (y, row) in picture.chunks_exact(SIDE).enumerate() {
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
