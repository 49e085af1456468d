//! The training images in the latent space of a two-dimensional model, each at its μ.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::state::training::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{html, prelude::*};
use protocol::TrainingSnapshot;
use web_sys::HtmlCanvasElement;

/// The side of the canvas' backing store, enough for a screen with two device pixels per CSS pixel.
const SIDE: usize = 896;
/// The side of an image, in pixels.
const DIGIT: usize = 28;

/// The scatter plot, scaled to the encoded images.
#[component]
pub(crate) fn LatentScatter() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let canvas = NodeRef::<html::Canvas>::new();
    let extent = Memo::new(move |_| {
        view.snapshot.with(|snapshot| {
            snapshot
                .as_ref()
                .map_or(3.0, |snapshot| extent(&snapshot.plane))
        })
    });
    Effect::new(move |_| {
        if let (Some(snapshot), Some(canvas)) = (view.snapshot.get(), canvas.get()) {
            let images = view.images.get();
            draw(&canvas, &snapshot, &images, extent.get());
        }
    });
    view! {
        <section class="view-box plane-box" aria-label="Encoded digits">
            <h4>
                "Your digits at "
                <Tooltip text=glossary::POSTERIOR_MEAN>
                    <i>"μ"</i>
                </Tooltip>
            </h4>
            <div class="mu-plane">
                <canvas
                    node_ref=canvas
                    data-testid="train-plane"
                    role="img"
                    aria-label="Your digits in the latent space, each at its mean"
                    width=SIDE.to_string()
                    height=SIDE.to_string()
                ></canvas>
                <svg viewBox="-1 -1 2 2" aria-hidden="true">
                    <path d="M-1 0H1M0-1V1" />
                    <circle r=move || (1.0 / extent.get()).to_string() />
                    <circle r=move || (2.0 / extent.get()).to_string() />
                </svg>
            </div>
            <p class="kl-note">
                {move || {
                    let extent = extent.get();
                    format!("z₁ and z₂ from −{extent} to {extent}; circles: 1 and 2 ")
                }}
                <Tooltip text=glossary::SIGMA>
                    <i>"σ"</i>
                </Tooltip> " of the prior"
            </p>
        </section>
    }
}

/// The largest |z| of the plot: covers 99 % of the values, and is a whole number so that the scale rarely changes.
fn extent(plane: &[f32]) -> f64 {
    let mut far: Vec<f32> = plane
        .iter()
        .map(|value| value.abs())
        .filter(|value| value.is_finite())
        .collect();
    far.sort_by(f32::total_cmp);
    let quantile = far.get(far.len() * 99 / 100).copied().unwrap_or(0.0);
    f64::from(quantile.ceil()).clamp(3.0, 9.0)
}

fn draw(canvas: &HtmlCanvasElement, snapshot: &TrainingSnapshot, images: &[u8], extent: f64) {
    let mut ink = vec![0_u8; SIDE * SIDE];
    for (point, &index) in snapshot.plane.chunks_exact(2).zip(&snapshot.plane_images) {
        let start = index as usize * PIXELS;
        if let Some(image) = images.get(start..start + PIXELS) {
            let place = |value: f32| (f64::from(value) / extent + 1.0) * 0.5 * SIDE as f64;
            // The canvas' y axis points down, z₂ points up.
            stamp(&mut ink, image, place(point[0]), place(-point[1]));
        }
    }
    let rgba: Vec<u8> = ink.iter().flat_map(|&ink| [ink, ink, ink, 255]).collect();
    if let Err(error) = dom::put_pixels(canvas, &rgba, [SIDE, SIDE]) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// Draws an image centred at (x, y). Overlapping images are combined by their maximum.
fn stamp(ink: &mut [u8], image: &[u8], x: f64, y: f64) {
    let half = DIGIT as f64 / 2.0;
    let (left, top) = ((x - half).round() as i64, (y - half).round() as i64);
    let edge = 0..SIDE as i64;
    for (row, pixels) in image.chunks_exact(DIGIT).enumerate() {
        let y = top.saturating_add(row as i64);
        for (column, &pixel) in pixels.iter().enumerate() {
            let x = left.saturating_add(column as i64);
            if edge.contains(&x) && edge.contains(&y) {
                let at = y as usize * SIDE + x as usize;
                ink[at] = ink[at].max(pixel);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extent_covers_nearly_all_points() {
        assert_eq!(extent(&[]), 3.0);
        assert_eq!(extent(&[0.1, -0.5]), 3.0);
        assert_eq!(extent(&[4.2, -0.5]), 5.0);
        assert_eq!(extent(&[f32::NAN, 100.0]), 9.0);
    }

    #[test]
    fn stamp_clips_at_the_edge() {
        let mut ink = vec![0; SIDE * SIDE];
        stamp(&mut ink, &[200; PIXELS], 0.0, 0.0);
        assert_eq!(ink[0], 200);
        assert_eq!(
            ink.iter().filter(|&&ink| ink > 0).count(),
            DIGIT * DIGIT / 4
        );
        stamp(&mut ink, &[200; PIXELS], 1e9, -1e9);
    }
}
