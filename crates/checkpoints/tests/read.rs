//! Checkpoints written by PyTorch, and invalid ones.

use checkpoints::{CheckpointError, Tensor, read, to_safetensors};
use proptest::prelude::*;

const EXAMPLE: &[u8] = include_bytes!("samples/example.pt");
const HARDER: &[u8] = include_bytes!("samples/harder.pt");

/// The values that `samples/make_samples.py` gives a tensor.
fn counted(number: f32, count: usize) -> Vec<f32> {
    (0..count).map(|i| i as f32 / 8.0 + number).collect()
}

fn find<'a>(tensors: &'a [Tensor], name: &str) -> &'a Tensor {
    tensors
        .iter()
        .find(|tensor| tensor.name == name)
        .unwrap_or_else(|| panic!("{name} is missing"))
}

#[test]
fn read_returns_the_tensors_of_a_state_dict() {
    let tensors = read(EXAMPLE).expect("reads");
    let names: Vec<_> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names.len(), 10);
    assert_eq!(names[..3], ["fc1.weight", "fc1.bias", "fc21.weight"]);
    let fc4 = find(&tensors, "fc4.weight");
    assert_eq!(fc4.shape, [16, 8]);
    assert_eq!(fc4.values, counted(4.0, 128));
}

#[test]
fn read_supports_views_element_types_and_nested_dicts() {
    let tensors = read(HARDER).expect("reads");
    let values = |name: &str| find(&tensors, &format!("state_dict.{name}")).values.clone();
    assert_eq!(values("half.weight"), counted(1.0, 6));
    assert_eq!(values("bf16.weight"), counted(2.0, 6));
    assert_eq!(values("double.weight"), counted(3.0, 6));
    assert_eq!(values("parameter.weight"), counted(4.0, 4));
    assert_eq!(values("scalar"), [7.0]);
    assert_eq!(values("rows.weight"), counted(1.0, 8));
    let transposed = find(&tensors, "state_dict.transposed.weight");
    assert_eq!(transposed.shape, [4, 6]);
    assert_eq!(transposed.values[..3], [0.0, 0.5, 1.0]);
    assert_eq!(transposed.values[6], 0.125);
}

#[test]
fn read_rejects_files_without_float_tensors() {
    let error = |bytes: &[u8]| read(bytes).expect_err("must be rejected");
    assert!(matches!(
        error(include_bytes!("samples/integers.pt")),
        CheckpointError::Tensor { name, reason } if name == "steps" && reason.contains("only floating-point")
    ));
    assert_eq!(
        error(include_bytes!("samples/empty.pt")),
        CheckpointError::Empty
    );
    assert!(matches!(
        error(b"<!doctype html>"),
        CheckpointError::NotAnArchive(_)
    ));
}

#[test]
fn to_safetensors_preserves_tensors() {
    let tensors = read(EXAMPLE).expect("reads");
    let bytes = to_safetensors(&tensors).expect("writes");
    let again = safetensors::SafeTensors::deserialize(&bytes).expect("reads");
    assert_eq!(again.len(), 10);
    let view = again.tensor("fc21.bias").expect("is there");
    assert_eq!(view.data()[..4], 101.0_f32.to_le_bytes());
}

proptest! {
    #[test]
    fn read_never_panics_on_damaged_files(at in 0..HARDER.len(), bits in 1..=255_u8) {
        let mut bytes = HARDER.to_vec();
        bytes[at] ^= bits;
        let _ = read(&bytes);
    }

    #[test]
    fn read_rejects_truncated_files(length in 0..EXAMPLE.len()) {
        prop_assert!(read(&EXAMPLE[..length]).is_err());
    }
}
