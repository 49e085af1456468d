//! Digits are found on photos of sheets, and cut out like MNIST's own.

mod support;

use images::{BoxPx, Sheet};
use support::{Paper, Photo, difference, mnist, show, strip};

/// Finds all digits of a photo, each within its box and in order, and cuts them like the originals.
fn check(name: &str, photo: Photo) {
    let digits = mnist();
    let (picture, expected) = photo.take(&digits);
    let sheet = Sheet::find(&picture);
    show(&format!("{name}-photo"), &picture, sheet.boxes());
    show(
        &format!("{name}-corrected"),
        sheet.corrected(),
        sheet.boxes(),
    );
    let cut: Vec<_> = sheet
        .boxes()
        .iter()
        .map(|area| sheet.cut(area).expect("ink"))
        .collect();
    if !cut.is_empty() {
        show(&format!("{name}-cut"), &strip(&cut, photo.columns), &[]);
    }

    // The boxes are in the corrected picture's pixels.
    let scale = sheet.width() as f64 / picture.width() as f64;
    let scaled = |side: usize| (side as f64 * scale).round() as usize;
    let expected: Vec<BoxPx> = expected
        .iter()
        .map(|b| BoxPx {
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
        let shared = found.overlap(expected) as f64;
        let both = (found.width * found.height + expected.width * expected.height) as f64 - shared;
        assert!(
            shared / both > 0.6,
            "{name}: box {i}: {found:?}, not {expected:?}"
        );
        let off = difference(&digits[i % digits.len()], &cut[i]);
        worst = worst.max(off);
        sum += off;
    }
    let mean = sum / expected.len() as f64;
    println!("{name}: mean difference {mean:.1}, worst {worst:.1}");
    assert!(mean < 14.0 && worst < 28.0, "{name}: {mean:.1} {worst:.1}");
}

#[test]
fn clean_scan() {
    check("clean", Photo::default());
}

#[test]
fn shadow_tilt_and_noise() {
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
fn edge_of_a_shadow() {
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
fn faint_pencil() {
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
fn lined_paper() {
    check(
        "lined",
        Photo {
            paper: Paper::Lined {
                apart: 45.0,
                dark: 0.35,
            },
            shadow: 0.4,
            tilt: 1.5,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn squared_paper() {
    check(
        "squared",
        Photo {
            paper: Paper::Squared {
                apart: 30.0,
                dark: 0.3,
            },
            shadow: 0.5,
            tilt: -2.5,
            noise: 4.0,
            ..Photo::default()
        },
    );
}

#[test]
fn squares_as_dark_as_the_pen() {
    check(
        "dark-squares",
        Photo {
            paper: Paper::Squared {
                apart: 45.0,
                dark: 0.7,
            },
            tilt: 1.0,
            noise: 3.0,
            ..Photo::default()
        },
    );
}

#[test]
fn chalk() {
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
fn few_large_digits() {
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
fn many_small_digits_of_a_large_photo() {
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
fn paper_without_digits() {
    for paper in [
        Paper::Plain,
        Paper::Lined {
            apart: 40.0,
            dark: 0.3,
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
        let (picture, _) = photo.take(&blank);
        assert_eq!(Sheet::find(&picture).boxes(), []);
    }
}

#[test]
fn a_box_drawn_by_hand_is_cut_or_refused() {
    let (picture, _) = Photo::default().take(&mnist());
    let sheet = Sheet::find(&picture);
    let both = sheet.boxes()[0].union(&sheet.boxes()[1]);
    assert!(sheet.cut(&both).is_ok());
    let nothing = [
        BoxPx {
            left: 0,
            top: 0,
            width: 5,
            height: 5,
        },
        BoxPx {
            left: 0,
            top: 0,
            width: 0,
            height: 0,
        },
        BoxPx {
            left: usize::MAX,
            top: 9,
            width: usize::MAX,
            height: usize::MAX,
        },
    ];
    for area in nothing {
        assert!(sheet.cut(&area).is_err());
    }
    let everything = BoxPx {
        left: 0,
        top: 0,
        width: usize::MAX,
        height: usize::MAX,
    };
    assert!(sheet.cut(&everything).is_ok());
}
