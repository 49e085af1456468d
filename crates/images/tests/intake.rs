//! Files as people bring them: the good ones go in, each other one has a message that helps.

mod support;

use images::{Grey, Intake, MAX_RATIO, SIDE, from_picture, read, read_many};
use std::io::{Cursor, Write};
use support::{Photo, difference, enlarged, mnist, sample};
use zip::{ZipWriter, write::SimpleFileOptions};

fn png(grey: &Grey) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, grey.width() as u32, grey.height() as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("in memory");
    writer.write_image_data(grey.pixels()).expect("in memory");
    writer.finish().expect("in memory");
    bytes
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

fn idx(axes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, axes.len() as u8];
    for axis in axes {
        bytes.extend(axis.to_be_bytes());
    }
    bytes.extend(values);
    bytes
}

/// The only problem's reason, where nothing went in.
fn refused(intake: &Intake) -> &str {
    assert_eq!(intake.digits, [], "{}", intake.file);
    assert_eq!(intake.sheet, None, "{}", intake.file);
    match intake.problems.as_slice() {
        [problem] => {
            assert!(problem.file.starts_with(&intake.file));
            &problem.reason
        }
        problems => panic!("{}: {problems:?}", intake.file),
    }
}

const PICTURES: [&str; 21] = [
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
fn every_format_gives_the_same_digit() {
    let three = mnist()[3];
    for name in PICTURES {
        let intake = read(name, &sample(name));
        assert_eq!(intake.problems, [], "{name}");
        let [found] = intake.digits.as_slice() else {
            panic!("{name}: {} digits", intake.digits.len());
        };
        assert_eq!(found.source, name);
        let off = difference(&found.pixels, &three);
        println!("{name}: {off:.1}");
        assert!(off < 16.0, "{name}: {off:.1}");
    }
}

#[test]
fn a_picture_that_is_cut_off_is_refused() {
    for name in PICTURES {
        let whole = sample(name);
        let intake = read(name, &whole[..whole.len() / 3]);
        let reason = refused(&intake);
        assert!(reason.contains("again"), "{name}: {reason}");
    }
}

#[test]
fn a_size_beyond_the_limit_is_named_before_anything_is_decoded() {
    for name in ["wide.png", "wide.bmp", "wide.jpg", "wide.gif"] {
        let intake = read(name, &sample(name));
        let reason = refused(&intake);
        assert!(reason.contains("40000×40000"), "{name}: {reason}");
        assert!(reason.contains("16384"), "{name}: {reason}");
    }
}

#[test]
fn what_is_no_picture_is_told_what_would_be() {
    for (name, bytes, says) in [
        ("note.txt", b"hello there".as_slice(), "no picture"),
        ("empty.png", b"", "empty"),
        ("photo.heic", b"\0\0\0\x18ftypheic....", "HEIC"),
        ("scan.pdf", b"%PDF-1.7", "a PDF"),
        ("scan.tif", b"II*\0........", "TIFF"),
        ("beam.bmp", b"BM and then nothing of the kind", "cut off"),
        ("broken.gz", b"\x1f\x8b\x08 nonsense", "unpacked"),
    ] {
        let intake = read(name, bytes);
        let reason = refused(&intake);
        assert!(reason.contains(says), "{name}: {reason}");
    }
    let blank = read("blank.png", &sample("blank.png"));
    assert!(refused(&blank).contains("one grey level"));
    let large = png(&Grey::new(300, 200, vec![190; 300 * 200]).expect("a picture"));
    assert!(refused(&read("large.png", &large)).contains("one grey level"));
}

#[test]
fn a_photo_of_a_sheet_is_handed_over_for_looking() {
    let (photo, boxes) = Photo {
        columns: 4,
        rows: 2,
        shadow: 0.5,
        noise: 4.0,
        ..Photo::default()
    }
    .take(&mnist());
    let intake = read("sheet.png", &png(&photo));
    assert_eq!((intake.digits.len(), intake.problems.len()), (0, 0));
    let sheet = intake.sheet.expect("several digits");
    assert_eq!(sheet.boxes().len(), boxes.len());
}

#[test]
fn a_large_picture_of_one_digit_goes_straight_in() {
    for (i, digit) in mnist().iter().enumerate().take(10) {
        let large = enlarged(digit, 12);
        let dark = large.pixels().iter().map(|p| 255 - p).collect();
        let dark = Grey::new(large.width(), large.height(), dark).expect("a picture");
        let intake = read("one.png", &png(&dark));
        assert_eq!((intake.digits.len(), &intake.problems), (1, &vec![]), "{i}");
        let off = difference(&intake.digits[0].pixels, digit);
        assert!(off < 14.0, "{i}: {off:.1}");
    }
}

#[test]
fn labels_find_their_images() {
    let (images, labels) = (
        sample("mnist-40-images.idx3.gz"),
        sample("mnist-40-labels.idx1.gz"),
    );
    let other = idx(&[2, 28, 28], &[mnist()[0], mnist()[1]].concat());
    let files = [
        ("t-labels".to_owned(), labels),
        ("other".to_owned(), other),
        ("t-images".to_owned(), images),
        ("note.txt".to_owned(), b"hello".to_vec()),
    ];
    let taken = read_many(&files);
    assert_eq!(taken[0].labels.as_ref().map(Vec::len), Some(40));
    assert_eq!(taken[0].problems, []);
    assert!(taken[1].digits.iter().all(|found| found.label.is_none()));
    let found: Vec<_> = taken[2].digits.iter().map(|found| found.label).collect();
    let expected: Vec<_> = (0..40).map(|i| Some(i % 10)).collect();
    assert_eq!(found, expected);
    let pixels: Vec<_> = taken[2].digits.iter().map(|found| found.pixels).collect();
    assert_eq!(pixels, mnist());
    assert_eq!(taken[2].digits[17].source, "t-images, image 17");
    assert_eq!(taken[3].problems.len(), 1);
}

#[test]
fn of_files_with_as_many_images_the_name_decides() {
    let images = |i: usize| idx(&[1, 28, 28], &mnist()[i]);
    let files = [
        ("train-images", images(1)),
        ("t10k-images", images(2)),
        ("t10k-labels", idx(&[1], &[2])),
        ("train-labels", idx(&[1], &[1])),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes));
    let taken = read_many(&files);
    assert_eq!(taken[0].digits[0].label, Some(1));
    assert_eq!(taken[1].digits[0].label, Some(2));
}

