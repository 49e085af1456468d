//! Checkpoints that PyTorch wrote, and what can be wrong with one.

use checkpoints::{CheckpointError, Tensor, read, to_safetensors};
use proptest::prelude::*;

const EXAMPLE: &[u8] = include_bytes!("samples/example.pt");
const HARDER: &[u8] = include_bytes!("samples/harder.pt");

/// The values that the samples' script gives a tensor.
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
fn a_state_dict_comes_out_as_it_went_in() {
    let tensors = read(EXAMPLE).expect("reads");
    let names: Vec<_> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names.len(), 10);
    assert_eq!(names[..3], ["fc1.weight", "fc1.bias", "fc21.weight"]);
    let fc4 = find(&tensors, "fc4.weight");
    assert_eq!(fc4.shape, [16, 8]);
    assert_eq!(fc4.values, counted(4.0, 128));
}

#[test]
fn views_types_and_checkpoints_around_the_state_dict_are_read() {
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
fn what_holds_no_weights_says_so() {
    let refused = |bytes: &[u8]| read(bytes).expect_err("must be refused");
    assert!(matches!(
        refused(include_bytes!("samples/integers.pt")),
        CheckpointError::Tensor { name, why } if name == "steps" && why.contains("only floats")
    ));
    assert_eq!(
        refused(include_bytes!("samples/empty.pt")),
        CheckpointError::Empty
    );
    assert!(matches!(
        refused(b"<!doctype html>"),
        CheckpointError::NotAnArchive(_)
    ));
}

#[test]
fn safetensors_hold_the_same() {
    let tensors = read(EXAMPLE).expect("reads");
    let bytes = to_safetensors(&tensors).expect("writes");
    let again = safetensors::SafeTensors::deserialize(&bytes).expect("reads");
    assert_eq!(again.len(), 10);
    let view = again.tensor("fc21.bias").expect("is there");
    assert_eq!(view.data()[..4], 101.0_f32.to_le_bytes());
}

proptest! {
    #[test]
    fn damage_never_panics(at in 0..HARDER.len(), bits in 1..=255_u8) {
        let mut bytes = HARDER.to_vec();
        bytes[at] ^= bits;
        let _ = read(&bytes);
    }

    #[test]
    fn cut_files_are_refused(length in 0..EXAMPLE.len()) {
        prop_assert!(read(&EXAMPLE[..length]).is_err());
    }
}
