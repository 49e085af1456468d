//! The gradient worker's side.

use crate::warm_up;
use burn::tensor::Device;
use js_sys::Array;
use vae::{
    KernelPath,
    train::{BatchShard, ShardError},
};
use wasm_bindgen::{JsCast, JsError, JsValue};
use worker::{scope, transfer};

/// Computes the gradients of the batches that this worker receives, on a CPU backend, for the life of the worker.
///
/// # Errors
/// When steps can't be made on this device.
///
/// # Panics
/// Outside a dedicated worker.
pub async fn serve(device: &Device) -> Result<(), JsError> {
    scope::listen_raw(|message| {
        let (response, buffers) = (Array::new(), Array::new());
        compute(message.unchecked_ref(), &response, &buffers).map_err(JsError::from)?;
        scope::post_raw(&response, &buffers)
    });
    warm_up(device, KernelPath::Fused).await?;
    scope::post_raw(&JsValue::NULL, &Array::new())
        .map_err(|error| JsError::new(&format!("{error:?}")))
}

fn compute(message: &Array, response: &Array, buffers: &Array) -> Result<(), ShardError> {
    let mut parts = message.iter();
    let header = parts.next().and_then(|header| header.as_string());
    let arrays = transfer::float_arrays(parts);
    let numbers = transfer::to_floats(&arrays);
    let shard = BatchShard::from_parts(&header.unwrap_or_default(), &numbers)?;
    transfer::push_floats(shard.gradients().arrays(), &arrays, response, buffers);
    Ok(())
}
