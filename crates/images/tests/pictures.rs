//! Image files as cameras, scanners and programs make them.

#![expect(clippy::disallowed_types, reason = "the test is native")]

mod support;

use images::{
    Conversion, GreyImage, ImageShape, ReadOptions, decode, decode_color, read_file as read,
};
use std::{io::Cursor, time::Instant};
use support::{
    Photo, difference, enlarged, labels, mnist, png, png_of, read_file, read_files, sample, zip,
};

/// A digit of 112×112, dark on light.
fn drawn(i: usize) -> GreyImage {
    let large = enlarged(&mnist()[i], 4);
    let pixels = large.pixels().iter().map(|p| 255 - p).collect();
    GreyImage::new(large.width(), large.height(), pixels).expect("112×112")
}

#[test]
fn read_file_accepts_jpegs_with_an_unusual_end() {
    for name in ["grey.jpg", "progressive.jpg", "turned.jpg"] {
        let whole = sample(name);
        assert!(whole.ends_with(&[0xff, 0xd9]), "{name}");
        let expected = read_file(name, &whole).images;
        assert_eq!(expected.len(), 1);
        let mut behind = whole.clone();
        behind.extend(b"trailer \xff\xd8\xff\xe0 of a phone\0\0");
        assert_eq!(read_file(name, &behind).images, expected, "{name}");
        let without_end = &whole[..whole.len() - 2];
        assert_eq!(read_file(name, without_end).images, expected, "{name}");
        let cut = read_file(name, &whole[..whole.len() * 4 / 5]);
        assert_eq!(cut.images, [], "{name}");
        assert!(
            cut.problems[0].reason.contains("truncated"),
            "{name}: {:?}",
            cut.problems
        );
    }
    let sheet = sample("sheet.jpg");
    let behind = [sheet.as_slice(), b"trailer of a phone"].concat();
    for bytes in [&sheet[..], &behind, &sheet[..sheet.len() - 2]] {
        let found = read_file("sheet.jpg", bytes);
        assert_eq!((found.images.len(), &found.problems), (0, &vec![]));
        assert_eq!(found.sheet.expect("six digits").boxes().len(), 6);
    }
}

#[test]
fn read_file_stretches_few_levels_and_says_so() {
    let mask: Vec<u8> = drawn(5)
        .pixels()
        .iter()
        .map(|&p| u8::from(p < 128))
        .collect();
    let mask = png(&GreyImage::new(112, 112, mask).expect("112×112"));
    let found = read_file("mask.png", &mask);
    assert!(difference(&found.images[0].pixels, &mnist()[5]) < 25.0);
    assert!(
        found.notes[0].reason.contains("0 and 1 of 255"),
        "{:?}",
        found.notes
    );
    // 16 bits of which a camera uses the lowest eight.
    let deep: Vec<u8> = drawn(5).pixels().iter().flat_map(|&p| [0, p]).collect();
    let deep = png_of(
        112,
        112,
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        &deep,
    );
    let found = read_file("deep.png", &deep);
    assert!(difference(&found.images[0].pixels, &mnist()[5]) < 12.0);
    assert!(
        found.notes[0].reason.contains("of 65535"),
        "{:?}",
        found.notes
    );
}

#[test]
fn read_file_reads_ink_that_is_mostly_transparent() {
    for (name, strongest) in [("pencil", 0.4), ("faint pencil", 0.15), ("ink", 1.0)] {
        let rgba: Vec<u8> = drawn(3)
            .pixels()
            .iter()
            .flat_map(|&p| [0, 0, 0, (f64::from(255 - p) * strongest) as u8])
            .collect();
        let file = png_of(112, 112, png::ColorType::Rgba, png::BitDepth::Eight, &rgba);
        let found = read_file(name, &file);
        assert_eq!(found.images.len(), 1, "{name}: {:?}", found.problems);
        let off = difference(&found.images[0].pixels, &mnist()[3]);
        assert!(off < 16.0, "{name}: {off:.1}");
    }
}

/// Writes a TIFF.
fn tiff_of<C: tiff::encoder::colortype::ColorType>(
    compression: tiff::encoder::Compression,
    data: &[C::Inner],
) -> Vec<u8>
where
    [C::Inner]: tiff::encoder::TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes)
        .expect("in memory")
        .with_compression(compression);
    encoder.write_image::<C>(112, 112, data).expect("in memory");
    bytes.into_inner()
}

