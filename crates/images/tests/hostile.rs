//! Bytes that nobody meant: no panic, no memory on the word of a header.

mod support;

use images::{BoxPx, Grey, Sheet, from_drawing, from_picture, read, read_many};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use support::sample;

/// A valid file of each kind.
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
    fn arbitrary_bytes_behind_any_magic_number(
        which in 0..MAGIC.len(),
        rest in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [MAGIC[which], &rest].concat();
        let _ = read("bytes", &bytes);
        let _ = read("rest", &rest);
    }

    #[test]
    fn truncated_files(which in 0..14_usize, share in 0.0..1.0_f64) {
        let whole = valid().swap_remove(which);
        let cut = &whole[..(whole.len() as f64 * share) as usize];
        let (all, some) = (read("whole", &whole), read("cut", cut));
        prop_assert!(some.digits.len() <= all.digits.len());
        // What is missing may be a trailer, which no one misses; else there is a message.
        let same = some.digits.len() == all.digits.len() && some.labels == all.labels;
        prop_assert!(same || !some.problems.is_empty());
    }

    #[test]
    fn damaged_files(
        which in 0..14_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = valid().swap_remove(which);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read_many(&[("damaged".into(), bytes)]);
    }

    #[test]
    fn any_picture_of_any_size(
        width in 1..160_usize,
        height in 1..160_usize,
        seed in any::<u64>(),
        levels in 1..=255_u8,
        area in any::<[u8; 4]>(),
    ) {
        let mut random = support::Lcg(seed);
        let pixels = (0..width * height).map(|_| (random.next() * f64::from(levels)) as u8).collect();
        let grey = Grey::new(width, height, pixels).expect("as large as said");
        let _ = from_picture(&grey);
        let _ = from_drawing(&grey);
        let sheet = Sheet::find(&grey);
        let [left, top, width, height] = area.map(usize::from);
        let _ = sheet.cut(&BoxPx { left, top, width, height });
        for found in sheet.boxes() {
            prop_assert!(found.right() <= sheet.width() && found.bottom() <= sheet.height());
            let _ = sheet.cut(found);
        }
    }
}
