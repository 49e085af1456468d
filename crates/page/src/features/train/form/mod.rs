//! The training form: text as typed, over recommended settings for the data set.
//!
//! Pure. The form stores only what was typed or chosen; the rest comes from the [preset], which depends on the data set.

pub(crate) mod data;
pub(crate) mod field;
pub(crate) mod held_out;
pub(crate) mod likelihood_choice;
pub(crate) mod objective_choice;
pub(crate) mod preset;
pub(crate) mod validate;

use data::Data;
use field::Field;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was typed and chosen. Serializable for storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TrainingForm(BTreeMap<Field, String>);

impl TrainingForm {
    /// The text of a field for a data set: what was typed, or the preset.
    pub(crate) fn text(&self, field: Field, data: Data) -> String {
        match self.0.get(&field) {
            Some(_) if field == Field::Origin && !has_pretrained(data) => field::SCRATCH.to_owned(),
            Some(text) => text.clone(),
            None => preset::text(field, &self.conditions(data)),
        }
    }

    /// What the held-out share means for a data set.
    pub(crate) fn held_out_note(&self, data: Data) -> Option<String> {
        let per_cent = validate::decimal(&self.text(Field::HeldOut, data))?;
        held_out::note(data.images, per_cent / 100.0)
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

    /// Whether the run fine-tunes a pretrained model. There is none for images of most sizes.
    pub(crate) fn is_pretrained(&self, data: Data) -> bool {
        has_pretrained(data)
            && match self.0.get(&Field::Origin) {
                Some(origin) => origin == field::PRETRAINED,
                None => preset::prefers_pretrained(data),
            }
    }

    /// Whether the model is convolutional.
    pub(crate) fn is_convolutional(&self, data: Data) -> bool {
        match self.0.get(&Field::Architecture) {
            Some(architecture) => architecture == field::CONV,
            None => preset::prefers_convolutions(data),
        }
    }

    /// Sets all that determines the model to the recommendation for the data set.
    pub(crate) fn recommend_model(&mut self) {
        self.0.retain(|field, _| !field.is_of_model());
    }

    /// Whether a field that determines the model was set.
    pub(crate) fn has_model_changes(&self) -> bool {
        self.0.keys().any(|field| field.is_of_model())
    }

    /// What the preset depends on.
    fn conditions(&self, data: Data) -> preset::Conditions {
        preset::Conditions {
            data,
            pretrained: self.is_pretrained(data),
            two_dimensional: self
                .0
                .get(&Field::Latent)
                .is_some_and(|size| size.trim() == "2"),
            convolutional: self.is_convolutional(data),
        }
    }
}

/// Whether a pretrained model can be fine-tuned on a data set.
pub(crate) fn has_pretrained(data: Data) -> bool {
    !preset::pretrained_sizes(data.shape).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_was_typed_or_the_preset() {
        let mut form = TrainingForm::default();
        assert_eq!(form.text(Field::Batch, Data::digits(5_000)), "64");
        form.set(Field::Batch, "twelve");
        assert_eq!(form.text(Field::Batch, Data::digits(5_000)), "twelve");
        assert!(form.has_advanced_changes());
        form.set(Field::Name, "mine");
        form.reset_advanced();
        assert_eq!(form.text(Field::Batch, Data::digits(5_000)), "64");
        assert_eq!(form.text(Field::Name, Data::digits(5_000)), "mine");
    }

    #[test]
    fn is_pretrained_depends_on_the_data_set_until_it_is_chosen() {
        let mut form = TrainingForm::default();
        assert!(form.is_pretrained(Data::digits(12)));
        assert!(!form.is_pretrained(Data::digits(5_000)));
        form.set(Field::Origin, "pretrained");
        assert!(form.is_pretrained(Data::digits(5_000)));
        assert_eq!(form.text(Field::Latent, Data::digits(5_000)), "16");
    }

    #[test]
    fn is_pretrained_only_for_images_of_the_size_of_digits() {
        let mut form = TrainingForm::default();
        form.set(Field::Origin, "pretrained");
        let icons = Data::other(12, protocol::ImageShape::color(32, 24));
        assert!(!form.is_pretrained(icons));
        assert_eq!(form.text(Field::Origin, icons), "scratch");
        assert!(form.is_convolutional(icons));
        form.set(Field::Architecture, "mlp");
        assert!(!form.is_convolutional(icons) && form.has_model_changes());
        form.recommend_model();
        assert!(form.is_convolutional(icons) && !form.has_model_changes());
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
