//! Finds the file of labels for each file of images.

use crate::arrays::LabelColumn;
use std::cmp::Reverse;

/// Images of a file, in the set that is being read.
pub(super) struct ArrayPart {
    /// The file.
    pub(super) name: String,
    /// Number of images in the file.
    pub(super) count: usize,
    /// The index of the first one in the set.
    pub(super) start: usize,
    /// The number within the file of each image that is in the set.
    pub(super) kept: Kept,
    /// The size and a digest of all values, to recognize the same content.
    pub(super) digest: (usize, usize, usize, u64),
}

/// Which images of a file are in the set.
#[derive(Default)]
pub(super) struct Kept {
    /// How many were looked at.
    pub(super) seen: usize,
    /// Those that were left out, in ascending order.
    pub(super) dropped: Vec<u32>,
}

impl Kept {
    /// The numbers of the images that are in the set.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        let mut dropped = self.dropped.iter().peekable();
        (0..self.seen).filter(move |&number| {
            let is_dropped = dropped.peek().is_some_and(|&&d| d as usize == number);
            if is_dropped {
                dropped.next();
            }
            !is_dropped
        })
    }
}

/// Labels of a file.
pub(super) struct LabelPart {
    /// The file that was brought, and the file or its part that has the labels.
    pub(super) file: String,
    pub(super) name: String,
    pub(super) labels: LabelColumn,
}

/// Words that tell images and labels apart, or only name the format.
pub(super) const ROLES: [&str; 26] = [
    "x", "y", "image", "images", "img", "imgs", "label", "labels", "data", "target", "targets",
    "features", "class", "classes", "idx", "idx1", "idx2", "idx3", "idx4", "ubyte", "byte", "int",
    "gz", "npy", "arr", "pixels",
];

/// The index of the images for each file of labels. Both have the same number; among several, those in the same folder
/// whose names differ least belong together.
pub(super) fn pair(images: &[ArrayPart], labels: &[LabelPart]) -> Vec<Option<usize>> {
    let mut candidates = Vec::new();
    for (l, label) in labels.iter().enumerate() {
        for (i, image) in images.iter().enumerate() {
            if image.count == label.labels.classes.len() {
                let same_folder = folder(&image.name) == folder(&label.name);
                let same_key = key(&image.name) == key(&label.name);
                let prefix = common_prefix(&image.name, &label.name);
                candidates.push((Reverse((same_key, same_folder, prefix)), i, l));
            }
        }
    }
    candidates.sort();
    let mut found = vec![None; labels.len()];
    let mut is_taken = vec![false; images.len()];
    for (_, image, label) in candidates {
        if found[label].is_none() && !is_taken[image] {
            found[label] = Some(image);
            is_taken[image] = true;
        }
    }
    found
}

fn folder(name: &str) -> &str {
    name.rsplit_once(['/', '\\'])
        .map_or("", |(folder, _)| folder)
}

/// The words of a name that are the same for images and their labels.
fn key(name: &str) -> Vec<String> {
    let file = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(name)
        .to_lowercase();
    file.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && !ROLES.contains(word))
        .map(|word| {
            // xtrain and ytrain, trainX and trainY.
            let word = word
                .strip_prefix(['x', 'y'])
                .filter(|w| is_part(w))
                .unwrap_or(word);
            word.strip_suffix(['x', 'y'])
                .filter(|w| is_part(w))
                .unwrap_or(word)
        })
        .map(str::to_owned)
        .collect()
}

/// Whether a word names a part of a set.
pub(super) fn is_part(word: &str) -> bool {
    matches!(
        word,
        "train" | "test" | "val" | "valid" | "training" | "testing" | "validation" | "dev"
    )
}

/// Length of the common prefix of two names, in characters.
fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(images: &[(&str, usize)], labels: &[(&str, usize)]) -> Vec<Option<usize>> {
        let images: Vec<ArrayPart> = images
            .iter()
            .map(|&(name, count)| ArrayPart {
                name: name.into(),
                count,
                start: 0,
                kept: Kept::default(),
                digest: (0, 0, 0, 0),
            })
            .collect();
        let labels: Vec<LabelPart> = labels
            .iter()
            .map(|&(name, count)| {
                let mut labels = LabelColumn::default();
                (0..count).for_each(|_| labels.push("1").expect("one class"));
                LabelPart {
                    file: name.into(),
                    name: name.into(),
                    labels,
                }
            })
            .collect();
        pair(&images, &labels)
    }

    #[test]
    fn pair_compares_counts_first_and_names_then() {
        let images = [
            ("train-images-idx3-ubyte", 3),
            ("t10k-images-idx3-ubyte", 2),
        ];
        let labels = [
            ("t10k-labels-idx1-ubyte", 2),
            ("train-labels-idx1-ubyte", 3),
        ];
        assert_eq!(pairs(&images, &labels), [Some(1), Some(0)]);
        let images = [("a.npz/x_test.npy", 4), ("a.npz/x_train.npy", 4)];
        let labels = [("a.npz/y_train.npy", 4), ("a.npz/y_test.npy", 4)];
        assert_eq!(pairs(&images, &labels), [Some(1), Some(0)]);
        let images = [("trainX.npy", 4), ("testX.npy", 4)];
        let labels = [("testY.npy", 4), ("trainY.npy", 4), ("labels.npy", 9)];
        assert_eq!(pairs(&images, &labels), [Some(1), Some(0), None]);
        assert_eq!(
            pairs(&[("b/X.npy", 4), ("a/X.npy", 4)], &[("a/y.npy", 4)]),
            [Some(1)]
        );
    }

    #[test]
    fn kept_numbers_skip_what_was_dropped() {
        let kept = Kept {
            seen: 6,
            dropped: vec![0, 3],
        };
        assert_eq!(kept.numbers().collect::<Vec<_>>(), [1, 2, 4, 5]);
    }
}
