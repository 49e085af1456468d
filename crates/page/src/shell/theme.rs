//! The colour theme: light, dark, or the system's.

use crate::dom;

/// The key in local storage; `index.html` reads it before the first paint.
const KEY: &str = "elbo-room-theme";

/// A colour theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// The system's.
    #[default]
    Auto,
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

impl Theme {
    /// The stored theme.
    pub(crate) fn stored() -> Self {
        match dom::storage().and_then(|storage| storage.get_item(KEY).ok().flatten()) {
            Some(name) if name == "light" => Self::Light,
            Some(name) if name == "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The next theme, cyclically.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// The name in attributes and storage.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Applies the theme to the page and stores it.
    pub(crate) fn apply(self) {
        if let Some(root) = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.document_element())
        {
            // Fails only for invalid attribute names.
            let _ = root.set_attribute("data-theme", self.name());
        }
        if let Some(storage) = dom::storage() {
            // Without storage (private windows) the choice lasts as long as the page.
            let _ = storage.set_item(KEY, self.name());
        }
    }
}
