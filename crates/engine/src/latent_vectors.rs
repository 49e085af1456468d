//! Validation of latent vectors in requests.

use protocol::RequestError;

/// Checks that `z` contains whole latent vectors of finite numbers.
///
/// # Errors
/// When it does not.
pub(crate) fn check_latent_vectors(z: &[f32], latent_size: usize) -> Result<(), RequestError> {
    if z.is_empty() || !z.len().is_multiple_of(latent_size) {
        return Err(RequestError::bad_request(format!(
            "z has {} numbers; this model needs {latent_size} for each image",
            z.len()
        )));
    }
    match z.iter().find(|value| !value.is_finite()) {
        Some(bad) => Err(RequestError::bad_request(format!(
            "z contains {bad}; it must be finite"
        ))),
        None => Ok(()),
    }
}
