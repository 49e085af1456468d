//! Figure 4: the encoder with its real layers, and their activations for the reader's image.

use crate::dom;
use crate::features::learn::encoder_layers::{Activations, EncoderLayers, activation};
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, grouped};
use leptos::{html, prelude::*};
use protocol::ImageShape;

/// The most units in a row of a drawn layer.
const MAX_COLUMNS: usize = 32;

/// Layers and activations, or why there are none.
fn compute(probe: Probe) -> Result<(Activations, usize), String> {
    let encoded = probe.view.encoded.get().ok_or("Choose an image first.")?;
    let files = probe.actions.files().ok_or("The model is still loading.")?;
    let broken = |error: String| format!("The encoder’s weights cannot be read: {error}.");
    let layers = EncoderLayers::read(&files.weights).map_err(broken)?;
    let card: serde_json::Value =
        serde_json::from_str(&files.card).map_err(|error| broken(error.to_string()))?;
    let name = card["architecture"]["activation"]
        .as_str()
        .unwrap_or_default();
    let activation = activation(name)
        .ok_or_else(|| format!("This figure does not know the activation “{name}”."))?;
    if probe.actions.classes() > 0 {
        return Err(
            "This figure needs a model without a label. Choose one in the top bar.".to_owned(),
        );
    }
    let input: Vec<f32> = encoded
        .image
        .pixels
        .iter()
        .map(|grey| f32::from(*grey) / 255.0)
        .collect();
    Ok((layers.forward(&input, activation), layers.parameters()))
}

/// The network.
#[component]
pub(crate) fn EncoderNetwork() -> impl IntoView {
    let probe = Probe::new();
    let found = Memo::new(move |_| {
        probe.view.generation.track();
        probe.view.model.track();
        compute(probe)
    });
    let content = move || match found.get() {
        Err(error) => view! { <p class="flow-note" role="status">{error}</p> }.into_any(),
        Ok((activations, parameters)) => {
            let image = probe.view.encoded.with_untracked(|encoded| {
                encoded
                    .as_ref()
                    .map(|encoded| (encoded.image.pixels.clone(), encoded.image.shape))
            });
            let image = image.map(|(pixels, shape)| {
                let name = format!("image, {} values", grouped(shape.values()));
                view! { <Units values=pixels shape name /> }
            });
            let hidden = activations.hidden.iter().map(|units| {
                let columns = units
                    .len()
                    .isqrt()
                    .next_power_of_two()
                    .clamp(1, MAX_COLUMNS);
                let rows = units.len().div_ceil(columns);
                let mut greys = to_grey(units);
                greys.resize(rows * columns, 0);
                view! {
                    <span class="layer-arrow" aria-hidden="true">"→"</span>
                    <Units
                        values=greys
                        shape=ImageShape::grey(rows, columns)
                        name=format!("{} units", units.len())
                    />
                }
            });
            let hidden = hidden.collect_view();
            let head = |name: &'static str, values: &[f32]| {
                let shown: Vec<_> = values
                    .iter()
                    .take(2)
                    .map(|value| fixed(f64::from(*value), 2))
                    .collect();
                let more = if values.len() > 2 { ", …" } else { "" };
                view! { <span class="flow-part">{format!("{name} = ({}{more})", shown.join(", "))}</span> }
            };
            view! {
                <div class="network" data-testid="learn-network">
                    {image}
                    {hidden}
                    <span class="layer-arrow" aria-hidden="true">"→"</span>
                    <span class="heads">{head("μ", &activations.mu)} {head("log σ²", &activations.log_var)}</span>
                </div>
                <p class="flow-note">{format!("{} weights", grouped(parameters))}</p>
            }
            .into_any()
        }
    };
    view! { {content} }
}

/// Activations as grey values: 0 is black, the largest is white.
fn to_grey(units: &[f32]) -> Vec<u8> {
    let largest = units.iter().copied().fold(1e-6, f32::max);
    units
        .iter()
        .map(|unit| (unit.max(0.0) / largest * 255.0) as u8)
        .collect()
}

/// The units of a layer as pixels.
#[component]
fn Units(values: Vec<u8>, shape: ImageShape, name: String) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            dom::draw_image(&canvas, &values, shape);
        }
    });
    view! {
        <span class="units">
            <canvas node_ref=canvas width="1" height="1" role="img" aria-label=format!("Activations of {name}")></canvas>
            <small>{name.clone()}</small>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_grey_scales_to_the_largest_activation() {
        assert_eq!(to_grey(&[0.0, 1.0, 2.0, -1.0]), [0, 127, 255, 0]);
        assert_eq!(to_grey(&[0.0, 0.0]), [0, 0]);
    }
}
