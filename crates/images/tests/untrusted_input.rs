//! Arbitrary, truncated and damaged input never panics, and headers alone never cause allocations.

mod support;

use images::{BoundingBox, GreyImage, Sheet, normalize_drawing, normalize_image};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use support::{idx_of, npy, read_file, read_files, sample};

/// A valid file of each format.
fn valid() -> Vec<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["3/a.png", "b.gif"] {
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("in memory");
        let bytes = if name.ends_with("png") {
            sample("grey.png")
        } else {
            sample("still.gif")
        };
        writer.write_all(&bytes).expect("in memory");
    }
    let mut files = vec![writer.finish().expect("in memory").into_inner()];
    for name in [
        "grey.png",
        "palette.png",
        "grey.jpg",
        "progressive.jpg",
        "turned.jpg",
        "lossy.webp",
        "lossless.webp",
        "1.bmp",
        "l.bmp",
        "rgb.bmp",
        "still.gif",
        "mnist-40-images.idx3.gz",
        "mnist-40-labels.idx1.gz",
    ] {
        files.push(sample(name));
    }
    let digits = support::mnist()[..2].concat();
    let array = npy("|u1", false, "(2, 28, 28)", &digits);
    let values: Vec<String> = digits.iter().map(u8::to_string).collect();
    let rows: Vec<String> = values.chunks(784).map(|row| row.join(",")).collect();
    let table = rows.join("\n").into_bytes();
    files.push(npy(
        "<f4",
        true,
        "(28, 28)",
        &support::mnist()[2]
            .map(|p| f32::from(p).to_le_bytes())
            .concat(),
    ));
    files.push(support::zip(&[
        ("x.npy", array.clone()),
        ("t.csv", table.clone()),
    ]));
    files.push(support::gzip(&support::tar(&[
        ("3/a.png", sample("grey.png")),
        ("x.npy", array),
    ])));
    files.push(table);
    files.push(idx_of(0x0c, &[2, 1], &[0, 0, 0, 1, 0, 0, 0, 2]));
    files.push(tiff());
    let mut pgm = b"P5\n28 28\n255\n".to_vec();
    pgm.extend(support::mnist()[3]);
    files.push(pgm);
    files
}

/// A TIFF with LZW compression.
fn tiff() -> Vec<u8> {
    use tiff::encoder::{Compression, TiffEncoder, colortype::RGB8};
    let mut bytes = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut bytes).expect("in memory");
    let data: Vec<u8> = (0..30 * 20 * 3).map(|at| (at / 97 * 60) as u8).collect();
    let mut encoder = encoder.with_compression(Compression::Lzw);
    encoder
        .write_image::<RGB8>(30, 20, &data)
        .expect("in memory");
    bytes.into_inner()
}

/// Number of valid files, and the number of the table.
const VALID: usize = 21;
const TABLE: usize = 17;

#[test]
fn read_file_reads_the_valid_files() {
    let files = valid();
    assert_eq!(files.len(), VALID);
    for (at, bytes) in files.iter().enumerate() {
        let found = read_file("valid", bytes);
        // Labels alone are a problem, but of another kind.
        let has_labels_only = found.problems.iter().all(|p| p.reason.contains("labels"));
        assert!(
            !found.images.is_empty() || has_labels_only,
            "{at}: {:?}",
            found.problems
        );
    }
}

const MAGIC: [&[u8]; 23] = [
    b"P5 40 40 255\n",
    b"P1 # comment\n",
    b"II*\0\x08\0\0\0\x01\0\x06\x01\x03\0\x01\0\0\0\x03\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"RIFF\0\x01\0\0WEBPVP8 ",
    b"RIFF\0\x01\0\0WEBPVP8L",
    b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    b"GIF89a",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\0\0\x08\x03",
    b"\0\0\x08\x01",
    b"\0\0\x0e\x04",
    b"\x93NUMPY\x01\0\x76\0{'descr': '<f8', 'fortran_order': True, 'shape': (",
    b"II*\0\x08\0\0\0\x05\0",
    b"MM\0*\0\0\0\x08\0\x05",
    b"label,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6\n1,2,3,4,5,6,7,8\n",
    b"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
    b"@relation x\n@attribute a real\n@data\n",
    b"\0\0\0\x18ftypheic",
    b"<!doctype ",
    b"\x80\x04",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn read_file_accepts_arbitrary_bytes_after_any_magic_number(
        which in 0..MAGIC.len(),
        rest in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [MAGIC[which], &rest].concat();
        let _ = read_file("bytes", &bytes);
        let _ = read_file("rest", &rest);
    }

    #[test]
    fn read_file_reports_truncated_files(which in 0..VALID, share in 0.0..1.0_f64) {
        let whole = valid().swap_remove(which);
        let cut = &whole[..(whole.len() as f64 * share) as usize];
        let (all, some) = (read_file("whole", &whole), read_file("cut", cut));
        prop_assert!(some.images.len() <= all.images.len());
        // Only a trailer may be missing without a message, and rows of a table, which has no header.
        let same = some.images.len() == all.images.len();
        prop_assert!(same || which == TABLE || !some.problems.is_empty());
    }

    #[test]
    fn read_files_accepts_damaged_files(
        which in 0..VALID,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = valid().swap_remove(which);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read_files(&[("damaged", bytes)]);
    }

    #[test]
    fn sheet_and_normalize_accept_images_of_any_size(
        width in 1..160_usize,
        height in 1..160_usize,
        seed in any::<u64>(),
        levels in 1..=255_u8,
        area in any::<[u8; 4]>(),
    ) {
        let mut random = support::Lcg(seed);
        let pixels = (0..width * height).map(|_| (random.next() * f64::from(levels)) as u8).collect();
        let grey = GreyImage::new(width, height, pixels).expect("valid size");
        let _ = normalize_image(&grey);
        let _ = normalize_drawing(&grey);
        let sheet = Sheet::detect(&grey);
        let [left, top, width, height] = area.map(usize::from);
        let _ = sheet.crop(&BoundingBox { left, top, width, height });
        for found in sheet.boxes() {
            prop_assert!(found.right() <= sheet.width() && found.bottom() <= sheet.height());
            let _ = sheet.crop(found);
        }
    }
}
