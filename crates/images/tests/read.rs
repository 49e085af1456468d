//! Files of all formats: usable images are extracted, and everything else is reported with a helpful
//! message.

mod support;

use images::{GreyImage, MAX_COMPRESSION_RATIO, SIDE, normalize_image};
use support::{
    FileContents, Photo, difference, enlarged, idx, labels, mnist, png, read_file, read_files,
    sample, zip,
};

/// The reason of the only problem. Asserts that nothing was extracted.
fn rejection_reason(contents: &FileContents) -> &str {
    assert_eq!(contents.images, [], "{}", contents.file);
    assert_eq!(contents.sheet, None, "{}", contents.file);
    match contents.problems.as_slice() {
        [problem] => {
            assert!(problem.file.starts_with(&contents.file));
            &problem.reason
        }
        problems => panic!("{}: {problems:?}", contents.file),
    }
}

const IMAGES: [&str; 21] = [
    "grey.png",
    "bits.png",
    "colour.png",
    "palette.png",
    "sixteen.png",
    "black-on-nothing.png",
    "white-on-nothing.png",
    "grey.jpg",
    "progressive.jpg",
    "cmyk.jpg",
    "turned.jpg",
    "lossy.webp",
    "lossless.webp",
    "alpha.webp",
    "1.bmp",
    "l.bmp",
    "rgb.bmp",
    "rgba.bmp",
    "still.gif",
    "moving.gif",
    "alpha.gif",
];

#[test]
fn read_file_extracts_the_same_digit_from_every_format() {
    let three = mnist()[3];
    for name in IMAGES {
        let contents = read_file(name, &sample(name));
        assert_eq!(contents.problems, [], "{name}");
        let [found] = contents.images.as_slice() else {
            panic!("{name}: {} digits", contents.images.len());
        };
        assert_eq!(found.source, name);
        let off = difference(&found.pixels, &three);
        println!("{name}: {off:.1}");
        assert!(off < 16.0, "{name}: {off:.1}");
    }
}

#[test]
fn read_file_rejects_truncated_images() {
    for name in IMAGES {
        let whole = sample(name);
        let contents = read_file(name, &whole[..whole.len() / 3]);
        let reason = rejection_reason(&contents);
        assert!(reason.contains("again"), "{name}: {reason}");
    }
}

#[test]
fn read_file_checks_the_declared_size_before_decoding() {
    for name in ["wide.png", "wide.bmp", "wide.jpg", "wide.gif"] {
        let contents = read_file(name, &sample(name));
        let reason = rejection_reason(&contents);
        assert!(reason.contains("40000×40000"), "{name}: {reason}");
        assert!(reason.contains("16384"), "{name}: {reason}");
    }
}

#[test]
fn read_file_names_unsupported_formats() {
    for (name, bytes, says) in [
        ("note.txt", b"hello there".as_slice(), "not an image"),
        ("empty.png", b"", "empty"),
        ("scan.pdf", b"%PDF-1.7", "a PDF"),
        ("scan.tif", b"II*\0........", "TIFF"),
        ("page.gz", b"<!DOCTYPE html><html>", "web page"),
        ("beam.bmp", b"BM and then nothing of the kind", "truncated"),
        ("broken.gz", b"\x1f\x8b\x08 nonsense", "decompressed"),
    ] {
        let contents = read_file(name, bytes);
        let reason = rejection_reason(&contents);
        assert!(reason.contains(says), "{name}: {reason}");
    }
    let blank = read_file("blank.png", &sample("blank.png"));
    assert!(rejection_reason(&blank).contains("one grey level"));
    let large = png(&GreyImage::new(300, 200, vec![190; 300 * 200]).expect("valid size"));
    assert!(rejection_reason(&read_file("large.png", &large)).contains("one grey level"));
}

#[test]
fn read_file_returns_a_sheet_for_a_photo_of_several_digits() {
    let (photo, boxes) = Photo {
        columns: 4,
        rows: 2,
        shadow: 0.5,
        noise: 4.0,
        ..Photo::default()
    }
    .take(&mnist());
    let contents = read_file("sheet.png", &png(&photo));
    assert_eq!((contents.images.len(), contents.problems.len()), (0, 0));
    let sheet = contents.sheet.expect("several digits");
    assert_eq!(sheet.boxes().len(), boxes.len());
}

