//! A record: a description in JSON, followed by bytes.

use serde::{Serialize, de::DeserializeOwned};

/// The length of the JSON (little-endian `u32`), the JSON, the bytes. `None` when the description can't be
/// serialized.
pub(crate) fn encode(description: &impl Serialize, bytes: &[u8]) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(description).ok()?;
    let length = u32::try_from(json.len()).ok()?.to_le_bytes();
    Some([&length, json.as_slice(), bytes].concat())
}

/// Description and bytes of a record; `None` for any other bytes.
pub(crate) fn decode<T: DeserializeOwned>(record: &[u8]) -> Option<(T, &[u8])> {
    let (length, rest) = record.split_first_chunk::<4>()?;
    let (json, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((serde_json::from_slice(json).ok()?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_decodes_to_what_was_encoded_and_rejects_damage() {
        let record = encode(&("mine", 3), &[1, 2, 3]).unwrap();
        let found: Option<((String, i32), &[u8])> = decode(&record);
        assert_eq!(found, Some((("mine".to_owned(), 3), &[1, 2, 3][..])));
        for damaged in [&record[..7], &[], &[255; 9], &record[1..]] {
            assert_eq!(decode::<(String, i32)>(damaged), None);
        }
    }
}
