//! The labels of a data set: the names of its classes, to which others can be added.

use protocol::NO_LABEL;

/// The most classes of a data set.
pub(crate) const MAX_CLASSES: usize = 200;

/// Names, by label: the label of an image is the index of its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelNames(Vec<String>);

impl Default for LabelNames {
    /// The ten digits.
    fn default() -> Self {
        Self((0..10).map(|digit| digit.to_string()).collect())
    }
}

impl LabelNames {
    /// The classes of a new set: all ten digits if the names are digits or there are none, otherwise the names.
    pub(crate) fn of_new_set(names: &[String]) -> Self {
        let digits = Self::default();
        if names.iter().all(|name| digits.0.contains(name)) {
            return digits;
        }
        Self(names.iter().take(MAX_CLASSES).cloned().collect())
    }

    /// The names.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// The name of a label; `None` for an image without one.
    pub(crate) fn name(&self, label: u8) -> Option<&str> {
        self.0.get(usize::from(label)).map(String::as_str)
    }

    /// Whether the classes are the ten digits.
    pub(crate) fn are_digits(&self) -> bool {
        *self == Self::default()
    }

    /// The label of a class, which is added if it is new; `None` if there are too many already, or the name is empty.
    pub(crate) fn label(&mut self, name: &str) -> Option<u8> {
        if let Some(index) = self.0.iter().position(|other| other == name) {
            return u8::try_from(index).ok();
        }
        if self.0.len() >= MAX_CLASSES || name.is_empty() {
            return None;
        }
        self.0.push(name.to_owned());
        u8::try_from(self.0.len() - 1).ok()
    }

    /// The labels here of the classes of another list, which are added; [`NO_LABEL`] for those beyond the limit.
    pub(crate) fn merge(&mut self, names: &[String]) -> Vec<u8> {
        let labels = names
            .iter()
            .map(|name| self.label(name).unwrap_or(NO_LABEL));
        labels.collect()
    }

    /// Forgets the classes that were added after the first `count`.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }
}

impl From<Vec<String>> for LabelNames {
    fn from(names: Vec<String>) -> Self {
        Self(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn label_names_of_a_set_of_digits_are_all_ten() {
        assert!(LabelNames::of_new_set(&names(&["3", "7"])).are_digits());
        assert!(LabelNames::of_new_set(&[]).are_digits());
        let letters = LabelNames::of_new_set(&names(&["A", "B"]));
        assert_eq!(letters.names(), ["A", "B"]);
        let numbers = LabelNames::of_new_set(&names(&["9", "10"]));
        assert_eq!(numbers.name(1), Some("10"));
    }

    #[test]
    fn label_names_merge_and_are_limited() {
        let mut digits = LabelNames::default();
        assert_eq!(digits.merge(&names(&["cat", "3", "dog"])), [10, 3, 11]);
        assert_eq!(digits.name(11), Some("dog"));
        assert_eq!(digits.name(NO_LABEL), None);
        let many: Vec<String> = (0..300).map(|i| format!("c{i}")).collect();
        assert_eq!(digits.merge(&many)[188], NO_LABEL);
        assert_eq!(digits.names().len(), MAX_CLASSES);
        digits.truncate(12);
        assert_eq!(digits.names().last().map(String::as_str), Some("dog"));
        assert_eq!(digits.label(""), None);
    }
}