#[test]
fn an_empty_image_does_not_shift_the_labels() {
    let [zero, one] = [mnist()[0], mnist()[1]];
    let files = [
        ("images", idx(&[3, 28, 28], &[zero, [0; 784], one].concat())),
        ("labels", idx(&[3], &[0, 8, 1])),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes));
    let taken = read_many(&files);
    let labels: Vec<_> = taken[0].digits.iter().map(|found| found.label).collect();
    assert_eq!(labels, [Some(0), Some(1)]);
    assert_eq!(taken[0].problems[0].file, "images, image 1");
}

#[test]
fn labels_that_fit_nothing_are_told_of() {
    let files = [
        (
            "images",
            idx(&[2, 28, 28], &[mnist()[0], mnist()[1]].concat()),
        ),
        ("labels", idx(&[3], &[0, 1, 2])),
        ("letters", idx(&[2], &[1, 26])),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes));
    let taken = read_many(&files);
    assert_eq!(taken[0].digits.len(), 2);
    let reason = &taken[1].problems[0].reason;
    assert!(
        reason.contains("3 labels") && reason.contains("2 images"),
        "{reason}"
    );
    assert!(taken[2].problems[0].reason.contains("label 26"));
}

#[test]
fn images_of_another_size_are_normalised() {
    let digit = enlarged(&mnist()[5], 2);
    let taken = read("usps", &idx(&[1, 56, 56], digit.pixels()));
    assert!(difference(&taken.digits[0].pixels, &mnist()[5]) < 12.0);
    let lying = read("lying", &idx(&[60_000, 28, 28], &[7; 100]));
    assert!(refused(&lying).contains("promises 47040000 bytes"));
}

