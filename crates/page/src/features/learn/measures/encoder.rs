//! Measurements of the encoder.

use super::{Measured, interval};
use crate::features::learn::encoder_layers::EncoderLayers;
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, grouped};

/// Training images of MNIST.
const IMAGES: usize = 60_000;

fn layers(probe: Probe) -> Result<EncoderLayers, String> {
    let files = probe.actions.files().ok_or("The model is still loading.")?;
    EncoderLayers::read(&files.weights)
        .map_err(|error| format!("The encoder’s weights cannot be read: {error}."))
}

pub(super) fn outputs(probe: Probe) -> Result<Measured, String> {
    let outputs = layers(probe)?.outputs();
    Measured::number(
        outputs as f64,
        format!("This encoder has {outputs} outputs: μ and log σ² for each latent dimension."),
    )
}

pub(super) async fn erased_image(probe: Probe) -> Result<Measured, String> {
    let encoded = probe.encoded()?;
    let (height, width) = (encoded.image.shape.height, encoded.image.shape.width);
    let mut image = encoded.image.pixels.clone();
    let kept = height / 2 * width;
    if let Some(lower) = image.get_mut(kept..) {
        lower.fill(0);
    }
    let [_, sigma] = probe.encode(image).await?;
    let area = |sigma: &[f32]| sigma.iter().copied().map(f64::from).product::<f64>();
    let [before, after] = [area(&encoded.sigma), area(&sigma)];
    Measured::choice(
        interval(after / before, &[0.8, 1.25]),
        format!(
            "σ₁σ₂ is {} for your image and {} without its lower half: {} times as much.",
            fixed(before, 4),
            fixed(after, 4),
            fixed(after / before, 2)
        ),
    )
}

pub(super) fn amortized(probe: Probe) -> Result<Measured, String> {
    let layers = layers(probe)?;
    let [needed, weights] = [IMAGES * layers.outputs(), layers.parameters()];
    Measured::choice(
        interval(needed as f64 / weights as f64, &[0.5, 2.0]),
        format!(
            "60,000 × {} = {} numbers; the encoder has {} weights.",
            layers.outputs(),
            grouped(needed),
            grouped(weights)
        ),
    )
}
