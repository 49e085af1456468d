//! The classes of a data set: names, and which image has which.

use std::collections::HashMap;

/// Maximum number of classes of a data set.
pub const MAX_CLASSES: usize = 200;

/// The class of an image without a label.
pub const NO_CLASS: u8 = u8::MAX;

/// Names of classes, each with its index. There are at most [`MAX_CLASSES`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassNames {
    names: Vec<String>,
    indices: HashMap<String, u8>,
}

impl ClassNames {
    /// The index of a class, which is added if it is new; `None` if there are too many already.
    pub(crate) fn index(&mut self, name: &str) -> Option<u8> {
        if let Some(&index) = self.indices.get(name) {
            return Some(index);
        }
        if self.names.len() == MAX_CLASSES {
            return None;
        }
        let index = self.names.len() as u8;
        self.names.push(name.to_owned());
        self.indices.insert(name.to_owned(), index);
        Some(index)
    }

    /// The names, by index.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The order in which people expect the names: numbers by value, then text. Returns the new index of each.
    pub(crate) fn sort(&mut self) -> Vec<u8> {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        let key = |name: &str| (name.parse::<i64>().unwrap_or(i64::MAX), name.to_lowercase());
        order.sort_by_cached_key(|&i| (key(&self.names[i]), self.names[i].clone()));
        let mut new_index = vec![0; order.len()];
        for (to, &from) in order.iter().enumerate() {
            new_index[from] = to as u8;
        }
        let sorted = order
            .into_iter()
            .map(|i| std::mem::take(&mut self.names[i]));
        self.names = sorted.collect();
        self.indices = (0..)
            .zip(&self.names)
            .map(|(index, name)| (name.clone(), index))
            .collect();
        new_index
    }
}

/// The name of an integer label in EMNIST's subset that the file's name states, upper case where both cases are one
/// class. `None` if the name states none, or the label is out of range.
pub(crate) fn emnist_class(file: &str, label: i64) -> Option<String> {
    /// EMNIST's 47 classes in which similar letters of both cases are one.
    const MERGED: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt";
    const ALL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let file = file.to_lowercase();
    if !file.contains("emnist") {
        return None;
    }
    let (characters, first) = if file.contains("letters") {
        (&ALL[10..36], 1)
    } else if file.contains("byclass") {
        (ALL, 0)
    } else if file.contains("balanced") || file.contains("bymerge") {
        (MERGED, 0)
    } else {
        return None;
    };
    let index = usize::try_from(label - first).ok()?;
    characters.get(index..=index).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_limited_and_sorted_by_number() {
        let mut classes = ClassNames::default();
        let indices: Vec<_> = ["10", "cat", "9", "10", "Bird"]
            .iter()
            .map(|name| classes.index(name))
            .collect();
        assert_eq!(indices, [Some(0), Some(1), Some(2), Some(0), Some(3)]);
        assert_eq!(classes.sort(), [1, 3, 0, 2]);
        assert_eq!(classes.names(), ["9", "10", "Bird", "cat"]);
        assert_eq!(classes.index("Bird"), Some(2));
        for i in 0..MAX_CLASSES {
            classes.index(&format!("class {i}"));
        }
        assert_eq!(classes.names().len(), MAX_CLASSES);
        assert_eq!(classes.index("another"), None);
    }

    #[test]
    fn emnist_class_follows_the_subset_in_the_name() {
        let name = emnist_class;
        assert_eq!(name("emnist-letters-test-labels", 26).as_deref(), Some("Z"));
        assert_eq!(name("emnist-letters-test-labels", 0), None);
        assert_eq!(name("gzip/emnist-balanced-train", 46).as_deref(), Some("t"));
        assert_eq!(name("EMNIST-byclass-train", 36).as_deref(), Some("a"));
        assert_eq!(name("emnist-digits-train", 3), None);
        assert_eq!(name("train-labels", 3), None);
    }
}
