//! Checkpoints of PyTorch, and safetensors.

use crate::{Target, seeds};
use checkpoints::{CheckpointError, StateDict};
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What a checkpoint may need: 512 MB of stored tensors, or their 256 MB in single precision several times while they are
/// written.
const MEMORY_MB: usize = 1280;
const SAMPLES: &str = "crates/checkpoints/tests/samples";

/// Whole files: the ZIP archive, and the format before PyTorch 1.6.
pub const CHECKPOINT: Target = Target {
    name: "checkpoint",
    run: |bytes| convert(checkpoints::read(bytes)),
    seeds: || seeds::files(SAMPLES, &["pt", "pth", "ckpt"]),
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 1500,
};

/// The pickle of a file whose archive is in order.
pub const PICKLE: Target = Target {
    name: "pickle",
    run: |pickle| convert(checkpoints::read(&archive(pickle))),
    seeds: || {
        let samples = seeds::files(SAMPLES, &["pt", "pth", "ckpt"]);
        samples
            .iter()
            .filter_map(|sample| pickle_of(sample))
            .collect()
    },
    memory_mb: MEMORY_MB,
    max_bytes: 8 << 10,
    mutations: 1500,
};

/// safetensors without a card.
pub const SAFETENSORS: Target = Target {
    name: "safetensors",
    run: |bytes| convert(checkpoints::read_safetensors(bytes)),
    seeds: || {
        let samples = seeds::files(SAMPLES, &["pt", "pth", "ckpt"]);
        let dicts = samples
            .iter()
            .filter_map(|sample| checkpoints::read(sample).ok());
        let mut all: Vec<_> = dicts
            .filter_map(|dicts| checkpoints::to_safetensors(&dicts).ok())
            .collect();
        all.push(safetensors(
            r#"{"a.weight":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]},"a.bias":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"n":{"dtype":"I64","shape":[],"data_offsets":[12,20]}}"#,
            20,
        ));
        all
    },
    memory_mb: MEMORY_MB,
    max_bytes: 8 << 10,
    mutations: 1500,
};

/// Looks at all state dicts, and converts them as the program does.
fn convert(read: Result<Vec<StateDict>, CheckpointError>) {
    match read {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(dicts) => {
            assert!(!dicts.is_empty(), "at least one");
            if let Ok(bytes) = checkpoints::to_safetensors(&dicts) {
                let again = checkpoints::read_safetensors(&bytes);
                assert!(again.is_ok(), "{again:?}");
            }
        }
    }
}

/// A file with this header and this many zeros.
fn safetensors(header: &str, bytes: usize) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &vec![0; bytes]].concat()
}

/// An archive as `torch.save` writes it, with eight storages of zeros.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        if writer.start_file(name, options).is_ok() {
            let _ = writer.write_all(bytes);
        }
    };
    add("x/data.pkl", pickle);
    for storage in 0..8 {
        add(&format!("x/data/{storage}"), &[0; 512]);
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// The pickle in an archive.
fn pickle_of(file: &[u8]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).ok()?;
    let name = archive
        .file_names()
        .find(|name| name.ends_with("data.pkl"))?
        .to_owned();
    let mut pickle = Vec::new();
    std::io::copy(&mut archive.by_name(&name).ok()?, &mut pickle).ok()?;
    Some(pickle)
}