#[test]
fn read_file_extracts_the_digit_of_a_large_image() {
    for (i, digit) in mnist().iter().enumerate().take(10) {
        let large = enlarged(digit, 12);
        let dark = large.pixels().iter().map(|p| 255 - p).collect();
        let dark = GreyImage::new(large.width(), large.height(), dark).expect("valid size");
        let contents = read_file("one.png", &png(&dark));
        assert_eq!(
            (contents.images.len(), &contents.problems),
            (1, &vec![]),
            "{i}"
        );
        let off = difference(&contents.images[0].pixels, digit);
        assert!(off < 14.0, "{i}: {off:.1}");
    }
}

#[test]
fn read_files_assigns_labels_to_images() {
    let other = idx(&[2, 28, 28], &[mnist()[0], mnist()[1]].concat());
    let contents = read_files(&[
        ("t-labels", sample("mnist-40-labels.idx1.gz")),
        ("other", other),
        ("t-images", sample("mnist-40-images.idx3.gz")),
        ("note.txt", b"hello".to_vec()),
    ]);
    assert_eq!(labels(&contents)[..2], [None, None]);
    let expected: Vec<String> = (0..40).map(|i| (i % 10).to_string()).collect();
    let found: Vec<_> = labels(&contents).into_iter().flatten().collect();
    assert_eq!(found, expected);
    let pixels: Vec<_> = contents.images[2..]
        .iter()
        .map(|found| found.pixels)
        .collect();
    assert_eq!(pixels, mnist());
    assert_eq!(contents.images[19].source, "t-images, image 17");
    assert_eq!(contents.problems.len(), 1);
}

#[test]
fn read_files_matches_labels_by_name_among_equal_counts() {
    let images = |i: usize| idx(&[1, 28, 28], &mnist()[i]);
    let contents = read_files(&[
        ("train-images", images(1)),
        ("t10k-images", images(2)),
        ("t10k-labels", idx(&[1], &[2])),
        ("train-labels", idx(&[1], &[1])),
    ]);
    assert_eq!(labels(&contents), [Some("1"), Some("2")]);
}

#[test]
fn read_files_keeps_labels_aligned_when_an_image_is_blank() {
    let [zero, one] = [mnist()[0], mnist()[1]];
    let contents = read_files(&[
        ("images", idx(&[3, 28, 28], &[zero, [0; 784], one].concat())),
        ("labels", idx(&[3], &[0, 8, 1])),
    ]);
    assert_eq!(labels(&contents), [Some("0"), Some("1")]);
    assert_eq!(contents.problems[0].file, "images, image 1");
}

#[test]
fn read_files_reports_labels_without_images() {
    let contents = read_files(&[
        (
            "images",
            idx(&[2, 28, 28], &[mnist()[0], mnist()[1]].concat()),
        ),
        ("labels", idx(&[3], &[0, 1, 2])),
        ("letters", idx(&[2], &[1, 26])),
    ]);
    assert_eq!(labels(&contents), [Some("1"), Some("26")]);
    let [problem] = contents.problems.as_slice() else {
        panic!("{:?}", contents.problems)
    };
    assert_eq!(problem.file, "labels");
    let reason = &problem.reason;
    assert!(
        reason.contains("3 labels") && reason.contains("2 images"),
        "{reason}"
    );
}

#[test]
fn read_file_normalizes_idx_images_of_other_sizes() {
    let digit = enlarged(&mnist()[5], 2);
    let contents = read_file("usps", &idx(&[1, 56, 56], digit.pixels()));
    assert!(difference(&contents.images[0].pixels, &mnist()[5]) < 12.0);
    let truncated = read_file("truncated", &idx(&[60_000, 28, 28], &[7; 100]));
    assert!(rejection_reason(&truncated).contains("declares 47040000 bytes"));
}