#[test]
fn a_zips_folders_label_what_is_in_them() {
    let seven = png(&Grey::new(28, 28, mnist()[7].to_vec()).expect("28×28"));
    let bytes = zip(&[
        ("set/7/a.png", seven.clone()),
        ("set/7/deeper/b.png", seven.clone()),
        ("loose.png", seven.clone()),
        ("__MACOSX/set/7/._a.png", b"litter".to_vec()),
        (".DS_Store", b"litter".to_vec()),
        ("read me.txt", b"these are mine".to_vec()),
        ("more.zip", zip(&[("7/c.png", seven.clone())])),
        ("7/cut.png", seven[..60].to_vec()),
        ("images.idx", idx(&[1, 28, 28], &mnist()[4])),
        ("labels.idx", idx(&[1], &[4])),
    ]);
    let taken = read("mine.zip", &bytes);
    let found: Vec<_> = taken
        .digits
        .iter()
        .map(|found| (found.source.as_str(), found.label))
        .collect();
    assert_eq!(
        found,
        [
            ("mine.zip/set/7/a.png", Some(7)),
            ("mine.zip/set/7/deeper/b.png", Some(7)),
            ("mine.zip/loose.png", None),
            ("mine.zip/images.idx, image 0", Some(4)),
        ]
    );
    assert_eq!(taken.digits[0].pixels, mnist()[7]);
    let problems: Vec<_> = taken
        .problems
        .iter()
        .map(|problem| problem.file.as_str())
        .collect();
    assert_eq!(
        problems,
        [
            "mine.zip/read me.txt",
            "mine.zip/more.zip",
            "mine.zip/7/cut.png"
        ]
    );
    assert!(taken.problems[1].reason.contains("archive within"));
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let bomb = zip(&[("3/a.bmp", vec![0; 20 << 20])]);
    assert!(bomb.len() < (20 << 20) / MAX_RATIO as usize);
    assert!(refused(&read("bomb.zip", &bomb)).contains("bomb"));
    // An archive that lies about how much an entry unpacks to.
    let mut liar = bomb;
    let size = (20_u32 << 20).to_le_bytes();
    let places: Vec<_> = (0..liar.len() - 4)
        .filter(|&i| liar[i..i + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let taken = read("liar.zip", &liar);
    assert!(!refused(&taken).is_empty());
    let large = zip(&[("3/a.bmp", vec![0; 40 << 20])]);
    assert!(refused(&read("large.zip", &large)).contains("32 MiB"));
}

#[test]
fn an_encrypted_zip_is_told_from_a_damaged_one() {
    let mut bytes = zip(&[("3/a.png", sample("grey.png"))]);
    // The flag of encryption in the entry's two headers.
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
    assert!(refused(&read("secret.zip", &bytes)).contains("encrypted"));
    bytes.truncate(central);
    assert!(refused(&read("half.zip", &bytes)).contains("damaged or cut off"));
    assert!(refused(&read("none.zip", &zip(&[]))).contains("no pictures"));
}

#[test]
fn many_problems_are_counted() {
    let names: Vec<String> = (0..60).map(|i| format!("{i}.txt")).collect();
    let files: Vec<_> = names
        .iter()
        .map(|n| (n.as_str(), b"text".to_vec()))
        .collect();
    let taken = read("texts.zip", &zip(&files));
    assert_eq!(taken.problems.len(), images::MAX_PROBLEMS + 1);
    let last = &taken.problems[images::MAX_PROBLEMS];
    assert!(last.reason.starts_with("20 more"), "{}", last.reason);
}

#[test]
fn a_28_by_28_picture_keeps_its_pixels() {
    let digit = mnist()[9];
    let grey = Grey::new(SIDE, SIDE, digit.to_vec()).expect("28×28");
    assert_eq!(from_picture(&grey), Ok(digit));
    assert_eq!(read("nine.png", &png(&grey)).digits[0].pixels, digit);
}
