//! The models that come with the page: `weights/index.json`, built in.

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
        Self::parse(include_str!("../../../weights/index.json"))
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
    fn broken_lists_are_refused() {
        assert!(Catalog::parse("[]").is_err());
        assert!(Catalog::parse("{}").is_err());
        assert!(Catalog::parse(r#"[{"name":"x"}]"#).is_err());
    }
}
