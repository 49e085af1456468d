//! The training images in the latent space of a two-dimensional model, each at its μ.

use crate::dom;
use crate::state::training::{TrainingImages, TrainingView};
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{html, prelude::*};
use protocol::{ImageShape, TrainingSnapshot};
use web_sys::HtmlCanvasElement;

/// The side of the canvas' backing store, enough for a screen with two device pixels per CSS pixel.
const SIDE: usize = 896;

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
        <section class="view-box plane-box" aria-label="Encoded images">
            <h4>
                "Your images at "
                <Tooltip text=glossary::POSTERIOR_MEAN>
                    <i>"μ"</i>
                </Tooltip>
            </h4>
            <div class="mu-plane">
                <canvas
                    node_ref=canvas
                    data-testid="train-plane"
                    role="img"
                    aria-label="Your images in the latent space, each at its mean"
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

fn draw(
    canvas: &HtmlCanvasElement,
    snapshot: &TrainingSnapshot,
    images: &TrainingImages,
    extent: f64,
) {
    let shape = images.shape;
    let mut plot = vec![[0_u8; 3]; SIDE * SIDE];
    for (point, &index) in snapshot.plane.chunks_exact(2).zip(&snapshot.plane_images) {
        if let Some(image) = images.image(index as usize) {
            let place = |value: f32| (f64::from(value) / extent + 1.0) * 0.5 * SIDE as f64;
            // The canvas' y axis points down, z₂ points up.
            stamp(
                &mut plot,
                &image,
                shape,
                [place(point[0]), place(-point[1])],
            );
        }
    }
    let rgba: Vec<u8> = plot.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
    if let Err(error) = dom::put_pixels(canvas, &rgba, [SIDE, SIDE]) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// Draws an image centred at (x, y). Overlapping grey images are combined by their maximum; of colour images, the last
/// one is in front.
fn stamp(plot: &mut [[u8; 3]], image: &[u8], shape: ImageShape, [x, y]: [f64; 2]) {
    let left = (x - shape.width as f64 / 2.0).round() as i64;
    let top = (y - shape.height as f64 / 2.0).round() as i64;
    let edge = 0..SIDE as i64;
    for (row, pixels) in image.chunks_exact(shape.width * shape.channels).enumerate() {
        let y = top.saturating_add(row as i64);
        for (column, pixel) in pixels.chunks_exact(shape.channels).enumerate() {
            let x = left.saturating_add(column as i64);
            if edge.contains(&x) && edge.contains(&y) {
                let at = &mut plot[y as usize * SIDE + x as usize];
                *at = match *pixel {
                    [r, g, b] => [r, g, b],
                    [grey] => [at[0].max(grey); 3],
                    _ => *at,
                };
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
        let mut plot = vec![[0; 3]; SIDE * SIDE];
        stamp(&mut plot, &[200; 784], ImageShape::MNIST, [0.0, 0.0]);
        assert_eq!(plot[0], [200; 3]);
        let drawn = plot.iter().filter(|&&pixel| pixel != [0; 3]).count();
        assert_eq!(drawn, 14 * 14);
        stamp(&mut plot, &[200; 784], ImageShape::MNIST, [1e9, -1e9]);
        let color = [1, 2, 3].repeat(64);
        stamp(&mut plot, &color, ImageShape::color(8, 8), [4.0, 4.0]);
        assert_eq!((plot[0], plot[8]), ([1, 2, 3], [200; 3]));
    }
}
