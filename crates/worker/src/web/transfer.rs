//! Messages, and the buffers in them that change owner instead of being copied.

use js_sys::{Array, Float32Array, Object, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

/// A serde type as a JavaScript value, with the buffers of its byte arrays.
///
/// # Errors
/// When the type is not plain data.
pub fn to_message(message: &impl Serialize) -> Result<(JsValue, Array), serde_wasm_bindgen::Error> {
    let message = message.serialize(&serde_wasm_bindgen::Serializer::new())?;
    let buffers = Array::new();
    collect_buffers(&message, &buffers);
    Ok((message, buffers))
}

/// Collects the buffers of all byte arrays in a message. The elements of arrays are skipped: they are numbers and
/// strings, or too small to matter.
fn collect_buffers(message: &JsValue, buffers: &Array) {
    if let Some(bytes) = message.dyn_ref::<Uint8Array>() {
        buffers.push(&bytes.buffer());
    } else if message.is_object() && !Array::is_array(message) {
        let fields = Object::values(message.unchecked_ref());
        fields.for_each(&mut |field, _, _| collect_buffers(&field, buffers));
    }
}

/// Appends a `Float32Array` with each of these slices to `message`, and its buffer to `buffers`.
///
/// An array of `reusable` of the same length and at the same position is filled instead of a new one: a transferred
/// buffer that came back is faster than new memory.
pub fn push_floats<'a>(
    slices: impl Iterator<Item = &'a [f32]>,
    reusable: &[Float32Array],
    message: &Array,
    buffers: &Array,
) {
    for (i, floats) in slices.enumerate() {
        let fitting = reusable
            .get(i)
            .filter(|array| array.length() as usize == floats.len());
        let array = match fitting {
            Some(array) => {
                array.copy_from(floats);
                array.clone()
            }
            None => Float32Array::from(floats),
        };
        buffers.push(&array.buffer());
        message.push(&array);
    }
}

/// The `Float32Array`s of a message.
pub fn float_arrays(message: impl Iterator<Item = JsValue>) -> Vec<Float32Array> {
    message.map(JsCast::unchecked_into).collect()
}

/// Copies each array into this program's memory.
pub fn to_floats(arrays: &[Float32Array]) -> Vec<Vec<f32>> {
    arrays.iter().map(Float32Array::to_vec).collect()
}
