//! Checkpoints written by PyTorch, files in formats that it no longer writes, and invalid files.

use checkpoints::{CheckpointError, ElementType, Foreign, StateDict, Tensor, read, to_safetensors};
use proptest::prelude::*;

const EXAMPLE: &[u8] = include_bytes!("samples/example.pt");
const HARDER: &[u8] = include_bytes!("samples/harder.pt");
const LEGACY: &[u8] = include_bytes!("samples/legacy.pth");

/// The values that `samples/make_samples.py` gives a tensor.
fn counted(number: f32, count: usize) -> Vec<f32> {
    (0..count).map(|i| i as f32 / 8.0 + number).collect()
}

fn values(dict: &StateDict, name: &str) -> Vec<f32> {
    let tensor = dict.get(name);
    tensor
        .unwrap_or_else(|| panic!("{name} is missing"))
        .values()
}

fn names(dict: &StateDict) -> Vec<&str> {
    dict.tensors
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect()
}

/// The only state dict of a file.
fn only(bytes: &[u8]) -> StateDict {
    let mut dicts = read(bytes).expect("reads");
    assert_eq!(dicts.len(), 1);
    dicts.remove(0)
}

fn error(bytes: &[u8]) -> CheckpointError {
    read(bytes).expect_err("must be rejected")
}

#[test]
fn read_returns_the_tensors_of_a_state_dict() {
    let dict = only(EXAMPLE);
    assert_eq!((dict.key.as_str(), dict.tensors.len()), ("", 10));
    assert_eq!(names(&dict)[..3], ["fc1.weight", "fc1.bias", "fc21.weight"]);
    let fc4 = dict.get("fc4.weight").expect("is there");
    assert_eq!(
        (&fc4.shape[..], fc4.element_type),
        (&[16, 8][..], ElementType::F32)
    );
    assert_eq!(fc4.values(), counted(4.0, 128));
}

#[test]
fn read_supports_views_element_types_and_nested_dicts() {
    let dict = only(HARDER);
    assert_eq!(dict.key, "state_dict");
    assert_eq!(values(&dict, "half.weight"), counted(1.0, 6));
    assert_eq!(values(&dict, "bf16.weight"), counted(2.0, 6));
    assert_eq!(values(&dict, "double.weight"), counted(3.0, 6));
    assert_eq!(values(&dict, "parameter.weight"), counted(4.0, 4));
    assert_eq!(values(&dict, "rows.weight"), counted(1.0, 8));
    let transposed = dict.get("transposed.weight").expect("is there");
    assert_eq!(transposed.shape, [4, 6]);
    assert_eq!(transposed.values()[..3], [0.0, 0.5, 1.0]);
    assert_eq!(transposed.values()[6], 0.125);
    assert!(dict.get("scalar").is_none(), "no axes: not a weight");
}

#[test]
fn read_supports_the_format_before_pytorch_1_6_and_big_endian_files() {
    let dict = only(LEGACY);
    assert_eq!(names(&dict)[..3], ["fc1.weight", "fc1.bias", "fc2.weight"]);
    assert_eq!(values(&dict, "fc2.weight"), counted(3.0, 12));
    // The view begins at element 4 of the whole, and the tensor at element 1 of the view.
    assert_eq!(values(&dict, "part.weight"), counted(5.0 / 8.0, 6));
    assert_eq!(values(&dict, "columns.weight")[..3], [0.0, 0.5, 1.0]);
    for bytes in [
        &include_bytes!("samples/legacy-big-endian.pth")[..],
        include_bytes!("samples/big-endian.pth"),
    ] {
        assert_eq!(values(&only(bytes), "fc1.bias"), counted(2.0, 3));
    }
}

#[test]
fn read_ignores_training_states_and_wrappers() {
    let dict = only(include_bytes!("samples/wrapped.pth"));
    assert_eq!(names(&dict), ["fc1.weight", "fc1.bias", "fc2.weight"]);
    assert_eq!(
        error(include_bytes!("samples/counters.pth")),
        CheckpointError::Empty
    );
}

#[test]
fn read_offers_averages_of_the_weights_after_the_weights() {
    for (bytes, keys) in [
        (
            &include_bytes!("samples/training.ckpt")[..],
            ["state_dict", "state_dict_ema"],
        ),
        (include_bytes!("samples/shadow.pth"), ["model", "ema"]),
        (
            include_bytes!("samples/ema-prefix.pth"),
            ["state_dict", "ema_model"],
        ),
    ] {
        let dicts = read(bytes).expect("reads");
        let found: Vec<_> = dicts.iter().map(|dict| dict.key.as_str()).collect();
        assert_eq!(found, keys);
        for (dict, number) in dicts.iter().zip([1.0, 50.0]) {
            assert_eq!(
                names(dict),
                ["fc1.weight", "fc1.bias", "fc2.weight"],
                "{}",
                dict.key
            );
            assert_eq!(values(dict, "fc1.weight"), counted(number, 12));
            assert_eq!(values(dict, "fc2.weight"), counted(number + 2.0, 12));
        }
    }
}

#[test]
fn read_joins_the_parts_of_a_model() {
    let dict = only(include_bytes!("samples/parts.pth"));
    assert_eq!(
        names(&dict),
        [
            "encoder.fc1.weight",
            "encoder.fc1.bias",
            "encoder.fc2.weight",
            "decoder.layers.0.weight",
            "decoder.layers.1.weight",
        ]
    );
}

