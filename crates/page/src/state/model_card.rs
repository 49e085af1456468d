//! What the page reads and changes in a model's card. Pure.

use crate::latent::class_names::ClassNames;
use serde::Deserialize;

/// The test of a model, as its card has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct CardTest {
    /// The images that it was tested on.
    #[serde(default)]
    pub(crate) set: Option<String>,
    /// Number of images.
    pub(crate) count: usize,
    /// −ELBO, in nats per image.
    pub(crate) neg_elbo: f64,
    /// Its standard error over the images, in nats.
    pub(crate) standard_error: f64,
}

/// A model's data, as its card describes them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct CardData {
    /// The data set that it was trained on, with its source.
    pub(crate) source: String,
    /// The names of the classes.
    pub(crate) class_names: ClassNames,
}

#[derive(Deserialize)]
struct WithData {
    data: DataRecord,
}

#[derive(Deserialize)]
struct DataRecord {
    #[serde(default)]
    dataset: String,
    #[serde(default)]
    class_names: Vec<String>,
}

/// What a card says of a model, for people.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CardFacts {
    /// The data set that it was trained on, with its source.
    pub(crate) source: String,
    /// Its test.
    pub(crate) test: Option<CardTest>,
    /// Number of epochs of its training.
    pub(crate) epochs: Option<usize>,
    /// How it was trained.
    pub(crate) recipe: Option<String>,
}

#[derive(Deserialize)]
struct WithTraining {
    training: Option<TrainingRecord>,
}

#[derive(Deserialize)]
struct TrainingRecord {
    epochs: Option<usize>,
    recipe: Option<String>,
}

#[derive(Deserialize)]
struct WithTest {
    test: Option<CardTest>,
}

#[derive(Deserialize)]
struct WithName<'a> {
    name: &'a str,
}

/// The test of this card; `None` if it has none.
pub(crate) fn test(card: &str) -> Option<CardTest> {
    serde_json::from_str::<WithTest>(card).ok()?.test
}

/// What this card says of its model; `None` if it is no card.
pub(crate) fn facts(card: &str) -> Option<CardFacts> {
    let data = data(card)?;
    let training = serde_json::from_str::<WithTraining>(card).ok()?.training;
    let (epochs, recipe) =
        training.map_or((None, None), |training| (training.epochs, training.recipe));
    Some(CardFacts {
        source: data.source,
        test: test(card),
        epochs,
        recipe,
    })
}

/// The data of this card; `None` if it is no card.
pub(crate) fn data(card: &str) -> Option<CardData> {
    let WithData { data } = serde_json::from_str(card).ok()?;
    Some(CardData {
        source: data.dataset,
        class_names: ClassNames::new(data.class_names),
    })
}

/// The card with another name, and otherwise the same text. `None` if it is not a card with a plain name.
pub(crate) fn with_name(card: &str, name: &str) -> Option<String> {
    let WithName { name: before } = serde_json::from_str(card).ok()?;
    // `before` is a part of the text of `card`.
    let start = (before.as_ptr() as usize).checked_sub(card.as_ptr() as usize)?;
    let (head, tail) = (card.get(..start)?, card.get(start + before.len()..)?);
    // A name has no characters that JSON escapes; this rejects any other.
    let quoted = serde_json::to_string(name).ok()?;
    (quoted == format!("\"{name}\"")).then(|| format!("{head}{name}{tail}"))
}

/// The card with the date at which its model was added, "2026-03-14", unless it has one. A text that is no JSON object is
/// not changed.
pub(crate) fn with_date(card: &str, date: &str) -> String {
    let known = serde_json::from_str::<WithDate>(card);
    let rest = card.trim_start().strip_prefix('{');
    match (known, rest) {
        (Ok(WithDate { created: None }), Some(rest)) => {
            format!("{{\n  \"created\": \"{date}\",{rest}")
        }
        _ => card.to_owned(),
    }
}

#[derive(Deserialize)]
struct WithDate {
    #[serde(default)]
    created: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = r#"{"architecture": {"name": "inner"}, "name": "mine", "x": "mine",
        "test": {"set": "s", "count": 4, "neg_elbo": 98.25, "standard_error": 1.5, "kl": 2.0}}"#;

    #[test]
    fn with_name_changes_nothing_but_the_name() {
        let renamed = with_name(CARD, "Ziffern_é").expect("a card");
        assert_eq!(
            renamed,
            CARD.replace("\"name\": \"mine\"", "\"name\": \"Ziffern_é\"")
        );
        assert_eq!(with_name(&renamed, "mine").as_deref(), Some(CARD));
    }

    #[test]
    fn with_date_adds_it_once() {
        let dated = with_date(CARD, "2026-03-14");
        assert!(dated.contains("\"created\": \"2026-03-14\""), "{dated}");
        assert_eq!(test(&dated), test(CARD));
        assert_eq!(with_date(&dated, "2027-01-01"), dated);
        assert_eq!(with_date("no card", "2026-03-14"), "no card");
    }

    #[test]
    fn with_name_rejects_what_it_cannot_replace() {
        assert_eq!(with_name("{}", "a"), None);
        assert_eq!(with_name("no card", "a"), None);
        assert_eq!(with_name(r#"{"name": "a\nb"}"#, "a"), None);
        assert_eq!(with_name(CARD, "a\"b"), None);
    }

    #[test]
    fn facts_state_test_and_training() {
        let facts = facts(include_str!("../../../../weights/emoji-32d.json")).expect("a card");
        let test = facts.test.expect("a test");
        assert_eq!((test.count, test.neg_elbo.round()), (562, 8956.0));
        assert!(test.set.is_some_and(|set| set.contains("emoji")));
        assert_eq!(facts.epochs, Some(137));
        assert!(
            facts
                .recipe
                .is_some_and(|recipe| recipe.contains("137 of 250"))
        );
    }

    #[test]
    fn data_reads_source_and_class_names() {
        let read = data(include_str!("../../../../weights/letters-2d.json")).expect("a card");
        assert!(read.source.contains("typefaces"), "{read:?}");
        assert_eq!(
            (read.class_names.len(), read.class_names.name(25).as_str()),
            (26, "Z")
        );
        let read = data(include_str!("../../../../weights/mnist-2d.json")).expect("a card");
        assert!(read.source.contains("MNIST") && read.class_names.are_digits());
        assert_eq!(data("{}"), None);
    }

    #[test]
    fn test_reads_the_held_out_loss() {
        let test = test(CARD).expect("a test");
        assert_eq!(
            (test.count, test.neg_elbo, test.standard_error),
            (4, 98.25, 1.5)
        );
        assert_eq!(super::test(r#"{"test": null}"#), None);
        assert_eq!(super::test(r#"{"name": "a"}"#), None);
    }
}
