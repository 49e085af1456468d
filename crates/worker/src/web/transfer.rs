//! Messages, and the buffers in them that change owner instead of being copied.

use crate::{Attachment, Bytes};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
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

/// The field of a message that holds the attached objects.
const ATTACHMENTS: &str = "attachments";

/// Attaches browser objects to a message.
///
/// # Errors
/// When the message is not an object.
pub fn attach(message: &JsValue, attachments: &[Attachment]) -> Result<(), JsValue> {
    let objects: Array = attachments.iter().map(|attachment| &attachment.0).collect();
    Reflect::set(message, &ATTACHMENTS.into(), &objects)?;
    Ok(())
}

/// The objects that are attached to a message.
pub fn attachments(message: &JsValue) -> Vec<Attachment> {
    let objects = Reflect::get(message, &ATTACHMENTS.into());
    let objects = objects
        .ok()
        .and_then(|objects| objects.dyn_into::<Array>().ok());
    objects.map_or_else(Vec::new, |objects| objects.iter().map(Attachment).collect())
}

/// The fields of an object that holds a message with bytes beside it.
const MESSAGE: &str = "message";
const BYTES: &str = "bytes";

/// An object that holds a message with bytes beside it, whose buffers will change owner.
///
/// # Errors
/// The browser's error.
pub fn with_bytes(message: &JsValue, buffers: &Array, bytes: &[Bytes]) -> Result<JsValue, JsValue> {
    let arrays = Array::new();
    for bytes in bytes {
        arrays.push(bytes.as_array());
        buffers.push(&bytes.as_array().buffer());
    }
    let object = Object::new();
    Reflect::set(&object, &MESSAGE.into(), message)?;
    Reflect::set(&object, &BYTES.into(), &arrays)?;
    Ok(object.into())
}

/// A message and the bytes beside it; a message that came without an object for both has none.
pub fn split_bytes(object: JsValue) -> (JsValue, Vec<Bytes>) {
    let arrays = Reflect::get(&object, &BYTES.into());
    let Some(arrays) = arrays
        .ok()
        .and_then(|arrays| arrays.dyn_into::<Array>().ok())
    else {
        return (object, Vec::new());
    };
    let bytes = arrays.iter().filter_map(|array| array.dyn_into().ok());
    let bytes = bytes.map(Bytes::from_array).collect();
    let message = Reflect::get(&object, &MESSAGE.into());
    (message.unwrap_or(JsValue::UNDEFINED), bytes)
}

/// Sets a field of a message, given by the names of the fields from the message inwards.
///
/// # Errors
/// When there is no such field.
pub fn set(message: &JsValue, path: &[&str], value: &JsValue) -> Result<(), JsValue> {
    let Some((last, outer)) = path.split_last() else {
        return Ok(());
    };
    let mut object = message.clone();
    for field in outer {
        object = Reflect::get(&object, &(*field).into())?;
    }
    Reflect::set(&object, &(*last).into(), value)?;
    Ok(())
}

/// Collects the buffers of all byte arrays in a message. Arrays of numbers and strings are skipped.
fn collect_buffers(message: &JsValue, buffers: &Array) {
    if let Some(bytes) = message.dyn_ref::<Uint8Array>() {
        buffers.push(&bytes.buffer());
    } else if let Some(elements) = message.dyn_ref::<Array>() {
        if elements.get(0).is_object() {
            elements.for_each(&mut |element, _, _| collect_buffers(&element, buffers));
        }
    } else if message.is_object() {
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