#[test]
fn read_identifies_files_of_other_kinds() {
    assert_eq!(
        error(include_bytes!("samples/integers.pt")),
        CheckpointError::Empty
    );
    assert_eq!(
        error(include_bytes!("samples/empty.pt")),
        CheckpointError::Empty
    );
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, kind) in [
        (&b""[..], Foreign::Empty),
        (b"\n <!DOCTYPE html><p>", Foreign::WebPage),
        (b"<html>", Foreign::WebPage),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            Foreign::GitLfsPointer,
        ),
        (b"\x89HDF\r\n\x1a\n\0\0", Foreign::Hdf5),
        (b"{\"modelTopology\": {}}", Foreign::TensorFlowJs),
        (b"{\"lr\": 0.1}", Foreign::Json),
        (b"\x1f\x8b\x08", Foreign::Gzip),
        (b"\x93NUMPY\x01", Foreign::NumPy),
        (b"\x08\x08\x12\x05cases", Foreign::Onnx),
        (&tar, Foreign::Tar),
        (b"\x80\x04K\x01.", Foreign::Pickle),
        (b"whatever", Foreign::Unknown),
    ] {
        assert_eq!(error(bytes), CheckpointError::Foreign(kind));
    }
}

#[test]
fn read_names_the_class_of_a_pickled_module() {
    // An object of class `vae.Net` whose attributes are {"_modules": {}}.
    let pickle = b"\x80\x02cvae\nNet\n)\x81}X\x08\0\0\0_modules}sb.";
    let mut file = Vec::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(&mut file));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("archive/data.pkl", stored).expect("starts");
    std::io::Write::write_all(&mut zip, pickle).expect("writes");
    zip.finish().expect("finishes");
    let error = error(&file);
    assert_eq!(
        error,
        CheckpointError::WholeModule {
            class: "vae.Net".into()
        }
    );
    assert!(error.to_string().contains("model.state_dict()"));
}

#[test]
fn to_safetensors_preserves_tensors_and_their_order() {
    let dict = StateDict {
        key: String::new(),
        tensors: ["z", "b", "m"]
            .map(|name| Tensor::from_values(format!("{name}.weight"), vec![2, 1], &[1.0, 2.0]))
            .to_vec(),
    };
    let again = only(&to_safetensors(std::slice::from_ref(&dict)).expect("writes"));
    assert_eq!(names(&again), ["z.weight", "b.weight", "m.weight"]);
    assert_eq!(again, dict);
    let example = only(&to_safetensors(&[only(EXAMPLE)]).expect("writes"));
    assert_eq!(values(&example, "fc21.bias"), counted(101.0, 2));
}

#[test]
fn to_safetensors_preserves_copies_of_the_weights() {
    let dicts = read(include_bytes!("samples/training.ckpt")).expect("reads");
    let again = read(&to_safetensors(&dicts).expect("writes")).expect("reads");
    assert_eq!(again.len(), 2);
    for (again, dict) in again.iter().zip(&dicts) {
        assert_eq!((&again.key, names(again)), (&dict.key, names(dict)));
        assert_eq!(values(again, "fc1.bias"), values(dict, "fc1.bias"));
    }
}

/// Reads the file of a case of `ELBO_CASES`, a folder of checkpoints that PyTorch wrote.
fn case(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("ELBO_CASES")?;
    Some(std::fs::read(std::path::Path::new(&folder).join(name)).expect("the case's file"))
}

#[test]
fn read_reads_the_cases() {
    for (file, tensors) in [
        ("W01a/vae.pth", 12),
        ("W02a/vae.pth", 10),
        ("W06a/epoch=9-step=400.ckpt", 10),
        ("W06b/checkpoint.pth", 10),
        ("W07a/vae_multi_gpu.pth", 10),
        ("W08a/vae-bf16.safetensors", 10),
        ("W09a/vae_bn.pth", 18),
        ("W13a/conv_vae_bn.pth", 26),
    ] {
        if let Some(bytes) = case(file) {
            assert_eq!(only(&bytes).tensors.len(), tensors, "{file}");
        }
    }
    for (file, words) in [
        ("W10a/vae.pth", "LFS"),
        ("W10a/vae-download.pth", "web page"),
        ("W10a/vae.h5", "Keras"),
        ("W12a/model.pt", "whole module"),
    ] {
        if let Some(bytes) = case(file) {
            let error = error(&bytes).to_string();
            assert!(error.contains(words), "{file}: {error}");
        }
    }
}

proptest! {
    #[test]
    fn read_never_panics_on_damaged_files(at in 0..HARDER.len(), bits in 1..=255_u8) {
        let mut bytes = HARDER.to_vec();
        bytes[at] ^= bits;
        let _ = read(&bytes);
    }

    #[test]
    fn read_never_panics_on_damaged_legacy_files(at in 0..LEGACY.len(), bits in 1..=255_u8) {
        let mut bytes = LEGACY.to_vec();
        bytes[at] ^= bits;
        let _ = read(&bytes);
    }

    #[test]
    fn read_never_panics_on_damaged_safetensors(at in 0..400_usize, bits in 1..=255_u8) {
        let mut bytes = to_safetensors(&[only(EXAMPLE)]).expect("writes");
        bytes[at] ^= bits;
        let _ = read(&bytes);
    }

    #[test]
    fn read_rejects_truncated_files(length in 0..EXAMPLE.len()) {
        prop_assert!(read(&EXAMPLE[..length]).is_err());
    }

    #[test]
    fn read_rejects_truncated_legacy_files(length in 0..LEGACY.len()) {
        prop_assert!(read(&LEGACY[..length]).is_err());
    }
}
