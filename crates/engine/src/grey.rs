//! Decoded means as grey values.

use burn::tensor::Tensor;
use protocol::RequestError;

/// Reads means from the device as grey values: 0 is black, 255 white.
///
/// # Errors
/// When the device fails.
pub(crate) async fn read_grey(means: Tensor<2>) -> Result<Vec<u8>, RequestError> {
    let means = means
        .into_data_async()
        .await
        .map_err(RequestError::backend_lost)?;
    Ok(match means.as_slice::<f32>() {
        Ok(means) => means.iter().copied().map(grey).collect(),
        // The backend stores another type.
        Err(_) => means.iter::<f32>().map(grey).collect(),
    })
}

/// A mean in `[0, 1]` as a grey value. A Gaussian's mean can lie outside and is clamped.
pub(crate) fn grey(mean: f32) -> u8 {
    // Rounds by truncation: in wasm `round` is a function call for each pixel.
    (mean.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
