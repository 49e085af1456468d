//! A description in JSON and a block of bytes, as one block.

use serde::{Serialize, de::DeserializeOwned};

/// The length of the description, the description, the bytes.
pub(crate) fn pack(description: &impl Serialize, bytes: &[u8]) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(description).ok()?;
    let length = u32::try_from(json.len()).ok()?.to_le_bytes();
    Some([&length, json.as_slice(), bytes].concat())
}

/// What [`pack`] made; none for anything else.
pub(crate) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Option<(T, &[u8])> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let (json, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((serde_json::from_slice(json).ok()?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_and_damage_is_dropped() {
        let packed = pack(&("mine", 3), &[1, 2, 3]).unwrap();
        let found: Option<((String, i32), &[u8])> = unpack(&packed);
        assert_eq!(found, Some((("mine".to_owned(), 3), &[1, 2, 3][..])));
        for damaged in [&packed[..7], &[], &[255; 9], &packed[1..]] {
            assert_eq!(unpack::<(String, i32)>(damaged), None);
        }
    }
}
