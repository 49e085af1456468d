//! The gradient worker's side.

use crate::chunk;
use burn::tensor::Device;
use js_sys::Array;
use protocol::RequestError;
use vae::KernelPath;
use wasm_bindgen::{JsCast, JsError, JsValue};
use worker::scope;

/// Computes the gradients of the batches that this worker receives, on a CPU backend, for the life of the worker.
///
/// # Errors
/// When steps can't be made on this device.
///
/// # Panics
/// Outside a dedicated worker.
pub async fn serve(device: &Device) -> Result<(), JsError> {
    let missing = |error| JsError::new(&RequestError::from(error).message);
    let compute = chunk::shard_gradients().await.map_err(missing)?;
    let warm_up = chunk::warm_up().await.map_err(missing)?;
    scope::listen_raw(move |message| {
        let (response, buffers) = (Array::new(), Array::new());
        compute(message.unchecked_ref(), &response, &buffers).map_err(JsError::from)?;
        scope::post_raw(&response, &buffers)
    });
    warm_up(device, KernelPath::Fused)
        .await
        .map_err(|error| JsError::new(&error.message))?;
    scope::post_raw(&JsValue::NULL, &Array::new())
        .map_err(|error| JsError::new(&format!("{error:?}")))
}
