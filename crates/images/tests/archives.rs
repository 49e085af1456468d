//! Archives as programs make them, folders, and archives within archives.

mod support;

use images::{GreyImage, ReadOptions, Source};
use std::{cell::Cell, io};
use support::{gzip, idx, labels, mnist, png, read_all, read_file, read_files, tar, zip};

fn digit(i: usize) -> Vec<u8> {
    png(&GreyImage::new(28, 28, mnist()[i].to_vec()).expect("28×28"))
}

/// An entry's extended timestamp (0x5455) with the creation time alone, in the local header and in the directory, which
/// keeps the flags only.
const CREATION_TIME: [&[u8]; 2] = [b"UT\x05\0\x04\x01\x02\x03\x04", b"UT\x01\0\x04"];

/// Where a ZIP has the sizes of its entries.
#[derive(Clone, Copy, PartialEq)]
enum Sizes {
    InHeader,
    /// As programs write it that do not know them before.
    AfterData,
    /// In an extra field, with 64 bits.
    Zip64,
}

/// A ZIP of stored files with these extra fields in the local headers and in the directory.
fn stored_zip(files: &[(&str, Vec<u8>)], extra: [&[u8]; 2], place: Sizes) -> Vec<u8> {
    let descriptors = place == Sizes::AfterData;
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let offset = bytes.len() as u32;
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let length = data.len() as u32;
        let (mut sizes, mut extra) = (vec![crc.sum(), length, length], extra.map(<[u8]>::to_vec));
        if place == Sizes::Zip64 {
            sizes[1..].fill(u32::MAX);
            let field = [
                b"\x01\0\x10\0",
                &[u64::from(length).to_le_bytes(); 2].concat()[..],
            ]
            .concat();
            extra.iter_mut().for_each(|extra| extra.extend(&field));
        }
        let sizes: Vec<u8> = sizes.into_iter().flat_map(u32::to_le_bytes).collect();
        let flags: u16 = if descriptors { 8 } else { 0 };
        let common = |extra: &[u8], sizes: &[u8]| {
            let mut header = Vec::new();
            header.extend(20_u16.to_le_bytes());
            header.extend(flags.to_le_bytes());
            header.extend([0; 6]);
            header.extend(sizes);
            header.extend((name.len() as u16).to_le_bytes());
            header.extend((extra.len() as u16).to_le_bytes());
            header
        };
        bytes.extend(b"PK\x03\x04");
        let local = if descriptors {
            vec![0; 12]
        } else {
            sizes.clone()
        };
        bytes.extend(common(&extra[0], &local));
        bytes.extend(name.as_bytes());
        bytes.extend(&extra[0]);
        bytes.extend(data);
        if descriptors {
            bytes.extend(b"PK\x07\x08");
            bytes.extend(&sizes);
        }
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(common(&extra[1], &sizes));
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
        directory.extend(&extra[1]);
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([(files.len() as u16).to_le_bytes(); 2].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

#[test]
fn read_file_reads_zips_with_unusual_fields() {
    let files = [("3/a.png", digit(3)), ("4/b.png", digit(4))];
    for (what, bytes) in [
        ("plain", stored_zip(&files, [b"", b""], Sizes::InHeader)),
        (
            "creation times",
            stored_zip(&files, CREATION_TIME, Sizes::InHeader),
        ),
        (
            "an unknown field that is too short",
            stored_zip(
                &files,
                [b"\x99\x99\x08\0\x01", b"\x99\x99\x08\0\x01"],
                Sizes::InHeader,
            ),
        ),
        (
            "sizes after the data",
            stored_zip(&files, [b"", b""], Sizes::AfterData),
        ),
        (
            "sizes of 64 bits",
            stored_zip(&files, [b"", b""], Sizes::Zip64),
        ),
    ] {
        let found = read_file("digits.zip", &bytes);
        assert_eq!(found.problems, [], "{what}");
        assert_eq!(labels(&found), [Some("3"), Some("4")], "{what}");
    }
}

#[test]
fn read_file_reads_tar_archives_of_class_folders() {
    let long = format!("{}/7/a.png", "deep/".repeat(40));
    let files = [
        ("set/training/3/a.png", digit(3)),
        (long.as_str(), digit(7)),
        ("set/._a.png", vec![1]),
    ];
    for (name, bytes) in [
        ("digits.tar", tar(&files)),
        ("digits.tar.gz", gzip(&tar(&files))),
    ] {
        let found = read_file(name, &bytes);
        assert_eq!(found.problems, [], "{name}");
        assert_eq!(labels(&found), [Some("3"), Some("7")], "{name}");
    }
    let cut = gzip(&tar(&files));
    let found = read_file("cut.tar.gz", &cut[..cut.len() / 2]);
    assert!(!found.problems.is_empty());
}

#[test]
fn read_file_takes_names_of_folders_as_classes() {
    let archive = zip(&[
        ("pets/train/cats/1.png", digit(1)),
        ("pets/train/dogs/2.png", digit(2)),
        ("pets/test/dogs/3.png", digit(3)),
    ]);
    let found = read_file("pets.zip", &archive);
    assert_eq!(labels(&found), [Some("cats"), Some("dogs"), Some("dogs")]);
    // One folder around all images tells nothing.
    let flat = zip(&[("drawings/1.png", digit(1)), ("drawings/2.png", digit(2))]);
    assert_eq!(labels(&read_file("flat.zip", &flat)), [None, None]);
    // The files of a folder that was dropped.
    let dropped = read_files(&[("digits/0/a.png", digit(0)), ("digits/8/b.png", digit(8))]);
    assert_eq!(labels(&dropped), [Some("0"), Some("8")]);
}

#[test]
fn read_file_reads_archives_in_archives_to_a_depth() {
    let inner = zip(&[
        ("6/a.png", digit(6)),
        ("images.idx.gz", gzip(&idx(&[1, 28, 28], &mnist()[2]))),
    ]);
    let found = read_file("outer.tar.gz", &gzip(&tar(&[("inner.zip", inner)])));
    assert_eq!(
        (labels(&found), &found.problems),
        (vec![Some("6"), None], &vec![])
    );
    let mut deep = digit(1);
    for _ in 0..8 {
        deep = zip(&[("a.zip", deep)]);
    }
    let found = read_file("deep.zip", &deep);
    assert_eq!(found.images, []);
    assert!(found.problems[0].reason.contains("one inside the other"));
    let mut gzips = digit(1);
    for _ in 0..8 {
        gzips = gzip(&gzips);
    }
    assert!(
        read_file("a.gz", &gzips).problems[0]
            .reason
            .contains("one inside the other")
    );
}

#[test]
fn read_file_names_documents_that_are_zips() {
    for (entry, says) in [
        ("[Content_Types].xml", "Office"),
        ("archive/data.pkl", "PyTorch"),
        ("model.weights.h5", "Keras"),
    ] {
        let found = read_file("a.zip", &zip(&[(entry, vec![1])]));
        assert!(found.problems[0].reason.contains(says), "{says}");
    }
}

#[test]
fn read_files_adds_copies_of_an_image_once() {
    let found = read_files(&[
        ("set/7/a.png", digit(7)),
        ("set/7/a (1).png", digit(7)),
        ("a.png", digit(7)),
        ("b.png", digit(17)),
    ]);
    assert_eq!(labels(&found), [Some("7"), None]);
    assert!(
        found.notes[0]
            .reason
            .contains("2 images are there several times")
    );
}

/// A ZIP of one stored IDX file whose images are made when they are read, so that it is never in memory.
struct Endless {
    head: Vec<u8>,
    data: u64,
    tail: Vec<u8>,
    largest_read: Cell<usize>,
}

impl Source for Endless {
    fn size(&self) -> u64 {
        self.head.len() as u64 + self.data + self.tail.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.largest_read
            .set(self.largest_read.get().max(buffer.len()));
        let head = self.head.len() as u64;
        let count = buffer
            .len()
            .min((self.size() - offset.min(self.size())) as usize);
        for (at, byte) in (offset..).zip(&mut buffer[..count]) {
            *byte = if at < head {
                self.head[at as usize]
            } else if at < head + self.data {
                ((at - head) % 251) as u8
            } else {
                self.tail[(at - head - self.data) as usize]
            };
        }
        Ok(count)
    }
}

#[test]
fn read_files_reads_a_large_archive_piece_by_piece() {
    // 600,000 images, 470 MB, of which the first 500 are used. The archive's list of entries is at its end.
    let count = 600_000_u32;
    let header = idx(&[count, 28, 28], &[]);
    let data = u64::from(count) * 784;
    let small = stored_zip(
        &[("train-images-idx3-ubyte", header.clone())],
        [b"", b""],
        Sizes::InHeader,
    );
    let directory = small
        .windows(4)
        .position(|w| w == b"PK\x01\x02")
        .expect("a directory");
    let size = header.len() as u64 + data;
    let (mut head, mut tail) = (small[..directory].to_vec(), small[directory..].to_vec());
    for (bytes, at) in [(&mut head, 18), (&mut tail, 20)] {
        let sizes = [(size as u32).to_le_bytes(); 2].concat();
        bytes[at..at + 8].copy_from_slice(&sizes);
    }
    let end = tail.len() - 6;
    tail[end..end + 4].copy_from_slice(&((directory as u64 + data) as u32).to_le_bytes());
    let source = Endless {
        head,
        data,
        tail,
        largest_read: Cell::new(0),
    };
    let options = ReadOptions {
        room: Some(500),
        ..ReadOptions::default()
    };
    let file = images::InputFile {
        path: "data.zip".into(),
        content: &source,
    };
    let read = images::read_files(&[file], &options);
    assert_eq!(read.images.len(), 500, "{:?}", read.problems);
    assert!(
        read.problems[0].reason.contains("599500 of this file"),
        "{:?}",
        read.problems
    );
    assert!(source.largest_read.get() <= 1 << 20);
}

#[test]
fn read_files_reads_the_other_files_if_one_is_rejected() {
    let files = [
        ("broken.zip", b"PK\x03\x04 broken".to_vec()),
        ("b.png", digit(3)),
    ];
    let read = read_all(&files, &ReadOptions::default());
    assert_eq!((read.images.len(), read.problems.len()), (1, 1));
    assert_eq!(read.problems[0].file, "broken.zip");
}

#[test]
fn read_file_reads_zips_behind_other_bytes() {
    let archive = zip(&[("3/a.png", digit(3)), ("7/b.png", digit(7))]);
    let behind = [b"#!/bin/sh\nexec unzip\n".as_slice(), &archive].concat();
    let found = read_file("digits.zip", &behind);
    assert_eq!(found.problems, []);
    assert_eq!(labels(&found), [Some("3"), Some("7")]);
    let found = read_file("digits.ZIP", b"no archive at all, whatever its name says");
    assert!(found.problems[0].reason.contains("damaged or truncated"));
}

#[test]
fn read_file_ignores_bytes_behind_a_gzip_stream() {
    let images = gzip(&idx(&[2, 28, 28], mnist()[..2].as_flattened()));
    for behind in [[0; 512].as_slice(), b"\n"] {
        let found = read_file("a.gz", &[&images, behind].concat());
        assert_eq!(found.problems, []);
        assert_eq!(found.images.len(), 2);
    }
    // Several members are one file; the second one is damaged.
    let whole = idx(&[2, 28, 28], mnist()[..2].as_flattened());
    let members = [gzip(&whole[..900]), gzip(&whole[900..])];
    assert_eq!(read_file("a.gz", &members.concat()).images.len(), 2);
    let cut = &members.concat()[..members[0].len() + members[1].len() / 2];
    assert_eq!(read_file("a.gz", cut).problems.len(), 1);
}

#[test]
fn read_file_says_that_there_are_too_many_folders_for_classes() {
    let names: Vec<String> = (0..201).map(|i| format!("set/class {i}/a.png")).collect();
    let files: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(i, name)| (name.as_str(), digit(i % 10)))
        .collect();
    let found = read_file("many.zip", &zip(&files));
    assert_eq!(found.images.len(), 201);
    assert!(found.images.iter().all(|image| image.label.is_none()));
    assert!(found.notes[0].reason.contains("201 folders"));
    let fewer = read_file("200.zip", &zip(&files[..200]));
    assert!(fewer.images.iter().all(|image| image.label.is_some()));
    assert_eq!(fewer.notes, []);
}
