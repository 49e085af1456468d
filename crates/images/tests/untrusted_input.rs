//! Arbitrary, truncated and damaged input never panics, and headers alone never cause allocations.

mod support;

use images::{
    BoundingBox, GreyImage, Sheet, normalize_drawing, normalize_image, read_file, read_files,
};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use support::sample;

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
    files
}

const MAGIC: [&[u8]; 10] = [
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
    fn read_file_reports_truncated_files(which in 0..14_usize, share in 0.0..1.0_f64) {
        let whole = valid().swap_remove(which);
        let cut = &whole[..(whole.len() as f64 * share) as usize];
        let (all, some) = (read_file("whole", &whole), read_file("cut", cut));
        prop_assert!(some.images.len() <= all.images.len());
        // Only a trailer may be missing without a message.
        let same = some.images.len() == all.images.len() && some.labels == all.labels;
        prop_assert!(same || !some.problems.is_empty());
    }

    #[test]
    fn read_files_accepts_damaged_files(
        which in 0..14_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = valid().swap_remove(which);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read_files(&[("damaged".into(), bytes)]);
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
