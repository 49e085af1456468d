//! Arrays of numbers on their way between two workers.

use js_sys::{Array, Float32Array};
use wasm_bindgen::JsValue;

/// Copies the numbers out of this program's memory, to the end of `message`; their memory to the end of `transfer`.
pub(super) fn pack<'a>(
    numbers: impl Iterator<Item = &'a [f32]>,
    message: &Array,
    transfer: &Array,
) {
    for numbers in numbers {
        let array = Float32Array::from(numbers);
        transfer.push(&array.buffer());
        message.push(&array);
    }
}

/// Copies them into this program's memory.
pub(super) fn unpack(message: impl Iterator<Item = JsValue>) -> Vec<Vec<f32>> {
    message
        .map(|array| Float32Array::new(&array).to_vec())
        .collect()
}
