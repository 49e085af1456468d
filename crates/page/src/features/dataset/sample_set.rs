//! The data sets that are served beside the page, as their cards in `www/samples/` describe them.

use crate::latent::class_names::{ClassNames, ImageKind};
use crate::number::format::grouped;
use protocol::{ImageShape, NO_LABEL};
use serde::Deserialize;
use std::sync::LazyLock;

/// A shipped data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SampleSet {
    /// 10,000 of MNIST's training digits.
    Digits,
    /// The capitals of many typefaces.
    Letters,
    /// Emoji in colour.
    Emoji,
}

/// What a card says that the page shows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct SampleCard {
    /// The name in cards and in the list of models.
    pub(crate) name: String,
    /// The name for people.
    pub(crate) title: String,
    images: String,
    labels: String,
    /// The size of both files.
    pub(crate) bytes: usize,
    /// Number of images.
    pub(crate) count: usize,
    /// The shape of an image.
    pub(crate) image: ImageShape,
    class_names: Vec<String>,
    /// Who made the images, and where they are from.
    pub(crate) source: String,
    /// The licence.
    pub(crate) licence: String,
    /// The file that names each source, if there are many.
    #[serde(default)]
    pub(crate) list: Option<String>,
}

static CARDS: LazyLock<[Option<SampleCard>; 3]> = LazyLock::new(|| {
    [
        include_str!("../../../../../www/samples/digits.json"),
        include_str!("../../../../../www/samples/letters.json"),
        include_str!("../../../../../www/samples/emoji.json"),
    ]
    // A unit test reads all of them.
    .map(|card| serde_json::from_str(card).ok())
});

impl SampleSet {
    /// All sets, in the order of the page.
    pub(crate) const ALL: [Self; 3] = [Self::Digits, Self::Letters, Self::Emoji];

    /// The set of this name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }

    /// The set that fits the images of a model: that of the same classes, else the first of the same shape.
    pub(crate) fn for_model(shape: ImageShape, classes: &ClassNames) -> Option<Self> {
        let fits = |set: &Self| set.shape() == shape;
        let kind = classes.image_kind(shape);
        let mut sets = Self::ALL.into_iter().filter(fits);
        let same = |set: &Self| set.class_names().image_kind(shape) == kind;
        let first = sets.clone().find(same);
        first.or_else(|| sets.next())
    }

    /// Its name in cards and in the list of models.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Letters => "letters",
            Self::Emoji => "emoji",
        }
    }

    /// The heading of its models in the list of models.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Digits => "Digits",
            Self::Letters => "Letters",
            Self::Emoji => "Emoji",
        }
    }

    /// Its card.
    pub(crate) fn card(self) -> Option<&'static SampleCard> {
        CARDS.get(self as usize)?.as_ref()
    }

    /// The shape of its images.
    pub(crate) fn shape(self) -> ImageShape {
        self.card().map_or(ImageShape::MNIST, |card| card.image)
    }

    /// Number of images.
    pub(crate) fn count(self) -> usize {
        self.card().map_or(0, |card| card.count)
    }

    /// The names of its classes.
    pub(crate) fn class_names(self) -> ClassNames {
        let names = self.card().map(|card| card.class_names.clone());
        ClassNames::new(names.unwrap_or_default())
    }

    /// The names of its classes as they are in its card; those of digits if it has none.
    pub(crate) fn names(self) -> Vec<String> {
        let names = self.class_names();
        (0..names.len()).map(|class| names.name(class)).collect()
    }

    /// What its images are called: "digits", "letters", "emoji".
    pub(crate) fn images(self) -> &'static str {
        match self {
            Self::Digits => ImageKind::Digit.many(),
            Self::Letters => ImageKind::Letter.many(),
            Self::Emoji => "emoji",
        }
    }

    /// What it consists of: "10,000 from MNIST", "10,036 letters".
    pub(crate) fn description(self) -> String {
        let count = grouped(self.count());
        match self {
            Self::Digits => format!("{count} from MNIST"),
            Self::Letters | Self::Emoji => format!("{count} {}", self.images()),
        }
    }

    /// The paths of its images and labels, relative to the page.
    pub(crate) fn paths(self) -> Option<[String; 2]> {
        let card = self.card()?;
        Some([&card.images, &card.labels].map(|file| format!("samples/{file}")))
    }

    /// The path of a small image with some of its images, relative to the page.
    pub(crate) fn preview_path(self) -> String {
        format!("samples/{}-preview.png", self.name())
    }

    /// The path of the list of its sources, relative to the page.
    pub(crate) fn list_path(self) -> Option<String> {
        let list = self.card()?.list.as_ref()?;
        Some(format!("samples/{list}"))
    }
}

/// The class of each image: the label that its file gives, from `classes`, indices of `class_names`, which are
/// numbers. [`NO_LABEL`] for a label that is no class of the set.
pub(crate) fn labels(classes: &[u8], class_names: &[String], set: &ClassNames) -> Vec<u8> {
    let of_class = |class: &u8| {
        let label = class_names.get(usize::from(*class))?.parse::<u8>().ok()?;
        (usize::from(label) < set.len()).then_some(label)
    };
    let labels = classes
        .iter()
        .map(|class| of_class(class).unwrap_or(NO_LABEL));
    labels.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn sample_cards_are_readable_and_describe_files_of_at_most_two_megabytes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www");
        for set in SampleSet::ALL {
            let card = set.card().unwrap_or_else(|| panic!("{set:?} has no card"));
            assert_eq!(card.name, set.name());
            assert_eq!(SampleSet::find(&card.name), Some(set));
            let paths = set.paths().unwrap();
            let sizes = paths.map(|path| std::fs::metadata(folder.join(path)).unwrap().len());
            assert_eq!(sizes.iter().sum::<u64>(), card.bytes as u64, "{set:?}");
            assert!(card.bytes <= 2_000_000, "{set:?}");
            assert!(!card.source.is_empty() && !card.licence.is_empty());
            if let Some(list) = set.list_path() {
                assert!(folder.join(list).exists(), "{set:?}");
            }
            assert!(set.shape().validate().is_ok());
            let preview = std::fs::metadata(folder.join(set.preview_path())).unwrap();
            assert!(preview.len() < 10_000, "{set:?}");
        }
    }

    #[test]
    fn sample_set_for_model_has_the_same_classes_or_shape() {
        let letters = SampleSet::Letters.class_names();
        let none = ClassNames::default();
        let of = SampleSet::for_model;
        assert_eq!(of(ImageShape::MNIST, &none), Some(SampleSet::Digits));
        assert_eq!(of(ImageShape::MNIST, &letters), Some(SampleSet::Letters));
        let pets = ClassNames::new(vec!["cat".to_owned(), "dog".to_owned()]);
        assert_eq!(of(ImageShape::MNIST, &pets), Some(SampleSet::Digits));
        assert_eq!(of(ImageShape::color(32, 32), &none), Some(SampleSet::Emoji));
        assert_eq!(of(ImageShape::grey(48, 48), &none), None);
    }

    #[test]
    fn labels_are_the_numbers_in_the_file() {
        let set = ClassNames::new(["A", "B", "C"].map(str::to_owned).into());
        let found = ["1", "2", "7"].map(str::to_owned);
        assert_eq!(
            labels(&[1, 0, 2, NO_LABEL], &found, &set),
            [2, 1, NO_LABEL, NO_LABEL]
        );
    }
}
