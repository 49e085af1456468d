//! What to train and how, as it stands in the controls: text as typed, over a preset that suits
//! the digits.
//!
//! Pure. Only what somebody typed or chose is kept; all else comes from the [preset], which follows
//! the number of digits.

pub(crate) mod field;
pub(crate) mod name;
pub(crate) mod preset;
pub(crate) mod validate;

use field::Field;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was typed and chosen. Serializable, so that it can be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Draft(BTreeMap<Field, String>);

impl Draft {
    /// What the field says for so many digits: what was typed, or the preset.
    pub(crate) fn text(&self, field: Field, digits: usize) -> String {
        match self.0.get(&field) {
            Some(text) => text.clone(),
            None => preset::text(field, &self.basis(digits)),
        }
    }

    /// Somebody typed or chose this.
    pub(crate) fn set(&mut self, field: Field, text: impl Into<String>) {
        self.0.insert(field, text.into());
    }

    /// Back to the preset.
    pub(crate) fn clear(&mut self, field: Field) {
        self.0.remove(&field);
    }

    /// All details back to the preset; the name and the two first choices stay.
    pub(crate) fn clear_details(&mut self) {
        self.0.retain(|field, _| !field.is_detail());
    }

    /// Whether a detail differs from the preset.
    pub(crate) fn has_details(&self) -> bool {
        self.0.keys().any(|field| field.is_detail())
    }

    /// Whether the run fine-tunes a model.
    pub(crate) fn is_pretrained(&self, digits: usize) -> bool {
        self.text(Field::Origin, digits) == field::PRETRAINED
    }

    /// What the preset depends on.
    fn basis(&self, digits: usize) -> preset::Basis {
        let pretrained = match self.0.get(&Field::Origin) {
            Some(origin) => origin == field::PRETRAINED,
            None => preset::suits_pretrained(digits),
        };
        preset::Basis {
            digits,
            pretrained,
            plane: self
                .0
                .get(&Field::Latent)
                .is_some_and(|size| size.trim() == "2"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stands_over_the_preset() {
        let mut draft = Draft::default();
        assert_eq!(draft.text(Field::Batch, 5_000), "64");
        draft.set(Field::Batch, "twelve");
        assert_eq!(draft.text(Field::Batch, 5_000), "twelve");
        assert!(draft.has_details());
        draft.set(Field::Name, "mine");
        draft.clear_details();
        assert_eq!(draft.text(Field::Batch, 5_000), "64");
        assert_eq!(draft.text(Field::Name, 5_000), "mine");
    }

    #[test]
    fn the_preset_follows_the_digits_until_somebody_chooses() {
        let mut draft = Draft::default();
        assert!(draft.is_pretrained(12));
        assert!(!draft.is_pretrained(5_000));
        draft.set(Field::Origin, "pretrained");
        assert!(draft.is_pretrained(5_000));
        assert_eq!(draft.text(Field::Latent, 5_000), "16");
    }

    #[test]
    fn can_be_kept() {
        let mut draft = Draft::default();
        draft.set(Field::WarmUp, "100");
        let json = serde_json::to_string(&draft).unwrap();
        assert_eq!(json, r#"{"warm-up":"100"}"#);
        assert_eq!(serde_json::from_str::<Draft>(&json).unwrap(), draft);
    }
}
