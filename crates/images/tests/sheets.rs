//! Digits are detected on photos of sheets, and cropped like MNIST's own.

mod support;

use images::{BoundingBox, Sheet};
use support::{Paper, Photo, difference, mnist, show, strip};

/// Asserts that all digits of a photo are detected in reading order, each near its true box, and that the
/// cropped images resemble the originals.
fn check(name: &str, photo: Photo) {
    let digits = mnist();
    let (photograph, expected) = photo.take(&digits);
    let sheet = Sheet::detect(&photograph);
    show(&format!("{name}-photo"), &photograph, sheet.boxes());
    show(
        &format!("{name}-corrected"),
        sheet.corrected(),
        sheet.boxes(),
    );
    let cropped: Vec<_> = sheet
        .boxes()
        .iter()
        .map(|area| sheet.crop(area).expect("ink"))
        .collect();
    if !cropped.is_empty() {
        show(
            &format!("{name}-cropped"),
            &strip(&cropped, photo.columns),
            &[],
        );
    }

    // The boxes are in pixels of the corrected image.
    let scale = sheet.width() as f64 / photograph.width() as f64;
    let scaled = |side: usize| (side as f64 * scale).round() as usize;
    let expected: Vec<BoundingBox> = expected
        .iter()
        .map(|b| BoundingBox {
            left: scaled(b.left),
            top: scaled(b.top),
            width: scaled(b.width),
            height: scaled(b.height),
        })
        .collect();
    assert_eq!(sheet.boxes().len(), expected.len(), "{name}: boxes");
    let mut worst = 0.0_f64;
    let mut sum = 0.0;
    for (i, (found, expected)) in sheet.boxes().iter().zip(&expected).enumerate() {
        let intersection = found.overlap(expected) as f64;
        let union =
            (found.width * found.height + expected.width * expected.height) as f64 - intersection;
        assert!(
            intersection / union > 0.6,
            "{name}: box {i}: {found:?}, not {expected:?}"
        );
        let off = difference(&digits[i % digits.len()], &cropped[i]);
        worst = worst.max(off);
        sum += off;
    }
    let mean = sum / expected.len() as f64;
    println!("{name}: mean difference {mean:.1}, worst {worst:.1}");
    assert!(mean < 14.0 && worst < 28.0, "{name}: {mean:.1} {worst:.1}");
}

#[test]
fn sheet_detect_finds_all_digits_of_a_clean_scan() {
    check("clean", Photo::default());
}

#[test]
fn sheet_detect_finds_all_digits_with_shadow_tilt_and_noise() {
    check(
        "shadow",
        Photo {
            shadow: 0.7,
            tilt: 3.0,
            noise: 6.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_across_a_sharp_shadow_edge() {
    check(
        "edge",
        Photo {
            edge: 0.45,
            shadow: 0.2,
            tilt: -2.0,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_in_faint_pencil() {
    check(
        "pencil",
        Photo {
            pen: 0.35,
            shadow: 0.4,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_on_lined_paper() {
    check(
        "lined",
        Photo {
            paper: Paper::Lined {
                spacing: 45.0,
                darkness: 0.35,
            },
            shadow: 0.4,
            tilt: 1.5,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_on_squared_paper() {
    check(
        "squared",
        Photo {
            paper: Paper::Squared {
                spacing: 30.0,
                darkness: 0.3,
            },
            shadow: 0.5,
            tilt: -2.5,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_on_squares_as_dark_as_the_pen() {
    check(
        "dark-squares",
        Photo {
            paper: Paper::Squared {
                spacing: 45.0,
                darkness: 0.7,
            },
            tilt: 1.0,
            noise: 3.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_all_digits_in_chalk() {
    check(
        "chalk",
        Photo {
            chalk: true,
            pen: 0.6,
            shadow: 0.4,
            noise: 4.0,
            tilt: 2.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_few_large_digits() {
    check(
        "large",
        Photo {
            columns: 3,
            rows: 1,
            cell: 300.0,
            scale: 9.0,
            shadow: 0.5,
            noise: 5.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_many_small_digits_on_a_large_photo() {
    check(
        "many",
        Photo {
            columns: 24,
            rows: 10,
            cell: 80.0,
            scale: 2.3,
            shadow: 0.5,
            tilt: 2.0,
            noise: 8.0,
            ..Photo::default()
        },
    );
}

#[test]
fn sheet_detect_finds_nothing_on_blank_paper() {
    for paper in [
        Paper::Plain,
        Paper::Lined {
            spacing: 40.0,
            darkness: 0.3,
        },
    ] {
        let blank = [[0; 784]];
        let photo = Photo {
            paper,
            shadow: 0.5,
            noise: 6.0,
            tilt: 1.0,
            ..Photo::default()
        };
        let (photograph, _) = photo.take(&blank);
        assert_eq!(Sheet::detect(&photograph).boxes(), []);
    }
}

#[test]
fn sheet_crop_accepts_any_box() {
    let (photograph, _) = Photo::default().take(&mnist());
    let sheet = Sheet::detect(&photograph);
    let both = sheet.boxes()[0].union(&sheet.boxes()[1]);
    assert!(sheet.crop(&both).is_ok());
    let nothing = [
        BoundingBox {
            left: 0,
            top: 0,
            width: 5,
            height: 5,
        },
        BoundingBox {
            left: 0,
            top: 0,
            width: 0,
            height: 0,
        },
        BoundingBox {
            left: usize::MAX,
            top: 9,
            width: usize::MAX,
            height: usize::MAX,
        },
    ];
    for area in nothing {
        assert!(sheet.crop(&area).is_err());
    }
    let everything = BoundingBox {
        left: 0,
        top: 0,
        width: usize::MAX,
        height: usize::MAX,
    };
    assert!(sheet.crop(&everything).is_ok());
}
