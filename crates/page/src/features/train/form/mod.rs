//! The training form: text as typed, over recommended settings for the data set.
//!
//! Pure. The form stores only what was typed or chosen; the rest comes from the [preset], which depends on the
//! number of images.

pub(crate) mod field;
pub(crate) mod held_out;
pub(crate) mod likelihood_choice;
pub(crate) mod preset;
pub(crate) mod validate;

use field::Field;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was typed and chosen. Serializable for storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TrainingForm(BTreeMap<Field, String>);

impl TrainingForm {
    /// The text of a field for a data set of `images` images: what was typed, or the preset.
    pub(crate) fn text(&self, field: Field, images: usize) -> String {
        match self.0.get(&field) {
            Some(text) => text.clone(),
            None => preset::text(field, &self.conditions(images)),
        }
    }

    /// What the held-out share means for a data set of `images` images.
    pub(crate) fn held_out_note(&self, images: usize) -> Option<String> {
        let per_cent = validate::decimal(&self.text(Field::HeldOut, images))?;
        held_out::note(images, per_cent / 100.0)
    }

    /// Sets the text of a field.
    pub(crate) fn set(&mut self, field: Field, text: impl Into<String>) {
        self.0.insert(field, text.into());
    }

    /// Resets a field to the preset.
    pub(crate) fn reset(&mut self, field: Field) {
        self.0.remove(&field);
    }

    /// Resets all advanced fields to the preset.
    pub(crate) fn reset_advanced(&mut self) {
        self.0.retain(|field, _| !field.is_advanced());
    }

    /// Whether an advanced field was set.
    pub(crate) fn has_advanced_changes(&self) -> bool {
        self.0.keys().any(|field| field.is_advanced())
    }

    /// Whether the run fine-tunes a pretrained model.
    pub(crate) fn is_pretrained(&self, images: usize) -> bool {
        self.text(Field::Origin, images) == field::PRETRAINED
    }

    /// What the preset depends on.
    fn conditions(&self, images: usize) -> preset::Conditions {
        let pretrained = match self.0.get(&Field::Origin) {
            Some(origin) => origin == field::PRETRAINED,
            None => preset::prefers_pretrained(images),
        };
        preset::Conditions {
            images,
            pretrained,
            two_dimensional: self
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
    fn text_is_what_was_typed_or_the_preset() {
        let mut form = TrainingForm::default();
        assert_eq!(form.text(Field::Batch, 5_000), "64");
        form.set(Field::Batch, "twelve");
        assert_eq!(form.text(Field::Batch, 5_000), "twelve");
        assert!(form.has_advanced_changes());
        form.set(Field::Name, "mine");
        form.reset_advanced();
        assert_eq!(form.text(Field::Batch, 5_000), "64");
        assert_eq!(form.text(Field::Name, 5_000), "mine");
    }

    #[test]
    fn is_pretrained_depends_on_the_data_set_until_it_is_chosen() {
        let mut form = TrainingForm::default();
        assert!(form.is_pretrained(12));
        assert!(!form.is_pretrained(5_000));
        form.set(Field::Origin, "pretrained");
        assert!(form.is_pretrained(5_000));
        assert_eq!(form.text(Field::Latent, 5_000), "16");
    }

    #[test]
    fn training_form_is_stored_as_a_map_of_texts() {
        let mut form = TrainingForm::default();
        form.set(Field::WarmUp, "100");
        let json = serde_json::to_string(&form).unwrap();
        assert_eq!(json, r#"{"warm-up":"100"}"#);
        assert_eq!(serde_json::from_str::<TrainingForm>(&json).unwrap(), form);
    }
}
