//! Floats that are sent as bytes: an array of JavaScript numbers takes many times as long.

use serde::{Deserializer, Serializer, de::Error as _};

pub(crate) fn serialize<S: Serializer>(floats: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = floats
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect();
    serde_bytes::serialize(&bytes, serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<f32>, D::Error> {
    let bytes: Vec<u8> = serde_bytes::deserialize(deserializer)?;
    let (floats, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(D::Error::custom(format!(
            "{} bytes are not a whole number of floats",
            bytes.len()
        )));
    }
    Ok(floats.iter().copied().map(f32::from_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use crate::Request;

    #[test]
    fn floats_round_trip_and_a_missing_byte_is_an_error() {
        let z = vec![0.1, -0.0, f32::MIN_POSITIVE, f32::INFINITY, 6.0];
        let sent = Request::Decode {
            z,
            conditioning: vec![],
        };
        let mut message = serde_json::to_value(&sent).expect("is plain data");
        let received: Request = serde_json::from_value(message.clone()).expect("is a request");
        assert_eq!(received, sent);
        let bytes = message["Decode"]["z"].as_array_mut().expect("bytes");
        assert_eq!(bytes.len(), 20);
        bytes.pop();
        let error = serde_json::from_value::<Request>(message).expect_err("a byte is missing");
        assert!(error.to_string().contains("19 bytes"), "{error}");
    }
}
