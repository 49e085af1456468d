//! Short files whose pickles refer to the same values many times.

use checkpoints::{CheckpointError, read, to_safetensors};
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A pickle, and the storage "0" with one number.
fn file(pickle: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("x/data.pkl", pickle), ("x/data/0", &[0, 0, 128, 63])] {
        writer.start_file(name, options).expect("starts");
        writer.write_all(bytes).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

fn text(text: &str) -> Vec<u8> {
    [
        b"X",
        &(text.len() as u32).to_le_bytes()[..],
        text.as_bytes(),
    ]
    .concat()
}

/// A tensor of `side`×`side` elements, all of which are the one number.
fn tensor(side: u16) -> Vec<u8> {
    let size = [b"M", &side.to_le_bytes()[..]].concat();
    [
        b"ctorch._utils\n_rebuild_tensor_v2\n((",
        &text("storage")[..],
        b"ctorch\nFloatStorage\n",
        &text("0"),
        &text("cpu"),
        b"K\x01tQK\x00(",
        &size,
        &size,
        b"t(K\x00K\x00ttR",
    ]
    .concat()
}

/// A dictionary with these entries.
fn dict(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries = entries
        .iter()
        .flat_map(|(key, value)| [text(key), value.clone()]);
    [
        b"}(".to_vec(),
        entries.collect::<Vec<_>>().concat(),
        b"u".to_vec(),
    ]
    .concat()
}

fn pickle(value: &[u8]) -> Vec<u8> {
    [b"\x80\x02", value, b"."].concat()
}

#[test]
fn read_accepts_a_tensor_that_repeats_a_number() {
    let dicts = read(&file(&pickle(&dict(&[("a.weight".into(), tensor(100))])))).expect("reads");
    assert_eq!(dicts[0].tensors[0].values(), vec![1.0; 10_000]);
}

#[test]
fn read_rejects_tensors_that_are_far_larger_than_the_file() {
    let entries: Vec<_> = (0..20)
        .map(|at| (format!("{at}.weight"), tensor(1000)))
        .collect();
    let error = read(&file(&pickle(&dict(&entries)))).expect_err("80 MB of one number");
    assert!(matches!(error, CheckpointError::TooLarge { .. }), "{error}");
}

#[test]
fn read_rejects_more_tensors_than_a_state_dict_has() {
    // 30 references to a list of 30 references to a list of 30 tensors.
    let references = |memo: u8| [b"](", [b'h', memo].repeat(30).as_slice(), b"e"].concat();
    let value = [
        tensor(1),
        b"q\x00".to_vec(),
        references(0),
        b"q\x01".to_vec(),
        references(1),
        b"q\x02".to_vec(),
        references(2),
    ];
    let error = read(&file(&pickle(&value.concat()))).expect_err("27,000 tensors");
    assert_eq!(error, CheckpointError::TooManyTensors);
}

#[test]
fn to_safetensors_rejects_two_tensors_of_one_name() {
    let entries = [
        ("a.weight".into(), tensor(2)),
        ("a.weight".into(), tensor(3)),
    ];
    let dicts = read(&file(&pickle(&dict(&entries)))).expect("reads");
    let error = to_safetensors(&dicts).expect_err("one name").to_string();
    assert!(
        error.contains("a.weight") && error.contains("two"),
        "{error}"
    );
}

#[test]
fn read_rejects_names_of_any_length() {
    let long = "weight.".repeat(1000);
    let error = read(&file(&pickle(&dict(&[(long, tensor(2))])))).expect_err("7,000 bytes");
    assert!(
        error.to_string().contains("its name has 7000 bytes"),
        "{error}"
    );
}