/// A copy of a grey TIFF that says that its values are indices of a palette, from white to black.
fn with_palette(tiff: &[u8]) -> Vec<u8> {
    let mut bytes = tiff.to_vec();
    let short = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let directory = u32::from_le_bytes(tiff[4..8].try_into().expect("4 bytes")) as usize;
    let count = usize::from(short(tiff, directory));
    let mut entries: Vec<Vec<u8>> = tiff[directory + 2..][..12 * count]
        .chunks(12)
        .map(<[u8]>::to_vec)
        .collect();
    let photometric = entries.iter_mut().find(|entry| short(entry, 0) == 262);
    photometric.expect("each TIFF has it")[8] = 3;
    let map = bytes.len() as u32;
    for _ in 0..3 {
        bytes.extend((0..256_u16).flat_map(|i| ((255 - i) * 257).to_le_bytes()));
    }
    // The tag ColorMap, 768 numbers of 16 bits.
    let mut entry = [320_u16.to_le_bytes(), 3_u16.to_le_bytes()].concat();
    entry.extend(768_u32.to_le_bytes());
    entry.extend(map.to_le_bytes());
    entries.push(entry);
    entries.sort_by_key(|entry| short(entry, 0));
    let moved = bytes.len() as u32;
    bytes[4..8].copy_from_slice(&moved.to_le_bytes());
    bytes.extend((entries.len() as u16).to_le_bytes());
    bytes.extend(entries.concat());
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn read_file_reads_pgm_and_ppm() {
    let grey = drawn(3);
    let header = |kind: u8| format!("P{kind}\n# a comment\n112 112\n255\n").into_bytes();
    let pgm = [header(5), grey.pixels().to_vec()].concat();
    let rgb: Vec<u8> = grey.pixels().iter().flat_map(|&p| [p; 3]).collect();
    let ppm = [header(6), rgb].concat();
    for file in [&pgm, &ppm] {
        assert_eq!(decode(file).expect("valid").pixels(), grey.pixels());
        assert_eq!(read_file("face.pgm", file).images.len(), 1);
    }
    let cut = read_file("face.pgm", &pgm[..pgm.len() / 2]);
    assert!(cut.problems[0].reason.contains("truncated"));
}

#[test]
fn read_file_reads_tiff() {
    use tiff::encoder::{Compression, colortype};
    let grey = drawn(8);
    let rgb: Vec<u8> = grey.pixels().iter().flat_map(|&p| [p; 3]).collect();
    let deep: Vec<u16> = grey.pixels().iter().map(|&p| u16::from(p) * 257).collect();
    let numbers: Vec<f32> = grey
        .pixels()
        .iter()
        .map(|&p| f32::from(p) / 255.0)
        .collect();
    for (name, file) in [
        (
            "plain",
            tiff_of::<colortype::Gray8>(Compression::Uncompressed, grey.pixels()),
        ),
        (
            "lzw",
            tiff_of::<colortype::Gray8>(Compression::Lzw, grey.pixels()),
        ),
        (
            "packbits",
            tiff_of::<colortype::RGB8>(Compression::Packbits, &rgb),
        ),
        (
            "16 bits",
            tiff_of::<colortype::Gray16>(Compression::Lzw, &deep),
        ),
        (
            "floats",
            tiff_of::<colortype::Gray32Float>(Compression::Uncompressed, &numbers),
        ),
    ] {
        let found = read_file("scan.tif", &file);
        assert_eq!(found.images.len(), 1, "{name}: {:?}", found.problems);
        assert!(
            difference(&found.images[0].pixels, &mnist()[8]) < 12.0,
            "{name}"
        );
        assert_eq!(
            decode(&file).expect("valid").pixels(),
            grey.pixels(),
            "{name}"
        );
    }
    // The same pixels as indices of a palette that inverts them.
    let palette = with_palette(&tiff_of::<colortype::Gray8>(
        Compression::Uncompressed,
        grey.pixels(),
    ));
    let inverted: Vec<u8> = grey.pixels().iter().map(|&p| 255 - p).collect();
    assert_eq!(decode(&palette).expect("valid").pixels(), inverted);
    let cut = tiff_of::<colortype::Gray8>(Compression::Lzw, grey.pixels());
    assert_eq!(
        read_file("cut.tif", &cut[..cut.len() / 2]).problems.len(),
        1
    );
}

#[test]
fn read_file_leaves_avif_and_heic_to_the_browser() {
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec();
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let archive = zip(&[("2/a.avif", avif), ("b.heic", heic)]);
    let found = read("photos.zip", &archive, &ReadOptions::default());
    let kinds: Vec<_> = found
        .undecoded
        .iter()
        .map(|u| (u.path.as_str(), u.media_type))
        .collect();
    assert_eq!(
        kinds,
        [
            ("photos.zip/2/a.avif", "image/avif"),
            ("photos.zip/b.heic", "image/heic")
        ]
    );
    let advice = found.undecoded[1].advice();
    assert!(
        advice.contains("HEIC") && advice.contains("JPEG"),
        "{advice}"
    );
    let video = read(
        "a.mp4",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        &ReadOptions::default(),
    );
    assert!(video.problems[0].reason.contains("a video"));
}

/// A canvas of 280×280 with a digit, black on white.
fn canvas(i: usize) -> GreyImage {
    let large = enlarged(&mnist()[i % 40], 10);
    let pixels = large
        .pixels()
        .iter()
        .map(|&p| if p > 127 { i as u8 % 3 } else { 255 })
        .collect();
    GreyImage::new(280, 280, pixels).expect("280×280")
}

#[test]
fn read_file_takes_each_drawing_for_one_image() {
    let drawings: Vec<(String, Vec<u8>)> = (0..40)
        .map(|i| (format!("drawings/{}/{i}.png", i % 10), png(&canvas(i))))
        .collect();
    let entries: Vec<(&str, Vec<u8>)> = drawings
        .iter()
        .map(|(n, b)| (n.as_str(), b.clone()))
        .collect();
    let found = read_file("drawings.zip", &zip(&entries));
    assert_eq!((found.images.len(), &found.problems), (40, &vec![]));
    assert!(labels(&found).iter().all(Option::is_some));
    let unlabelled: Vec<(&str, Vec<u8>)> = drawings
        .iter()
        .map(|(n, b)| (&n[11..], b.clone()))
        .collect();
    assert_eq!(read_files(&unlabelled).images.len(), 40);
    for i in 0..10 {
        let alone = read_file("drawing.png", &png(&canvas(i)));
        assert_eq!((alone.images.len(), alone.sheet), (1, None), "{i}");
        assert!(
            difference(&alone.images[0].pixels, &mnist()[i]) < 30.0,
            "{i}"
        );
    }
}

#[test]
#[ignore = "measures time: run it with --release"]
fn read_file_reads_1000_drawings_in_seconds() {
    let drawings: Vec<(String, Vec<u8>)> = (0..1_000)
        .map(|i| (format!("{i}.png"), png(&canvas(i))))
        .collect();
    let entries: Vec<(&str, Vec<u8>)> = drawings
        .iter()
        .map(|(n, b)| (n.as_str(), b.clone()))
        .collect();
    let archive = zip(&entries);
    let start = Instant::now();
    let found = read_file("drawings.zip", &archive);
    println!("{} drawings in {:.2?}", found.images.len(), start.elapsed());
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn read_file_still_finds_the_digits_of_a_photo() {
    let (photo, boxes) = Photo {
        columns: 3,
        rows: 2,
        noise: 2.0,
        ..Photo::default()
    }
    .take(&mnist());
    let sheet = read_file("sheet.png", &png(&photo))
        .sheet
        .expect("several digits");
    assert_eq!(sheet.boxes().len(), boxes.len());
}

#[test]
fn read_file_converts_pictures_to_the_shape_of_the_set() {
    let shape = ImageShape::color(16, 16);
    // Red on the left, blue on the right.
    let rgb: Vec<u8> = (0..64 * 64)
        .flat_map(|at| {
            if at % 64 < 32 {
                [255, 0, 0]
            } else {
                [0, 0, 255]
            }
        })
        .collect();
    let file = png_of(64, 64, png::ColorType::Rgb, png::BitDepth::Eight, &rgb);
    let options = ReadOptions {
        conversion: Conversion::Fit,
        shape,
        ..ReadOptions::default()
    };
    let found = read("icon.png", &file, &options);
    let image = found.images.get(0).expect("one image");
    assert_eq!(
        (image.len(), &image[..3], &image[45..48]),
        (768, &[255, 0, 0][..], &[0, 0, 255][..])
    );
    assert_eq!(found.own_shapes[0].width, 64);
    assert!(found.own_shapes[0].is_color);
    let raster = decode_color(&file).expect("valid");
    assert_eq!(found.samples, std::slice::from_ref(&raster));
    assert_eq!(
        images::convert(&raster, Conversion::Fit, shape).expect("fits"),
        image
    );
    let options = ReadOptions {
        conversion: Conversion::Unchanged,
        ..options
    };
    let found = read("icon.png", &file, &options);
    assert!(
        found.problems[0].reason.contains("64×64"),
        "{:?}",
        found.problems
    );
}

#[test]
fn read_rasters_takes_images_that_were_decoded_elsewhere() {
    let rgba: Vec<u8> = drawn(6)
        .pixels()
        .iter()
        .flat_map(|&p| [p, p, p, 255])
        .collect();
    let raster = images::flatten_rgba(112, 112, &rgba).expect("112×112");
    let found = images::read_rasters(
        vec![("set/6/a.avif".into(), raster)],
        &ReadOptions::default(),
    );
    assert_eq!(found.class_name(0), Some("6"));
    let pixels = found
        .images
        .get(0)
        .and_then(|p| p.try_into().ok())
        .expect("28×28");
    assert!(difference(&pixels, &mnist()[6]) < 12.0);
}
