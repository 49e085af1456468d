//! Image files, and the search for digits on a sheet.

use super::image_files::{self, ring};
use crate::{Target, seeds};
use images::{GreyImage, ReadOptions, Sheet};
use spec::{Conversion, ImageShape};
use std::io::Cursor;

/// What an image may need: 16 bytes for each of 64 million pixels.
const MEMORY_MB: usize = 1024;
const SAMPLES: &str = "crates/images/tests/samples";

/// PNG.
pub const PNG: Target = Target {
    name: "png",
    run: |bytes| read("image.png", &with_checksums(bytes)),
    seeds: || seeds::files(SAMPLES, &["png"]),
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// JPEG.
pub const JPEG: Target = Target {
    name: "jpeg",
    run: |bytes| read("image.jpg", bytes),
    seeds: || seeds::files(SAMPLES, &["jpg"]),
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 200,
};

/// WebP.
pub const WEBP: Target = Target {
    name: "webp",
    run: |bytes| read("image.webp", bytes),
    seeds: || seeds::files(SAMPLES, &["webp"]),
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// GIF.
pub const GIF: Target = Target {
    name: "gif",
    run: |bytes| read("image.gif", bytes),
    seeds: || seeds::files(SAMPLES, &["gif"]),
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// TIFF.
pub const TIFF: Target = Target {
    name: "tiff",
    run: |bytes| read("image.tiff", bytes),
    seeds: tiffs,
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// Formats without compression: BMP, PBM, PGM and PPM.
pub const BITMAP: Target = Target {
    name: "bitmap",
    run: |bytes| read("image.bmp", bytes),
    seeds: || {
        let mut all = seeds::files(SAMPLES, &["bmp"]);
        all.push([b"P5\n# a comment\n28 28\n255\n".as_slice(), &ring(28)].concat());
        all.push([b"P6 9 9 255\n".as_slice(), &ring(28)[..243]].concat());
        all.push(
            b"P1 8 8\n00000000 01111110 01000010 01000010 01000010 01000010 01111110 00000000"
                .to_vec(),
        );
        all.push([b"P4 32 8\n".as_slice(), &ring(28)[300..332]].concat());
        all
    },
    memory_mb: MEMORY_MB,
    max_bytes: 16 << 10,
    mutations: 400,
};

/// The search for digits on a sheet: the first two bytes are width and height, the others are repeated as its pixels.
pub const SHEET: Target = Target {
    name: "sheet",
    run: sheet,
    seeds: || {
        let digit = ring(28);
        let row = |fill: u8| [digit.clone(), vec![fill; 28 * 12]].concat();
        vec![
            [vec![199, 199], digit.clone()].concat(),
            [
                vec![111, 139],
                digit.iter().map(|value| 255 - value).collect(),
            ]
            .concat(),
            [vec![27, 120], row(0)].concat(),
            [vec![119, 60], row(200)].concat(),
        ]
    },
    memory_mb: 64,
    max_bytes: 16 << 10,
    mutations: 60,
};

/// Reads a file in colour or, for every eighth length, as digits, where large images are searched for several.
fn read(name: &str, bytes: &[u8]) {
    let options = match bytes.len() % 8 {
        0 => ReadOptions::default(),
        _ => ReadOptions {
            conversion: Conversion::Fit,
            shape: ImageShape::color(32, 24),
            ..ReadOptions::default()
        },
    };
    image_files::read(name, bytes, &options);
}

fn sheet(bytes: &[u8]) {
    let [width, height, pixels @ ..] = bytes else {
        return;
    };
    if pixels.is_empty() {
        return;
    }
    let [width, height] = [width, height].map(|&side| 1 + usize::from(side));
    let pixels = pixels
        .iter()
        .copied()
        .cycle()
        .take(width * height)
        .collect();
    let Ok(image) = GreyImage::new(width, height, pixels) else {
        return;
    };
    let sheet = Sheet::detect(&image);
    for found in sheet.boxes() {
        assert!(found.right() <= sheet.width() && found.bottom() <= sheet.height());
        let _ = sheet.crop(found);
    }
}

/// A PNG whose chunks have the right checksums, so that a changed one is read, too.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut png = bytes.to_vec();
    let mut at = 8;
    while let Some(&[a, b, c, d]) = png.get(at..at + 4) {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (start, end) = (at + 4, at.saturating_add(8).saturating_add(length));
        let mut checksum = flate2::Crc::new();
        match png.get(start..end) {
            Some(chunk) => checksum.update(chunk),
            None => break,
        }
        match png.get_mut(end..end + 4) {
            Some(stored) => stored.copy_from_slice(&checksum.sum().to_be_bytes()),
            None => break,
        }
        at = end + 4;
    }
    png
}

/// TIFFs of each compression that can be written.
fn tiffs() -> Vec<Vec<u8>> {
    use tiff::encoder::{Compression, TiffEncoder, colortype};
    let grey = ring(28);
    let color: Vec<u8> = grey
        .iter()
        .flat_map(|&value| [value, value / 2, 9])
        .collect();
    let compressions = [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(tiff::encoder::DeflateLevel::Fast),
        Compression::Packbits,
    ];
    let mut all = Vec::new();
    for compression in compressions {
        let mut file = Cursor::new(Vec::new());
        let written = TiffEncoder::new(&mut file).and_then(|encoder| {
            let mut encoder = encoder.with_compression(compression);
            encoder.write_image::<colortype::Gray8>(28, 28, &grey)?;
            encoder.write_image::<colortype::RGB8>(28, 28, &color)
        });
        all.extend(written.ok().map(|()| file.into_inner()));
    }
    let mut file = Cursor::new(Vec::new());
    let deep: Vec<u16> = grey.iter().map(|&value| u16::from(value) * 257).collect();
    let written = TiffEncoder::new(&mut file)
        .and_then(|mut encoder| encoder.write_image::<colortype::Gray16>(28, 28, &deep));
    all.extend(written.ok().map(|()| file.into_inner()));
    all
}
