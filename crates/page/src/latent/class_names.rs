//! The names of a data set's classes, and what its images are called in texts.

use protocol::NO_LABEL;
use std::sync::Arc;

/// The names of classes, by the class' number from 0; empty for classes that have only numbers, as MNIST's digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ClassNames(Arc<[String]>);

impl ClassNames {
    /// These names.
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// Number of names.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The name of a class; its number if it has none.
    pub(crate) fn name(&self, class: usize) -> String {
        match self.0.get(class) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => class.to_string(),
        }
    }

    /// The name of a label; `None` for [`NO_LABEL`].
    pub(crate) fn of_label(&self, label: u8) -> Option<String> {
        (label != NO_LABEL).then(|| self.name(usize::from(label)))
    }

    /// Whether the classes are the digits 0 to 9.
    pub(crate) fn are_digits(&self) -> bool {
        let mut names = self.0.iter().enumerate();
        self.0.len() <= 10 && names.all(|(class, name)| *name == class.to_string())
    }

    fn are_letters(&self) -> bool {
        let is_letter = |name: &String| {
            let mut characters = name.chars();
            let first = characters.next();
            first.is_some_and(char::is_alphabetic) && characters.next().is_none()
        };
        !self.0.is_empty() && self.0.iter().all(is_letter)
    }

    /// What an image with one of these classes is called.
    pub(crate) fn image_kind(&self, shape: protocol::ImageShape) -> ImageKind {
        if self.are_letters() {
            ImageKind::Letter
        } else if shape == protocol::ImageShape::MNIST && self.are_digits() {
            ImageKind::Digit
        } else {
            ImageKind::Image
        }
    }
}

/// What an image is called in texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ImageKind {
    /// A handwritten digit.
    #[default]
    Digit,
    /// A letter.
    Letter,
    /// Any other image.
    Image,
}

impl ImageKind {
    /// "digit"
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Digit => "digit",
            Self::Letter => "letter",
            Self::Image => "image",
        }
    }

    /// "digits"
    pub(crate) fn many(self) -> &'static str {
        match self {
            Self::Digit => "digits",
            Self::Letter => "letters",
            Self::Image => "images",
        }
    }

    /// "a digit"
    pub(crate) fn a(self) -> &'static str {
        match self {
            Self::Digit => "a digit",
            Self::Letter => "a letter",
            Self::Image => "an image",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ImageShape;

    fn names(names: &[&str]) -> ClassNames {
        ClassNames::new(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn class_names_fall_back_to_numbers() {
        let pets = names(&["cat", "", "dog"]);
        assert_eq!(
            [0, 1, 2, 7].map(|class| pets.name(class)),
            ["cat", "1", "dog", "7"]
        );
        assert_eq!(pets.of_label(2).as_deref(), Some("dog"));
        assert_eq!(pets.of_label(NO_LABEL), None);
        assert_eq!(ClassNames::default().name(3), "3");
    }

    #[test]
    fn image_kind_follows_names_and_shape() {
        let digits = names(&["0", "1", "2"]);
        for (classes, shape, kind) in [
            (&ClassNames::default(), ImageShape::MNIST, ImageKind::Digit),
            (&digits, ImageShape::MNIST, ImageKind::Digit),
            (&digits, ImageShape::color(32, 32), ImageKind::Image),
            (
                &ClassNames::default(),
                ImageShape::grey(48, 48),
                ImageKind::Image,
            ),
            (&names(&["A", "Ö"]), ImageShape::MNIST, ImageKind::Letter),
            (&names(&["A", "5"]), ImageShape::MNIST, ImageKind::Image),
            (&names(&["1", "0"]), ImageShape::MNIST, ImageKind::Image),
            (
                &names(&["Flags"]),
                ImageShape::color(32, 32),
                ImageKind::Image,
            ),
        ] {
            assert_eq!(classes.image_kind(shape), kind, "{classes:?}, {shape}");
        }
    }
}
