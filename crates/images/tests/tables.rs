//! Tables of text: CSV and its relatives.

mod support;

use support::{FileContents, labels, mnist, read_file};

/// A row of a digit's values, with this separator, and a label in front.
fn row(digit: usize, separator: &str) -> String {
    let values = mnist()[digit].map(|p| p.to_string());
    format!("{digit}{separator}{}", values.join(separator))
}

fn rows(separator: &str) -> Vec<String> {
    (0..12).map(|digit| row(digit % 10, separator)).collect()
}

fn header(label: &str) -> String {
    let pixels: Vec<String> = (0..784).map(|i| format!("pixel{i}")).collect();
    format!("{label},{}", pixels.join(","))
}

fn read(lines: &[String], end: &str) -> FileContents {
    read_file("a.csv", format!("{}{end}", lines.join(end)).as_bytes())
}

/// Asserts that twelve labelled digits were read.
fn assert_digits(found: &FileContents, what: &str) {
    assert_eq!(found.problems, [], "{what}");
    let expected: Vec<String> = (0..12).map(|i| (i % 10).to_string()).collect();
    let names: Vec<&str> = labels(found).into_iter().flatten().collect();
    assert_eq!(names, expected, "{what}");
    for (i, image) in found.images.iter().enumerate() {
        assert!(image.pixels == mnist()[i % 10], "{what}, image {i}");
    }
}

#[test]
fn read_file_reads_tables_with_and_without_a_header() {
    let plain = rows(",");
    assert_digits(&read(&plain, "\n"), "plain");
    assert_digits(&read(&plain, "\r\n"), "lines of Windows");
    let with = |label: &str| [vec![header(label)], plain.clone()].concat();
    assert_digits(&read(&with("label"), "\n"), "label");
    assert_digits(&read(&with("something"), "\n"), "another name");
    let counted: Vec<String> = (0..785).map(|i| i.to_string()).collect();
    assert_digits(
        &read(&[vec![counted.join(",")], plain.clone()].concat(), "\n"),
        "numbers",
    );
    let renamed: Vec<String> = (0..785).map(|i| format!("0.{i}")).collect();
    let renamed = [vec![renamed.join(",")], plain.clone()].concat();
    assert_digits(
        &read(&renamed, "\n"),
        "equal names, as pandas tells them apart",
    );
    let marked = read_file(
        "a.csv",
        format!("\u{feff}{}", with("label").join("\n")).as_bytes(),
    );
    assert_digits(&marked, "byte order mark");
}

#[test]
fn read_file_reads_every_common_separator() {
    for separator in ["\t", ";", "|", " ", ", ", "  "] {
        assert_digits(&read(&rows(separator), "\n"), separator);
    }
    let quoted = rows(",")
        .iter()
        .map(|r| format!("\"{}\"", r.replace(',', "\",\"")))
        .collect::<Vec<_>>();
    assert_digits(&read(&quoted, "\n"), "quotes");
    let trailing = rows(",")
        .iter()
        .map(|r| format!("{r},"))
        .collect::<Vec<_>>();
    assert_digits(&read(&trailing, "\n"), "a separator at the end");
}

#[test]
fn read_file_finds_the_label_wherever_it_is() {
    let last = |separator: &str| {
        let moved = |r: &String| {
            let (label, pixels) = r.split_once(separator).expect("two columns");
            format!("{pixels}{separator}{label}")
        };
        rows(separator).iter().map(moved).collect::<Vec<_>>()
    };
    assert_digits(&read(&last(","), "\n"), "last");
    let (first, second) = ("a,".repeat(400), "b,".repeat(384));
    let head = format!("{first}class,{}", second.trim_end_matches(','));
    let inside: Vec<String> = rows(",")
        .iter()
        .map(|r| {
            let mut fields: Vec<&str> = r.split(',').collect();
            let label = fields.remove(0);
            fields.insert(400, label);
            fields.join(",")
        })
        .collect();
    assert_digits(&read(&[vec![head], inside].concat(), "\n"), "named");
    let one_each = read(&rows(",")[..10], "\n");
    let names: Vec<&str> = labels(&one_each).into_iter().flatten().collect();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let indexed: Vec<String> = rows(",")
        .iter()
        .enumerate()
        .map(|(i, r)| format!("{i},{r}"))
        .collect();
    assert_digits(&read(&indexed, "\n"), "an index without a name");
    let named = [vec![format!(",{}", header("label"))], indexed].concat();
    assert_digits(&read(&named, "\n"), "pandas' index");
}

#[test]
fn read_file_reads_values_from_0_to_1() {
    let fractions = |point: &str, separator: &str| -> Vec<String> {
        let value = |p: u8| format!("{:.6}", f64::from(p) / 255.0).replace('.', point);
        (0..12)
            .map(|i| {
                let values: Vec<String> = mnist()[i % 10].iter().map(|&p| value(p)).collect();
                format!("{}{separator}{}", i % 10, values.join(separator))
            })
            .collect()
    };
    assert_digits(&read(&fractions(".", ","), "\n"), "points");
    assert_digits(&read(&fractions(",", ";"), "\n"), "commas");
    let exponents: Vec<String> = (0..12)
        .map(|i| {
            let values: Vec<String> = mnist()[i % 10]
                .iter()
                .map(|&p| format!("{:.18e}", f64::from(p)))
                .collect();
            format!("{:.18e} {}", (i % 10) as f64, values.join(" "))
        })
        .collect();
    assert_digits(&read(&exponents, "\n"), "numpy.savetxt");
}

