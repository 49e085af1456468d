//! Arrays and tables of images.

use super::image_files::{npy, read, ring};
use crate::{Target, seeds};
use images::ReadOptions;
use spec::{Conversion, ImageShape};

/// What an array may need: the 120 MB of a full set, and as much for images in another order.
const MEMORY_MB: usize = 512;

/// IDX, also compressed by gzip.
pub const IDX: Target = Target {
    name: "idx",
    run: |bytes| read_array("train-images", "train-labels", bytes),
    seeds: || {
        let mut all = seeds::files("crates/images/tests/samples", &["gz"]);
        all.push(idx(0x08, &[2, 28, 28], &ring(28).repeat(2)));
        all.push(idx(0x08, &[10], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
        all.push(idx(0x0c, &[2, 1], &[0, 0, 0, 1, 0, 0, 0, 2]));
        all.push(idx(0x0d, &[1, 9, 9], &[0x3f, 0x80, 0, 0].repeat(81)));
        all.push(idx(
            0x0e,
            &[1, 8, 8],
            &[0x3f, 0xe0, 0, 0, 0, 0, 0, 0].repeat(64),
        ));
        all.push(idx(0x0b, &[1, 8, 8, 3], &[0, 200].repeat(192)));
        all
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 600,
};

/// Arrays of NumPy.
pub const NUMPY: Target = Target {
    name: "numpy",
    run: |bytes| read_array("x.npy", "y.npy", bytes),
    seeds: || {
        let digits = ring(28).repeat(2);
        let floats: Vec<u8> = ring(28)
            .iter()
            .flat_map(|&v| f32::from(v).to_le_bytes())
            .collect();
        vec![
            npy("|u1", "False", "(2, 28, 28)", &digits),
            npy("|u1", "False", "(2, 784)", &digits),
            npy("|u1", "True", "(28, 28, 2)", &digits),
            npy("<f4", "True", "(28, 28)", &floats),
            npy("<f8", "False", "(1, 9, 9)", &[0; 648]),
            npy("<i8", "False", "(4,)", &[1, 0, 0, 0, 0, 0, 0, 0].repeat(4)),
            npy("|b1", "False", "(1, 8, 8)", &[0, 1].repeat(32)),
            npy("<f2", "False", "(2, 1, 8, 8)", &[0, 0x3c].repeat(128)),
            npy("|u1", "False", "(1, 3, 16, 16)", &digits[..768]),
        ]
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 600,
};

/// Tables: CSV and ARFF.
pub const CSV: Target = Target {
    name: "csv",
    run: |bytes| read_array("table.csv", "labels.csv", bytes),
    seeds: || {
        let row = |values: &[u8], separator: &str| {
            let values: Vec<String> = values.iter().map(u8::to_string).collect();
            values.join(separator)
        };
        let digit = ring(28);
        let small = &ring(8);
        let header: Vec<String> = (0..784).map(|at| format!("pixel{at}")).collect();
        let texts = [
            format!("{}\n{}\n", row(&digit, ","), row(&digit, ",")),
            format!("label,{}\n3,{}\n", header.join(","), row(&digit, ",")),
            format!("{};7\n{};1\n", row(small, ";"), row(small, ";")),
            format!("{}\t2\r\n", row(small, "\t")),
            format!("{}\n", row(small, " ")),
            "label\n1\n2\n\"3\"\n".to_owned(),
            format!("\u{feff}\"class\",\"a\"\n\"cat\",{}\n", row(small, ",")),
            "@relation x\n@attribute a real\n@attribute class {0,1}\n@data\n1,0\n2,1\n".to_owned(),
        ];
        texts.into_iter().map(String::into_bytes).collect()
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 600,
};

/// Reads a file under a name of images or of labels, as digits or in colour, by the remainder of its length.
fn read_array(images: &str, labels: &str, bytes: &[u8]) {
    let color = ReadOptions {
        conversion: Conversion::Fit,
        shape: ImageShape::color(16, 16),
        ..ReadOptions::default()
    };
    match bytes.len() % 4 {
        0 => read(labels, bytes, &ReadOptions::default()),
        1 => read(images, bytes, &color),
        _ => read(images, bytes, &ReadOptions::default()),
    }
}

fn idx(element: u8, axes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, element, axes.len() as u8];
    bytes.extend(axes.iter().flat_map(|axis| axis.to_be_bytes()));
    bytes.extend(values);
    bytes
}
