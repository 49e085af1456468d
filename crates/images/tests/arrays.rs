//! Arrays of all kinds: IDX and NumPy files, alone and in archives.

mod support;

use images::{
    Conversion, ImageShape, NO_CLASS, Polarity, ReadOptions, ReadResult, Transposition, max_images,
};
use proptest::prelude::*;
use support::{Lcg, gzip, idx, idx_of, labels, mnist, npy, read_all, read_files, zip};

fn pixels(read: &ReadResult) -> Vec<Vec<u8>> {
    read.images.iter().map(<[u8]>::to_vec).collect()
}

fn classes(read: &ReadResult) -> Vec<Option<String>> {
    (0..read.images.len())
        .map(|i| read.class_name(i).map(str::to_owned))
        .collect()
}

fn digits(count: usize) -> Vec<u8> {
    mnist().into_iter().take(count).flatten().collect()
}

fn some(names: &[&str]) -> Vec<Option<String>> {
    names.iter().map(|name| Some((*name).to_owned())).collect()
}

/// Images and labels that were read from one set of files, as digits.
fn as_digits(files: &[(&str, Vec<u8>)]) -> ReadResult {
    read_all(files, &ReadOptions::default())
}

#[test]
fn read_files_turns_emnist_upright_and_names_its_letters() {
    let digit = mnist()[5];
    let lying: Vec<u8> = (0..784).map(|at| digit[at % 28 * 28 + at / 28]).collect();
    let mapping = b"1 65 97\n2 66 98\n".to_vec();
    let archive = zip(&[
        (
            "gzip/emnist-letters-train-images-idx3-ubyte.gz",
            gzip(&idx(&[1, 28, 28], &lying)),
        ),
        (
            "gzip/emnist-letters-train-labels-idx1-ubyte.gz",
            gzip(&idx(&[1], &[26])),
        ),
        ("gzip/emnist-letters-mapping.txt", mapping.clone()),
    ]);
    // The table that maps labels to characters is known, in the archive and beside it.
    let read = as_digits(&[
        ("gzip.zip", archive),
        ("emnist-letters-mapping.txt", mapping),
    ]);
    assert_eq!(pixels(&read), [digit.to_vec()]);
    assert_eq!(classes(&read), some(&["Z"]));
    assert!(read.is_transposed);
    assert_eq!(read.problems, []);
}

#[test]
fn read_files_swaps_rows_and_columns_on_request_only() {
    let images = idx(&[1, 28, 28], &mnist()[7]);
    let with = |transposition| ReadOptions {
        transposition,
        ..ReadOptions::default()
    };
    let swapped = read_all(
        &[("letters.idx", images.clone())],
        &with(Transposition::Swap),
    );
    assert_ne!(pixels(&swapped), [mnist()[7].to_vec()]);
    let kept = read_all(&[("emnist.idx", images)], &with(Transposition::Keep));
    assert_eq!(pixels(&kept), [mnist()[7].to_vec()]);
}

#[test]
fn read_files_chooses_one_of_emnists_subsets() {
    let part = |name: &str, i: usize| {
        let images = idx(&[1, 28, 28], &mnist()[i]);
        (
            format!("gzip/emnist-{name}-test-images-idx3-ubyte.gz"),
            gzip(&images),
        )
    };
    let parts = [part("letters", 1), part("byclass", 2), part("balanced", 3)];
    let parts: Vec<(&str, Vec<u8>)> = parts.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    let files = [("gzip.zip", zip(&parts))];
    let read = as_digits(&files);
    assert_eq!(read.subsets, ["balanced", "letters", "byclass"]);
    assert_eq!(read.images.len(), 1);
    assert!(
        read.notes[0]
            .reason
            .contains("letters, byclass were left out"),
        "{:?}",
        read.notes
    );
    let chosen = ReadOptions {
        subset: Some("letters".into()),
        ..ReadOptions::default()
    };
    let letters = read_all(&files, &chosen);
    assert_ne!(pixels(&letters), pixels(&read));
}

