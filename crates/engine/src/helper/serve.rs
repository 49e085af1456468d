//! The helper's end.

use super::numbers::{arrays, pack, unpack};
use crate::warm_up;
use burn::tensor::Device;
use js_sys::Array;
use vae::{
    KernelPath,
    train::{BatchShard, ShardError},
};
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Computes what this worker is sent, from now on, on a CPU backend.
///
/// # Errors
/// When steps can't be made on this device.
///
/// # Panics
/// Outside a dedicated worker.
pub async fn serve(device: &Device) -> Result<(), JsError> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let to = scope.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent) -> Result<(), JsValue>>::new(
        move |message: MessageEvent| {
            let message: Array = message.data().unchecked_into();
            let (answer, transfer) = (Array::new(), Array::new());
            // What is thrown here arrives at the other end, as an error of this worker.
            compute(&message, &answer, &transfer).map_err(JsError::from)?;
            to.post_message_with_transfer(&answer, &transfer)
        },
    );
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It serves as long as the worker lives.
    on_message.forget();
    warm_up(device, KernelPath::Fused).await?;
    scope
        .post_message(&JsValue::NULL)
        .map_err(|error| JsError::new(&format!("{error:?}")))
}

fn compute(message: &Array, answer: &Array, transfer: &Array) -> Result<(), ShardError> {
    let mut parts = message.iter();
    let header = parts.next().and_then(|header| header.as_string());
    let arrays = arrays(parts);
    let numbers = unpack(&arrays);
    let share = BatchShard::from_parts(&header.unwrap_or_default(), &numbers)?;
    pack(share.gradients().arrays(), &arrays, answer, transfer);
    Ok(())
}
