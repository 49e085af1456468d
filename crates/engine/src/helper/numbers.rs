//! Arrays of numbers on their way between two workers.

use js_sys::{Array, Float32Array};
use wasm_bindgen::{JsCast, JsValue};

/// Copies the numbers out of this program's memory, to the end of `message`; their memory to the end of `transfer`.
///
/// Arrays of `used` that are as long take the numbers, one by one: weights go where gradients came from, and the
/// other way. New memory for them in each step would take longer than copying.
pub(super) fn pack<'a>(
    numbers: impl Iterator<Item = &'a [f32]>,
    used: &[Float32Array],
    message: &Array,
    transfer: &Array,
) {
    for (i, numbers) in numbers.enumerate() {
        let fitting = used
            .get(i)
            .filter(|array| array.length() as usize == numbers.len());
        let array = match fitting {
            Some(array) => {
                array.copy_from(numbers);
                array.clone()
            }
            None => Float32Array::from(numbers),
        };
        transfer.push(&array.buffer());
        message.push(&array);
    }
}

/// The arrays of a message.
pub(super) fn arrays(message: impl Iterator<Item = JsValue>) -> Vec<Float32Array> {
    message.map(JsCast::unchecked_into).collect()
}

/// Copies their numbers into this program's memory.
pub(super) fn unpack(arrays: &[Float32Array]) -> Vec<Vec<f32>> {
    arrays.iter().map(Float32Array::to_vec).collect()
}