#[test]
fn read_files_takes_the_first_column_of_qmnist() {
    let rows: Vec<u8> = [3_i32, 9, 9, 9, 9, 9, 9, 9, 8, 1, 1, 1, 1, 1, 1, 1]
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let read = as_digits(&[
        (
            "qmnist-test-images-idx3-ubyte",
            idx(&[2, 28, 28], &digits(2)),
        ),
        ("qmnist-test-labels-idx2-int", idx_of(0x0c, &[2, 8], &rows)),
    ]);
    assert_eq!(classes(&read), some(&["3", "8"]));
}

#[test]
fn read_files_reads_idx_of_every_element_type() {
    let values: Vec<f64> = digits(2).into_iter().map(f64::from).collect();
    let expected: Vec<Vec<u8>> = mnist()[..2].iter().map(|d| d.to_vec()).collect();
    let scaled = |factor: f64| values.iter().map(move |v| v * factor);
    for (code, bytes) in [
        (
            0x0b,
            scaled(1.0)
                .flat_map(|v| (v as i16).to_be_bytes())
                .collect::<Vec<u8>>(),
        ),
        (
            0x0c,
            scaled(1.0).flat_map(|v| (v as i32).to_be_bytes()).collect(),
        ),
        (
            0x0d,
            scaled(1.0 / 255.0)
                .flat_map(|v| (v as f32).to_be_bytes())
                .collect(),
        ),
        (
            0x0e,
            scaled(1.0 / 255.0).flat_map(f64::to_be_bytes).collect(),
        ),
    ] {
        let read = as_digits(&[("images", idx_of(code, &[2, 28, 28], &bytes))]);
        assert_eq!(pixels(&read), expected, "{code:x}");
        assert_eq!(read.notes, [], "{code:x}");
    }
    // Two axes: each image in a row. Four axes: one channel.
    for axes in [&[2, 784][..], &[2, 28, 28, 1], &[2, 1, 28, 28]] {
        let read = as_digits(&[("images", idx(axes, &digits(2)))]);
        assert_eq!(pixels(&read), expected, "{axes:?}");
    }
}

#[test]
fn read_files_pairs_the_arrays_of_an_npz() {
    let archive = zip(&[
        ("x_train.npy", npy("|u1", false, "(3, 28, 28)", &digits(3))),
        ("y_test.npy", npy("|u1", false, "(2,)", &[8, 9])),
        (
            "y_train.npy",
            npy(
                "<i8",
                false,
                "(3,)",
                &[5_i64, 6, 7].map(i64::to_le_bytes).concat(),
            ),
        ),
        ("x_test.npy", npy("|u1", false, "(2, 28, 28)", &digits(2))),
    ]);
    let read = as_digits(&[("mnist.npz", archive)]);
    assert_eq!(read.images.len(), 5);
    assert_eq!(classes(&read), some(&["5", "6", "7", "8", "9"]));
    assert_eq!(read.problems, []);
}

