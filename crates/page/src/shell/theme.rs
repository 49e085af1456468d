//! Light, dark, or as the system says.

use crate::dom;

/// Where the choice is kept; `index.html` reads it before the first paint.
const KEY: &str = "elbo-room-theme";

/// The page's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The choice that was kept.
    pub(crate) fn kept() -> Self {
        match dom::storage().and_then(|storage| storage.get_item(KEY).ok().flatten()) {
            Some(name) if name == "light" => Self::Light,
            Some(name) if name == "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The next one round.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// Its name, in attributes and storage.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Puts it on the page and keeps it.
    pub(crate) fn apply(self) {
        if let Some(root) = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.document_element())
        {
            // Fails only for names that are no attributes.
            let _ = root.set_attribute("data-theme", self.name());
        }
        if let Some(storage) = dom::storage() {
            // Without storage (private windows), it lasts as long as the page.
            let _ = storage.set_item(KEY, self.name());
        }
    }
}