#[test]
fn read_file_reads_text_labels_and_emnists_tables() {
    let lettered: Vec<String> = rows(",")
        .iter()
        .map(|r| r.replacen(|c: char| c.is_ascii_digit(), "cat", 1))
        .collect();
    let found = read(&lettered, "\n");
    assert_eq!(labels(&found), [Some("cat"); 12]);
    let lying = |i: usize| {
        (0..784)
            .map(|at| mnist()[i][at % 28 * 28 + at / 28].to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let table = format!("24,{}\n1,{}\n", lying(3), lying(4));
    let found = read_file("emnist-letters-train.csv", table.as_bytes());
    assert_eq!(labels(&found), [Some("X"), Some("A")]);
    assert_eq!(found.images[0].pixels, mnist()[3]);
}

#[test]
fn read_file_reads_pixels_in_one_column() {
    let text = |i: usize| mnist()[i].map(|p| p.to_string()).join(" ");
    let table = format!(
        "emotion,pixels,Usage\n3,{},Training\n5,{},PublicTest\n",
        text(0),
        text(1)
    );
    let found = read_file("fer2013.csv", table.as_bytes());
    assert_eq!(found.problems, []);
    assert_eq!(labels(&found), [Some("3"), Some("5")]);
    assert_eq!(found.images[1].pixels, mnist()[1]);
    let list = |i: usize| format!("\"[{}]\"", mnist()[i].map(|p| p.to_string()).join(", "));
    let table = format!("label,pixels\n0,{}\n1,{}\n", list(0), list(1));
    let found = read_file("lists.csv", table.as_bytes());
    assert_eq!(found.problems, []);
    assert_eq!(labels(&found), [Some("0"), Some("1")]);
    assert_eq!(found.images[1].pixels, mnist()[1]);
}

#[test]
fn read_file_finds_the_label_of_colour_images() {
    let mut random = support::Lcg(7);
    let rows: Vec<Vec<String>> = (0..12)
        .map(|_| {
            (0..3 * 64)
                .map(|_| ((random.next() * 256.0) as u8).to_string())
                .collect()
        })
        .collect();
    let expected: Vec<String> = (0..12).map(|i| (i % 10).to_string()).collect();
    for at_end in [false, true] {
        let lines: Vec<String> = rows
            .iter()
            .zip(&expected)
            .map(|(row, label)| {
                let mut row = row.clone();
                row.insert(if at_end { row.len() } else { 0 }, label.clone());
                row.join(",")
            })
            .collect();
        let found = read(&lines, "\n");
        let names: Vec<&str> = labels(&found).into_iter().flatten().collect();
        assert_eq!(names, expected, "at the end: {at_end}");
    }
}

#[test]
fn read_file_reads_arff() {
    let mut text = String::from("% MNIST\n@RELATION mnist_784\n");
    (1..=784).for_each(|i| text.push_str(&format!("@ATTRIBUTE pixel{i} real\n")));
    text.push_str("@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}\n\n@DATA\n");
    for r in rows(",") {
        let (label, pixels) = r.split_once(',').expect("two columns");
        text.push_str(&format!("{pixels},{label}\n"));
    }
    assert_digits(&read_file("mnist_784.arff", text.as_bytes()), "ARFF");
}

#[test]
fn read_file_reads_tables_without_labels() {
    let unlabelled: Vec<String> = rows(",")
        .iter()
        .map(|r| r.split_once(',').expect("two").1.to_owned())
        .collect();
    let found = read(&unlabelled, "\n");
    assert_eq!((found.images.len(), found.problems.len()), (12, 0));
    assert_eq!(labels(&found), [None; 12]);
}

#[test]
fn read_file_rejects_tables_that_are_no_images() {
    let reason = |text: &str| {
        let found = read_file("a.csv", text.as_bytes());
        assert_eq!(
            (found.images.len(), found.problems.len()),
            (0, 1),
            "{text:.60}"
        );
        found.problems[0].reason.clone()
    };
    let weather = "date,temperature,wind\n".to_owned() + &"2024,17.5,3.25\n".repeat(20);
    assert!(reason(&weather).contains("3 columns"));
    let mut cut = rows(",");
    let last = cut.last_mut().expect("rows");
    last.truncate(last.len() / 2);
    assert!(reason(&cut.join("\n")).contains("line 12"));
    let mut wrong = rows(",");
    wrong[10] = wrong[10].replacen(",0,", ",x?,", 1);
    assert!(reason(&wrong.join("\n")).contains("\"x?\""));
    assert!(
        reason(&header("label")).contains("no rows")
            || reason(&header("label")).contains("not an image")
    );
}