#[test]
fn read_file_takes_labels_from_folders_of_a_zip() {
    let digit = |i: usize| png(&GreyImage::new(28, 28, mnist()[i].to_vec()).expect("28×28"));
    let seven = digit(7);
    let bytes = zip(&[
        ("set/7/a.png", seven.clone()),
        ("set/7/deeper/b.png", digit(17)),
        ("set/7/copy.png", seven.clone()),
        ("loose.png", digit(27)),
        ("__MACOSX/set/7/._a.png", b"metadata".to_vec()),
        (".DS_Store", b"metadata".to_vec()),
        ("read me.txt", b"these are mine".to_vec()),
        ("more.zip", zip(&[("7/c.png", digit(37))])),
        ("7/cut.png", seven[..60].to_vec()),
        ("images.idx", idx(&[1, 28, 28], &mnist()[4])),
        ("labels.idx", idx(&[1], &[4])),
    ]);
    let contents = read_file("mine.zip", &bytes);
    let found: Vec<_> = contents
        .images
        .iter()
        .map(|found| (found.source.as_str(), found.label.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("mine.zip/set/7/a.png", Some("7")),
            ("mine.zip/set/7/deeper/b.png", Some("7")),
            ("mine.zip/loose.png", None),
            ("mine.zip/more.zip/7/c.png", Some("7")),
            ("mine.zip/images.idx, image 0", Some("4")),
        ]
    );
    assert_eq!(contents.images[0].pixels, mnist()[7]);
    let problems: Vec<_> = contents
        .problems
        .iter()
        .map(|problem| problem.file.as_str())
        .collect();
    assert_eq!(problems, ["mine.zip/read me.txt", "mine.zip/7/cut.png"]);
    assert!(contents.notes[0].reason.contains("twice"));
}

#[test]
fn read_file_rejects_zip_bombs() {
    let bomb = zip(&[("3/a.bmp", vec![0; 20 << 20])]);
    assert!(bomb.len() < (20 << 20) / MAX_COMPRESSION_RATIO as usize);
    assert!(rejection_reason(&read_file("bomb.zip", &bomb)).contains("bomb"));
    // An archive that declares a smaller decompressed size than an entry has.
    let mut understated = bomb;
    let size = (20_u32 << 20).to_le_bytes();
    let places: Vec<_> = (0..understated.len() - 4)
        .filter(|&i| understated[i..i + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        understated[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let contents = read_file("understated.zip", &understated);
    assert!(!rejection_reason(&contents).is_empty());
    let large = zip(&[("3/a.bmp", vec![0; 100 << 20])]);
    assert!(rejection_reason(&read_file("large.zip", &large)).contains("96 MiB"));
}

#[test]
fn read_file_distinguishes_encrypted_from_damaged_zips() {
    let mut bytes = zip(&[("3/a.png", sample("grey.png"))]);
    // Set the encryption flag in both headers of the entry.
    let local = bytes
        .windows(4)
        .position(|w| w == b"PK\x03\x04")
        .expect("an entry");
    let central = bytes
        .windows(4)
        .position(|w| w == b"PK\x01\x02")
        .expect("a directory");
    bytes[local + 6] |= 1;
    bytes[central + 8] |= 1;
    assert!(rejection_reason(&read_file("secret.zip", &bytes)).contains("encrypted"));
    bytes.truncate(central);
    assert!(rejection_reason(&read_file("half.zip", &bytes)).contains("damaged or truncated"));
    assert!(rejection_reason(&read_file("none.zip", &zip(&[]))).contains("no images"));
}

#[test]
fn read_file_counts_problems_beyond_the_limit() {
    let names: Vec<String> = (0..60).map(|i| format!("{i}.txt")).collect();
    let files: Vec<_> = names
        .iter()
        .map(|n| (n.as_str(), b"text".to_vec()))
        .collect();
    let contents = read_file("texts.zip", &zip(&files));
    // Three files are listed with the same reason.
    assert_eq!(contents.problems.len(), 4);
    let last = &contents.problems[3];
    let expected = format!("57 more: {}", contents.problems[0].reason);
    assert_eq!((last.file.as_str(), &last.reason), ("texts.zip", &expected));

    // Each of these tables has another number of columns in its last row.
    let names: Vec<String> = (0..60).map(|i| format!("{i}.csv")).collect();
    let table = |i: usize| {
        let row = |columns: usize| vec!["1"; columns].join(",");
        format!("{}\n{}\n{}\n", row(17), row(17), row(20 + i)).into_bytes()
    };
    let files: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(i, name)| (name.as_str(), table(i)))
        .collect();
    let contents = read_file("tables.zip", &zip(&files));
    assert_eq!(contents.problems.len(), images::MAX_PROBLEMS + 1);
    let last = &contents.problems[images::MAX_PROBLEMS];
    assert!(last.reason.starts_with("20 more"), "{}", last.reason);
}

#[test]
fn read_file_keeps_the_pixels_of_a_28_by_28_image() {
    let digit = mnist()[9];
    let grey = GreyImage::new(SIDE, SIDE, digit.to_vec()).expect("28×28");
    assert_eq!(normalize_image(&grey), Ok(digit));
    assert_eq!(read_file("nine.png", &png(&grey)).images[0].pixels, digit);
}
