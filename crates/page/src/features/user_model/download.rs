//! Downloads a model as two files: its weights and its card.

use crate::dom;

/// Downloads a model's files.
///
/// # Errors
///
/// Returns what happened, as a sentence, if the browser does not save them.
pub(crate) fn download(name: &str, card: &str, weights: &[u8]) -> Result<(), String> {
    dom::download(&format!("{name}.safetensors"), weights)
        .and_then(|()| dom::download(&format!("{name}.json"), card.as_bytes()))
        .map_err(|cause| {
            format!(
                "The browser did not save the files ({}).",
                dom::describe(&cause)
            )
        })
}
