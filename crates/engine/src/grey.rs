//! Decoded means as grey bytes.

use crate::refusal::Refusal;
use burn::tensor::Tensor;

/// Reads means from the device as bytes: 0 is black, 255 white.
pub(crate) async fn grey_bytes(means: Tensor<2>) -> Result<Vec<u8>, Refusal> {
    let means = means.into_data_async().await.map_err(Refusal::lost)?;
    Ok(match means.as_slice::<f32>() {
        Ok(means) => means.iter().copied().map(grey).collect(),
        // A backend that computes in other numbers.
        Err(_) => means.iter::<f32>().map(grey).collect(),
    })
}

/// A mean in `[0, 1]` as a grey value; a Gaussian's can lie outside and is cut off.
pub(crate) fn grey(mean: f32) -> u8 {
    // Rounded by cutting off: `round` is a call for each pixel in wasm.
    (mean.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