#[test]
fn read_files_reads_numpys_types_orders_and_scales() {
    let image = mnist()[4];
    let values = || image.iter().map(|&p| f64::from(p));
    let expected = vec![image.to_vec()];
    let column_major: Vec<u8> = (0..784).map(|at| image[at % 28 * 28 + at / 28]).collect();
    for (name, file) in [
        ("u1", npy("|u1", false, "(1, 28, 28)", &image)),
        ("fortran", npy("|u1", true, "(1, 28, 28)", &column_major)),
        ("flat", npy("|u1", false, "(1, 784)", &image)),
        ("channel", npy("|u1", false, "(1, 28, 28, 1)", &image)),
        ("single", npy("|u1", false, "(28, 28)", &image)),
        (
            "i4",
            npy(
                "<i4",
                false,
                "(1, 28, 28)",
                &values()
                    .flat_map(|v| (v as i32).to_le_bytes())
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "u2",
            npy(
                ">u2",
                false,
                "(1, 28, 28)",
                &values()
                    .flat_map(|v| (v as u16).to_be_bytes())
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "f4",
            npy(
                "<f4",
                false,
                "(1, 28, 28)",
                &values()
                    .flat_map(|v| ((v / 255.0) as f32).to_le_bytes())
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "f8",
            npy(
                ">f8",
                false,
                "(1, 28, 28)",
                &values()
                    .flat_map(|v| (v / 255.0).to_be_bytes())
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "centred",
            npy(
                "<f8",
                false,
                "(1, 28, 28)",
                &values()
                    .flat_map(|v| (v / 127.5 - 1.0).to_le_bytes())
                    .collect::<Vec<_>>(),
            ),
        ),
    ] {
        let read = as_digits(&[("a.npy", file)]);
        assert_eq!(pixels(&read), expected, "{name}: {:?}", read.problems);
    }
}

#[test]
fn read_files_stretches_masks_and_says_so() {
    let mask: Vec<u8> = mnist()[6].iter().map(|&p| u8::from(p > 127)).collect();
    let expected: Vec<u8> = mask.iter().map(|&p| p * 255).collect();
    let bools = as_digits(&[("masks.npy", npy("|b1", false, "(1, 28, 28)", &mask))]);
    assert_eq!(pixels(&bools), std::slice::from_ref(&expected));
    let bytes = as_digits(&[("masks.idx", idx(&[1, 28, 28], &mask))]);
    assert_eq!(pixels(&bytes), [expected]);
    assert!(
        bytes.notes[0].reason.contains("0 to 1"),
        "{:?}",
        bytes.notes
    );
}

#[test]
fn read_files_corrects_a_range_that_the_first_images_do_not_have() {
    // 300 images of levels 0 to 1, and then one of levels 0 to 255.
    let mut values: Vec<u8> = mnist()[0]
        .iter()
        .map(|&p| p / 128)
        .collect::<Vec<_>>()
        .repeat(300);
    values.extend(mnist()[1]);
    let read = as_digits(&[("images", idx(&[301, 28, 28], &values))]);
    assert_eq!(read.images.len(), 301);
    assert_eq!(read.images.get(300), Some(&mnist()[1][..]));
    assert_eq!(
        read.images.get(0).and_then(|image| image.iter().max()),
        Some(&1)
    );
}

#[test]
fn read_files_keeps_colours_in_both_orders() {
    let shape = ImageShape::color(8, 8);
    let options = ReadOptions {
        conversion: Conversion::Unchanged,
        shape,
        ..ReadOptions::default()
    };
    // A smooth image, so that planes and pixels can be told apart where the axes do not tell.
    let value = |y: usize, x: usize, c: usize| (20 * y + 5 * x + 40 * c) as u8;
    let each = |f: &dyn Fn(usize) -> u8| (0..192).map(f).collect::<Vec<u8>>();
    let pixel_order = each(&|at| value(at / 24, at / 3 % 8, at % 3));
    let planes = each(&|at| value(at / 8 % 8, at % 8, at / 64));
    let twice = |bytes: &[u8]| bytes.repeat(2);
    for (name, file) in [
        (
            "n h w c",
            npy("|u1", false, "(2, 8, 8, 3)", &twice(&pixel_order)),
        ),
        (
            "n c h w",
            npy("|u1", false, "(2, 3, 8, 8)", &twice(&planes)),
        ),
        (
            "rows of planes",
            npy("|u1", false, "(2, 192)", &twice(&planes)),
        ),
        (
            "rows of pixels",
            npy("|u1", false, "(2, 192)", &twice(&pixel_order)),
        ),
    ] {
        let read = read_all(&[("a.npy", file)], &options);
        assert_eq!(
            pixels(&read),
            [pixel_order.clone(), pixel_order.clone()],
            "{name}: {:?}",
            read.problems
        );
        assert!(read.own_shapes[0].is_color);
    }
}

#[test]
fn read_files_reads_one_hot_and_text_labels() {
    let x = npy("|u1", false, "(2, 28, 28)", &digits(2));
    let one_hot = npy(
        "<f4",
        false,
        "(2, 3)",
        &[0.0_f32, 0.0, 1.0, 1.0, 0.0, 0.0]
            .map(f32::to_le_bytes)
            .concat(),
    );
    let read = as_digits(&[("x.npz", zip(&[("x.npy", x.clone()), ("y.npy", one_hot)]))]);
    assert_eq!(classes(&read), some(&["2", "0"]));
    let text = npy("|S3", false, "(2,)", b"catdog");
    let read = as_digits(&[("x.npz", zip(&[("x.npy", x), ("y.npy", text)]))]);
    assert_eq!(classes(&read), some(&["cat", "dog"]));
}

#[test]
fn read_files_reads_identical_content_once() {
    let (images, labels_file) = (idx(&[3, 28, 28], &digits(3)), idx(&[3], &[0, 1, 2]));
    let twice = [("a", images.clone()), ("b", images.clone())];
    assert_eq!(as_digits(&twice).own_shapes[0].count, 3);
    let read = read_files(&[(
        "data.zip",
        zip(&[
            ("raw/train-images-idx3-ubyte", images.clone()),
            ("raw/train-images-idx3-ubyte.gz", gzip(&images)),
            ("raw/train-labels-idx1-ubyte", labels_file.clone()),
            ("raw/train-labels-idx1-ubyte.gz", gzip(&labels_file)),
        ]),
    )]);
    assert_eq!(labels(&read), [Some("0"), Some("1"), Some("2")]);
    assert_eq!(read.problems, []);
    assert!(
        read.notes[0].reason.contains("added once"),
        "{:?}",
        read.notes
    );
}

#[test]
fn read_files_inverts_a_set_that_is_dark_on_light() {
    let dark: Vec<u8> = digits(10).iter().map(|p| 255 - p).collect();
    let file = [("scans", idx(&[10, 28, 28], &dark))];
    let read = as_digits(&file);
    assert_eq!(
        pixels(&read),
        mnist()[..10].iter().map(|d| d.to_vec()).collect::<Vec<_>>()
    );
    assert!(read.is_dark_on_light);
    assert!(read.notes[0].reason.contains("dark on light"));
    let keep = ReadOptions {
        polarity: Polarity::Keep,
        ..ReadOptions::default()
    };
    assert_eq!(pixels(&read_all(&file, &keep)).concat(), dark);
    let upright = as_digits(&[("digits", idx(&[10, 28, 28], &digits(10)))]);
    assert!(!upright.is_dark_on_light);
}

#[test]
fn read_files_states_what_exceeds_the_limit() {
    let file = [
        ("images", gzip(&idx(&[30, 28, 28], &digits(30)))),
        (
            "labels",
            idx(&[30], &(0..30).map(|i| i % 10).collect::<Vec<u8>>()),
        ),
    ];
    let options = ReadOptions {
        room: Some(12),
        ..ReadOptions::default()
    };
    let read = read_all(&file, &options);
    assert_eq!(read.images.len(), 12);
    assert!(read.classes.iter().all(|&class| class != NO_CLASS));
    let reason = &read.problems[0].reason;
    assert!(
        reason.contains("at most 12") && reason.contains("18 of this file"),
        "{reason}"
    );
    assert!(max_images(ImageShape::MNIST) >= 150_000);
}

#[test]
fn read_files_changes_nothing_for_a_rejected_array() {
    let whole = gzip(&idx(&[40, 28, 28], &digits(40)));
    let read = read_files(&[
        ("cut.gz", whole[..whole.len() - 200].to_vec()),
        ("one.idx", idx(&[1, 28, 28], &mnist()[9])),
        (
            "long.gz",
            gzip(&[&idx(&[1, 28, 28], &mnist()[2])[..], b"more"].concat()),
        ),
        ("objects.npy", npy("|O", false, "(3,)", b"pickle")),
    ]);
    assert_eq!(read.images.len(), 1);
    assert_eq!(read.images[0].source, "one.idx, image 0");
    let files: Vec<&str> = read.problems.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(files, ["cut.gz", "long.gz", "objects.npy"]);
}

#[test]
fn read_files_rejects_sizes_that_the_file_does_not_have() {
    for file in [
        idx(&[u32::MAX, 1024, 1024], &[0; 9]),
        gzip(&idx(&[u32::MAX, 1024, 1024], &[0; 9])),
        npy("<f8", false, "(99999999999, 28, 28)", &[0; 9]),
        npy("<f8", true, "(99999999999, 28, 28)", &[0; 9]),
        npy("<f8", false, "(99999999999999999999999, 28)", &[0; 9]),
        npy("|S1024", false, "(1999999,)", &[0; 9]),
        idx(&[4_000_000_000], &[0; 9]),
    ] {
        let read = as_digits(&[("a", file)]);
        assert_eq!((read.images.len(), read.problems.len()), (0, 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// What numpy writes is what is read, for any order of the axes and of the bytes.
    #[test]
    fn read_files_reads_arrays_of_any_layout(
        count in 1..5_usize,
        side in 8..20_usize,
        colour in any::<bool>(),
        column_major in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let channels = if colour { 3 } else { 1 };
        let axes = [count, side, side, channels];
        let mut random = Lcg(seed);
        let value: Vec<u8> = (0..axes.iter().product()).map(|_| (random.next() * 256.0) as u8).collect();
        let stored: Vec<u8> = if column_major {
            // The first axis varies fastest.
            let mut stored = Vec::new();
            for c in 0..channels { for x in 0..side { for y in 0..side { for i in 0..count {
                stored.push(value[((i * side + y) * side + x) * channels + c]);
            } } } }
            stored
        } else {
            value.clone()
        };
        let file = npy("|u1", column_major, &format!("({count}, {side}, {side}, {channels})"), &stored);
        let shape = if colour { ImageShape::color(side, side) } else { ImageShape::grey(side, side) };
        let options = ReadOptions { conversion: Conversion::Unchanged, shape, ..ReadOptions::default() };
        let read = read_all(&[("a.npy", file)], &options);
        prop_assert_eq!(pixels(&read).concat(), value);
    }
}

/// The data sets beside the page, in `www/samples/`.
#[test]
fn read_files_reads_the_shipped_letters_and_emoji_unchanged() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/samples");
    let read_set = |shape: ImageShape, stem: &str, axes: usize| {
        let names = [
            format!("{stem}-images-idx{axes}-ubyte.gz"),
            format!("{stem}-labels-idx1-ubyte.gz"),
        ];
        let files: Vec<(&str, Vec<u8>)> = names
            .iter()
            .map(|name| (&name[..], std::fs::read(folder.join(name)).expect("exists")))
            .collect();
        let options = ReadOptions {
            conversion: Conversion::Unchanged,
            shape,
            ..ReadOptions::default()
        };
        let read = read_all(&files, &options);
        assert_eq!(read.problems, []);
        read
    };
    let letters = read_set(ImageShape::grey(28, 28), "letters", 3);
    assert_eq!(letters.images.len(), 386 * 26);
    assert!(!letters.is_transposed && !letters.is_dark_on_light);
    let numbers: Vec<Option<String>> = (0..26).map(|letter| Some(letter.to_string())).collect();
    assert_eq!(classes(&letters)[..26], numbers);
    let emoji = read_set(ImageShape::color(32, 32), "emoji", 4);
    assert_eq!(emoji.images.len(), 1_567);
    assert_eq!(emoji.class_names.names().len(), 9);
}

#[test]
fn read_files_reads_images_in_columns() {
    let count = 12;
    let images = digits(count);
    let transposed: Vec<u8> = (0..784 * count)
        .map(|at| images[at % count * 784 + at / count])
        .collect();
    for shape in ["(784, 12)", "(28, 28, 12)"] {
        let labels: Vec<u8> = (0..count as u8).map(|i| i % 10).collect();
        let read = as_digits(&[
            ("X.npy", npy("|u1", false, shape, &transposed)),
            ("y.npy", npy("|u1", false, "(1, 12)", &labels)),
        ]);
        assert_eq!(pixels(&read).concat(), images, "{shape}");
        assert_eq!(read.problems, [], "{shape}");
        assert_eq!(read.class_name(7), Some("7"), "{shape}");
    }
}

#[test]
fn read_files_labels_images_by_the_names_of_their_files() {
    let file = |first: usize| {
        npy(
            "|u1",
            false,
            "(2, 784)",
            mnist()[first..first + 2].as_flattened(),
        )
    };
    let read = as_digits(&[("cat.npy", file(0)), ("ice cream.npy", file(2))]);
    assert_eq!(
        classes(&read),
        some(&["cat", "cat", "ice cream", "ice cream"])
    );
    assert!(read.notes[0].reason.contains("names of the files"));
    let parts = as_digits(&[("x_train.npy", file(0)), ("x_test.npy", file(2))]);
    assert_eq!(classes(&parts), [None, None, None, None]);
    // The labels of one file would be mixed with names.
    let read = as_digits(&[
        ("cat.npy", file(0)),
        (
            "dog.npy",
            npy("|u1", false, "(3, 784)", mnist()[2..5].as_flattened()),
        ),
        ("dog-labels.npy", npy("|u1", false, "(3,)", &[1, 2, 3])),
    ]);
    assert_eq!(read.class_name(0), None);
    assert_eq!(read.class_name(4), Some("3"));
}

#[test]
fn read_files_turns_labelled_digits_that_lie_on_their_side() {
    let labels: Vec<u8> = (0..40).map(|i| i % 10).collect();
    let upright = mnist();
    let lying: Vec<u8> = upright
        .iter()
        .flat_map(|digit| (0..784).map(|at| digit[at % 28 * 28 + at / 28]))
        .collect();
    let files = |images: Vec<u8>| {
        vec![
            ("a-images-idx3-ubyte", idx(&[40, 28, 28], &images)),
            ("a-labels-idx1-ubyte", idx(&[40], &labels)),
        ]
    };
    let read = as_digits(&files(lying.clone()));
    assert!(read.is_transposed);
    assert_eq!(pixels(&read).concat(), upright.concat());
    assert!(read.notes[0].reason.contains("on their side"));
    assert_eq!(read.samples[0].pixels(), upright[0]);
    assert!(!as_digits(&files(upright.concat())).is_transposed);
    // On request they stay; and images that are no digits, although their labels are, stay as well.
    let options = ReadOptions {
        transposition: Transposition::Keep,
        ..ReadOptions::default()
    };
    let kept = read_all(&files(lying), &options);
    assert_ne!(pixels(&kept)[0], upright[0]);
    assert!(!kept.is_transposed);
    let mut random = Lcg(5);
    let noise: Vec<u8> = (0..40 * 784)
        .map(|_| (random.next() * 256.0) as u8)
        .collect();
    assert!(!as_digits(&files(noise)).is_transposed);
}

#[test]
fn digit_means_are_those_of_the_shipped_digits() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/samples");
    let load = |name: &str| std::fs::read(folder.join(name)).expect("a shipped data set");
    let read = as_digits(&[
        ("images.gz", load("mnist-10k-images-idx3-ubyte.gz")),
        ("labels.gz", load("mnist-10k-labels-idx1-ubyte.gz")),
    ]);
    let means = include_bytes!("../src/read/digit_means.u8");
    for digit in 0..10 {
        let name = digit.to_string();
        let mut sums = [0_u32; 196];
        let mut count = 0;
        for index in (0..read.images.len()).filter(|&i| read.class_name(i) == Some(&name)) {
            count += 1;
            for (at, &value) in read.images.get(index).expect("in range").iter().enumerate() {
                sums[at / 56 * 14 + at % 28 / 2] += u32::from(value);
            }
        }
        let expected: Vec<u8> = sums.iter().map(|sum| (sum / (4 * count)) as u8).collect();
        assert_eq!(means[digit * 196..][..196], expected, "{digit}");
    }
}
