//! Archives.

use super::image_files::{npy, read, ring};
use crate::{Target, seeds};
use flate2::{Compression, write::GzEncoder};
use images::ReadOptions;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What an archive may need: an entry of 96 MiB, which is read into memory and decoded, and the set.
const MEMORY_MB: usize = 1024;

/// ZIP, with images, arrays and archives in it.
pub const ZIP: Target = Target {
    name: "zip",
    run: |bytes| read("files.zip", bytes, &ReadOptions::default()),
    seeds: || {
        let inner = zip(&[("a/b.npy", &array())], CompressionMethod::Stored);
        vec![
            zip(&contents(), CompressionMethod::Stored),
            zip(&contents(), CompressionMethod::Deflated),
            zip(
                &[("x.zip", &inner), ("y.tar.gz", &gzip(&tar(&contents())))],
                CompressionMethod::Stored,
            ),
            zip(
                &[("emnist-letters-mapping.txt", b"1 65 97"), ("a/", b"")],
                CompressionMethod::Stored,
            ),
        ]
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 600,
};

/// tar, also compressed by gzip.
pub const TAR: Target = Target {
    name: "tar",
    run: |bytes| read("files.tar", bytes, &ReadOptions::default()),
    seeds: || {
        let all = tar(&contents());
        let long = format!("{}/7.npy", "folder".repeat(30));
        vec![
            gzip(&all),
            [gzip(b"first"), gzip(&all)].concat(),
            all,
            tar(&[(long.as_str(), &array())]),
        ]
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 600,
};

fn array() -> Vec<u8> {
    npy("|u1", "False", "(1, 28, 28)", &ring(28))
}

fn contents() -> Vec<(&'static str, &'static [u8])> {
    static PNG: std::sync::OnceLock<[Vec<u8>; 3]> = std::sync::OnceLock::new();
    let [png, array, table] = PNG.get_or_init(|| {
        let png = seeds::file("crates/images/tests/samples/grey.png").unwrap_or_default();
        [png, array(), b"label\n1\n2\n".to_vec()]
    });
    vec![
        ("set/3/a.png", png),
        ("x.npy", array),
        ("labels.csv", table),
    ]
}

fn zip(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        if writer.start_file(*name, options).is_ok() {
            let _ = writer.write_all(bytes);
        }
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let _ = builder.append_data(&mut header, name, *bytes);
    }
    builder.into_inner().unwrap_or_default()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
