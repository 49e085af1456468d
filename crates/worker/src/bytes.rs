//! Bytes outside of the program's memory.

#[cfg(target_arch = "wasm32")]
use js_sys::Uint8Array;
use std::{fmt, ops::Range};

/// Bytes that many owners share: clones and slices do not copy them.
///
/// In the browser they are a `Uint8Array`. The memory of a wasm module never shrinks, and what it sends to or receives
/// from a worker or the browser's storage is copied; a `Uint8Array` is passed on as it is, and freed once nobody uses it.
#[derive(Clone)]
pub struct Bytes {
    #[cfg(target_arch = "wasm32")]
    array: Uint8Array,
    #[cfg(not(target_arch = "wasm32"))]
    vector: std::sync::Arc<Vec<u8>>,
    #[cfg(not(target_arch = "wasm32"))]
    range: Range<usize>,
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        #[cfg(target_arch = "wasm32")]
        return Self {
            array: Uint8Array::from(bytes),
        };
        #[cfg(not(target_arch = "wasm32"))]
        return Self {
            range: 0..bytes.len(),
            vector: std::sync::Arc::new(bytes.to_vec()),
        };
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl Bytes {
    /// Number of bytes.
    pub fn len(&self) -> usize {
        #[cfg(target_arch = "wasm32")]
        return self.array.length() as usize;
        #[cfg(not(target_arch = "wasm32"))]
        return self.range.len();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A part of them; where the range exceeds them, as far as they go.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let (start, end) = (range.start.min(self.len()), range.end.min(self.len()));
        let end = end.max(start);
        #[cfg(target_arch = "wasm32")]
        return Self {
            array: self.array.subarray(start as u32, end as u32),
        };
        #[cfg(not(target_arch = "wasm32"))]
        return Self {
            vector: self.vector.clone(),
            range: self.range.start + start..self.range.start + end,
        };
    }

    /// Copies them into the program's memory.
    pub fn to_vec(&self) -> Vec<u8> {
        #[cfg(target_arch = "wasm32")]
        return self.array.to_vec();
        #[cfg(not(target_arch = "wasm32"))]
        return self.vector[self.range.clone()].to_vec();
    }

    /// Copies all of these parts, one after another, into new bytes.
    #[must_use]
    pub fn concat(parts: &[Self]) -> Self {
        #[cfg(target_arch = "wasm32")]
        {
            let length = parts.iter().map(|part| part.array.length()).sum();
            let array = Uint8Array::new_with_length(length);
            let mut at = 0;
            for part in parts {
                array.set(&part.array, at);
                at += part.array.length();
            }
            Self { array }
        }
        #[cfg(not(target_arch = "wasm32"))]
        Self::from(parts.iter().flat_map(Self::to_vec).collect::<Vec<u8>>())
    }

    /// The browser's array, which must not be changed.
    #[cfg(target_arch = "wasm32")]
    pub fn as_array(&self) -> &Uint8Array {
        &self.array
    }

    /// The bytes of the browser's array, which must not be changed.
    #[cfg(target_arch = "wasm32")]
    pub fn from_array(array: Uint8Array) -> Self {
        Self { array }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.to_vec() == other.to_vec()
    }
}

impl Eq for Bytes {}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_slice_and_concat() {
        let bytes = Bytes::from(vec![1, 2, 3, 4, 5]);
        let middle = bytes.slice(1..4);
        assert_eq!((middle.len(), middle.to_vec()), (3, vec![2, 3, 4]));
        assert_eq!(middle.slice(1..9).to_vec(), [3, 4]);
        assert!(middle.slice(7..9).is_empty());
        assert_eq!(
            Bytes::concat(&[middle, bytes.slice(0..1)]).to_vec(),
            [2, 3, 4, 1]
        );
    }
}
