//! From the state to the address. Pure text.

use crate::dom::query::encode;
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::Axes;
use crate::features::latent_map::viewport::Viewport;
use crate::number::format;
use crate::shell::url::state::UrlState;
use client::backend_choice::BackendChoice;

fn join(z: &[f32]) -> String {
    let z: Vec<_> = z.iter().map(|&value| format::for_address(value)).collect();
    z.join(",")
}

/// The query of the address with its question mark; empty if all is default.
pub(crate) fn format(state: &UrlState) -> String {
    let mut pairs = Vec::new();
    if let Some(model) = state.model.as_ref().or(state.address.as_ref()) {
        pairs.push(format!("model={}", encode(model)));
    }
    if let Some(z) = &state.z {
        pairs.push(format!("z={}", join(z)));
    }
    if let Some(z) = &state.address_z {
        // Numbers stay as they are; any other text must not become further keys.
        let parts: Vec<_> = z.split(',').map(|part| encode(part).to_string()).collect();
        pairs.push(format!("z={}", parts.join(",")));
    }
    if let Some(label) = state.label {
        pairs.push(format!("label={}", format::for_address(label)));
    }
    if !state.pins.is_empty() {
        let pins: Vec<_> = state.pins.iter().map(|z| join(z)).collect();
        pairs.push(format!("pins={}", pins.join(";")));
    }
    if let Some(Viewport {
        centre: [x, y],
        half,
    }) = state.view
    {
        pairs.push(format!("view={}", join(&[x as f32, y as f32, half as f32])));
    }
    match state.axes {
        Axes::LargestKl => {}
        Axes::Pair([across, up]) => pairs.push(format!("axes={},{}", across + 1, up + 1)),
        Axes::Principal => pairs.push("axes=pca".to_owned()),
    }
    if state.scale == Scale::Quantile {
        pairs.push("scale=quantile".to_owned());
    }
    if state.backend != BackendChoice::Auto {
        pairs.push(format!("backend={}", state.backend));
    }
    if let Some(tab) = state.tab {
        pairs.push(format!("tab={}", tab.name()));
    }
    if let Some(place) = &state.learn.place {
        pairs.push(format!("learn={}", encode(&place.to_string())));
    }
    if let Some((class, index)) = state.learn.digit {
        pairs.push(format!("digit={class}.{index}"));
    }
    if let Some(seed) = state.learn.seed {
        pairs.push(format!("seed={seed}"));
    }
    for (key, value) in &state.unknown {
        // Only one panel can be open.
        if key == "tab" && state.tab.is_some() {
            continue;
        }
        pairs.push(format!("{}={}", encode(key), encode(value)));
    }
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}
