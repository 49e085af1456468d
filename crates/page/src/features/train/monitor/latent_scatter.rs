//! The digits on the plane of a two-dimensional model, each at its μ.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::features::train::state::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{html, prelude::*};
use protocol::Pictures;
use web_sys::HtmlCanvasElement;

/// The canvas' backing store: fine enough for a screen of two pixels a point.
const SIDE: usize = 896;
/// A digit's own size.
const DIGIT: usize = 28;

/// The plane. It reaches as far as the digits do.
#[component]
pub(crate) fn PlaneView() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let canvas = NodeRef::<html::Canvas>::new();
    let reach = Memo::new(move |_| {
        view.pictures.with(|pictures| {
            pictures
                .as_ref()
                .map_or(3.0, |pictures| reach(&pictures.plane))
        })
    });
    Effect::new(move |_| {
        if let (Some(pictures), Some(canvas)) = (view.pictures.get(), canvas.get()) {
            let images = view.images.get();
            draw(&canvas, &pictures, &images, reach.get());
        }
    });
    view! {
        <section class="view-box plane-box" aria-label="Digits on the latent plane">
            <h3>
                "Your digits at "
                <Tooltip text=glossary::POSTERIOR_MEAN>
                    <i>"μ"</i>
                </Tooltip>
            </h3>
            <div class="mu-plane">
                <canvas
                    node_ref=canvas
                    data-testid="train-plane"
                    role="img"
                    aria-label="Digits on the latent plane, each where the encoder puts it"
                    width=SIDE.to_string()
                    height=SIDE.to_string()
                ></canvas>
                <svg viewBox="-1 -1 2 2" aria-hidden="true">
                    <path d="M-1 0H1M0-1V1" />
                    <circle r=move || (1.0 / reach.get()).to_string() />
                    <circle r=move || (2.0 / reach.get()).to_string() />
                </svg>
            </div>
            <p class="kl-note">
                {move || {
                    let reach = reach.get();
                    format!("z₁ and z₂ from −{reach} to {reach}; circles: 1 and 2 ")
                }}
                <Tooltip text=glossary::SIGMA>
                    <i>"σ"</i>
                </Tooltip> " of the prior"
            </p>
        </section>
    }
}

/// How far the plane reaches, so that nearly all points are on it: in whole numbers, so that it does
/// not breathe.
fn reach(plane: &[f32]) -> f64 {
    let mut far: Vec<f32> = plane
        .iter()
        .map(|value| value.abs())
        .filter(|value| value.is_finite())
        .collect();
    far.sort_by(f32::total_cmp);
    let most = far.get(far.len() * 99 / 100).copied().unwrap_or(0.0);
    f64::from(most.ceil()).clamp(3.0, 9.0)
}

fn draw(canvas: &HtmlCanvasElement, pictures: &Pictures, images: &[u8], reach: f64) {
    let mut ink = vec![0_u8; SIDE * SIDE];
    for (point, &index) in pictures.plane.chunks_exact(2).zip(&pictures.plane_images) {
        let start = index as usize * PIXELS;
        if let Some(image) = images.get(start..start + PIXELS) {
            let place = |value: f32| (f64::from(value) / reach + 1.0) * 0.5 * SIDE as f64;
            // The canvas counts down, z₂ counts up.
            stamp(&mut ink, image, place(point[0]), place(-point[1]));
        }
    }
    let rgba: Vec<u8> = ink.iter().flat_map(|&ink| [ink, ink, ink, 255]).collect();
    if let Err(error) = dom::put_pixels(canvas, &rgba, [SIDE, SIDE]) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// Draws a digit with its middle here. Where digits overlap, the brighter ink shows.
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
    fn the_plane_reaches_as_far_as_nearly_all_digits() {
        assert_eq!(reach(&[]), 3.0);
        assert_eq!(reach(&[0.1, -0.5]), 3.0);
        assert_eq!(reach(&[4.2, -0.5]), 5.0);
        assert_eq!(reach(&[f32::NAN, 100.0]), 9.0);
    }

    #[test]
    fn a_digit_over_the_edge_is_cut_off() {
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
