//! The models that can be selected: included ones (`weights/index.json`, built into the page) and user models.

use serde::Deserialize;

/// One model in the picker.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    /// The name in the picker's value, in the address and in `weights/`.
    pub(crate) name: String,
    /// The text in the picker.
    pub(crate) title: String,
    /// Number of latent dimensions, so that the controls can be shown before the weights arrive.
    pub(crate) latent_size: usize,
    /// Number of classes of the label; 0 for an unconditional model.
    #[serde(default)]
    pub(crate) classes: usize,
    /// The data set of an included model: a name in `www/samples/`.
    #[serde(default)]
    pub(crate) data: Option<String>,
    /// Whether it is a user model.
    #[serde(skip)]
    pub(crate) is_user_model: bool,
}

/// The list of models, in the picker's order. The first is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Catalog(Vec<Entry>);

impl Catalog {
    /// The catalog that was built into the page.
    ///
    /// # Errors
    ///
    /// When `weights/index.json` is not a list of entries, or empty. A unit test checks the
    /// built-in list.
    pub(crate) fn built_in() -> Result<Self, String> {
        Self::parse(include_str!("../../../../weights/index.json"))
    }

    fn parse(json: &str) -> Result<Self, String> {
        let entries: Vec<Entry> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if entries.is_empty() {
            return Err("the list of models is empty".to_owned());
        }
        Ok(Self(entries))
    }

    /// All entries, in order.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The default model.
    pub(crate) fn default_entry(&self) -> &Entry {
        &self.0[0]
    }

    /// Adds a user model, in place of one of the same name. An included model is never
    /// replaced.
    pub(crate) fn add_user_model(&mut self, name: &str, latent_size: usize, classes: usize) {
        match self.0.iter_mut().find(|entry| entry.name == name) {
            Some(entry) if entry.is_user_model => {
                (entry.latent_size, entry.classes) = (latent_size, classes);
            }
            Some(_) => {}
            None => self.0.push(Entry {
                name: name.to_owned(),
                title: name.to_owned(),
                latent_size,
                classes,
                data: None,
                is_user_model: true,
            }),
        }
    }

    /// Gives a user model another name; it stays at its place in the list.
    pub(crate) fn rename_user_model(&mut self, from: &str, to: &str) {
        let mut entries = self.0.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.is_user_model && entry.name == from) {
            entry.name = to.to_owned();
            entry.title = to.to_owned();
        }
    }

    /// The names of all models, which a user model cannot take.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|entry| entry.name.clone()).collect()
    }

    /// Removes a user model.
    pub(crate) fn remove_user_model(&mut self, name: &str) {
        self.0
            .retain(|entry| !entry.is_user_model || entry.name != name);
    }

    /// The entry of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalog_built_in_has_unique_names_and_positive_sizes() {
        let catalog = Catalog::built_in().unwrap();
        for entry in catalog.entries() {
            assert!(entry.latent_size > 0, "{entry:?}");
            assert_eq!(
                catalog.find(&entry.name),
                Some(entry),
                "names must be unique"
            );
        }
    }

    #[test]
    fn catalog_built_in_models_have_a_data_set_and_at_most_a_megabyte() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for entry in Catalog::built_in().unwrap().entries() {
            let data = entry.data.as_deref().expect("an included model has one");
            assert!(
                root.join(format!("www/samples/{data}.json")).exists(),
                "{entry:?}"
            );
            let weights = root.join(format!("weights/{}.safetensors", entry.name));
            let bytes = std::fs::metadata(weights).unwrap().len();
            assert!(bytes <= 1_000_000, "{entry:?}: {bytes}");
        }
    }

    #[test]
    fn catalog_adds_user_models_and_never_replaces_an_included_one() {
        let included = Catalog::built_in().unwrap();
        let mut catalog = included.clone();
        catalog.add_user_model("mine", 8, 10);
        catalog.add_user_model("mine", 2, 0);
        assert_eq!(catalog.entries().len(), included.entries().len() + 1);
        assert_eq!(catalog.find("mine").map(|entry| entry.latent_size), Some(2));
        catalog.add_user_model("other", 2, 0);
        catalog.rename_user_model("mine", "bars");
        let names = catalog.names();
        assert_eq!(names[included.entries().len()..], ["bars", "other"]);
        catalog.rename_user_model("bars", "mine");
        catalog.remove_user_model("other");
        let first = &included.default_entry().name;
        catalog.rename_user_model(first, "stolen");
        assert_eq!(catalog.default_entry(), included.default_entry());
        catalog.add_user_model(first, 99, 0);
        assert_eq!(catalog.default_entry(), included.default_entry());
        catalog.remove_user_model(first);
        catalog.remove_user_model("mine");
        assert_eq!(catalog, included);
    }

    #[test]
    fn catalog_parse_rejects_invalid_lists() {
        assert!(Catalog::parse("[]").is_err());
        assert!(Catalog::parse("{}").is_err());
        assert!(Catalog::parse(r#"[{"name":"x"}]"#).is_err());
    }
}
