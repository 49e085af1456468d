//! What the page reads and changes in a model's card. Pure.

use serde::Deserialize;

/// The test of a model, as its card has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct CardTest {
    /// Number of images.
    pub(crate) count: usize,
    /// −ELBO, in nats per image.
    pub(crate) neg_elbo: f64,
    /// Its standard error over the images, in nats.
    pub(crate) standard_error: f64,
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
    fn with_name_rejects_what_it_cannot_replace() {
        assert_eq!(with_name("{}", "a"), None);
        assert_eq!(with_name("no card", "a"), None);
        assert_eq!(with_name(r#"{"name": "a\nb"}"#, "a"), None);
        assert_eq!(with_name(CARD, "a\"b"), None);
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
