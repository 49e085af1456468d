//! The models that can be picked: those that come with the page (`weights/index.json`, built in) and
//! people's own.

use serde::Deserialize;

/// One model in the picker.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    /// The name in the picker's value, in the address and in `weights/`.
    pub(crate) name: String,
    /// What the picker shows.
    pub(crate) title: String,
    /// Number of latent dimensions, so that the controls stand before the weights arrive.
    pub(crate) latent_size: usize,
    /// Classes of the label that it is told; 0 for a model that takes none.
    #[serde(default)]
    pub(crate) classes: usize,
    /// Whether it was trained here, rather than shipped.
    #[serde(skip)]
    pub(crate) own: bool,
}

/// The list of models, in the picker's order. The first is the one a bare address opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Catalog(Vec<Entry>);

impl Catalog {
    /// The catalog that was built into the page.
    ///
    /// # Errors
    ///
    /// When `weights/index.json` is not a list of entries, or empty. A unit test keeps that from
    /// being shipped.
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

    /// The model that a bare address opens.
    pub(crate) fn default_entry(&self) -> &Entry {
        &self.0[0]
    }

    /// Adds a model of somebody's own, in place of one of the same name. A shipped model is never
    /// replaced.
    pub(crate) fn add_own(&mut self, name: &str, latent_size: usize, classes: usize) {
        match self.0.iter_mut().find(|entry| entry.name == name) {
            Some(entry) if entry.own => {
                (entry.latent_size, entry.classes) = (latent_size, classes);
            }
            Some(_) => {}
            None => self.0.push(Entry {
                name: name.to_owned(),
                title: name.to_owned(),
                latent_size,
                classes,
                own: true,
            }),
        }
    }

    /// Takes a model of somebody's own off the list.
    pub(crate) fn remove_own(&mut self, name: &str) {
        self.0.retain(|entry| !entry.own || entry.name != name);
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
    fn the_built_in_catalog_is_sound() {
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
    fn own_models_join_and_never_replace_a_shipped_one() {
        let shipped = Catalog::built_in().unwrap();
        let mut catalog = shipped.clone();
        catalog.add_own("mine", 8, 10);
        catalog.add_own("mine", 2, 0);
        assert_eq!(catalog.entries().len(), shipped.entries().len() + 1);
        assert_eq!(catalog.find("mine").map(|entry| entry.latent_size), Some(2));
        let first = &shipped.default_entry().name;
        catalog.add_own(first, 99, 0);
        assert_eq!(catalog.default_entry(), shipped.default_entry());
        catalog.remove_own(first);
        catalog.remove_own("mine");
        assert_eq!(catalog, shipped);
    }

    #[test]
    fn broken_lists_are_refused() {
        assert!(Catalog::parse("[]").is_err());
        assert!(Catalog::parse("{}").is_err());
        assert!(Catalog::parse(r#"[{"name":"x"}]"#).is_err());
    }
}
