//! Values that a widget reads again when they change.

use leptos::prelude::{Get, Memo, RwSignal};
use std::{fmt, sync::Arc};

/// Reads a value, and tracks the signals that it comes from. One type for all closures, so that a widget is compiled
/// once; it takes less code than `Signal<T>`, which is compiled for each type and each closure.
pub(crate) struct Getter<T>(Arc<dyn Fn() -> T + Send + Sync>);

impl<T> Getter<T> {
    /// The value.
    pub(crate) fn get(&self) -> T {
        (self.0)()
    }
}

impl<T> Clone for Getter<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Getter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Getter")
    }
}

impl<T, F: Fn() -> T + Send + Sync + 'static> From<F> for Getter<T> {
    fn from(closure: F) -> Self {
        Self(Arc::new(closure))
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<Memo<T>> for Getter<T> {
    fn from(memo: Memo<T>) -> Self {
        Self(Arc::new(move || memo.get()))
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Getter<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(Arc::new(move || signal.get()))
    }
}

impl<T: Clone + Send + Sync + 'static> From<Vec<T>> for Getter<Vec<T>> {
    fn from(constant: Vec<T>) -> Self {
        Self(Arc::new(move || constant.clone()))
    }
}

impl From<protocol::ImageShape> for Getter<protocol::ImageShape> {
    fn from(constant: protocol::ImageShape) -> Self {
        Self(Arc::new(move || constant))
    }
}

impl From<&'static str> for Getter<String> {
    fn from(constant: &'static str) -> Self {
        Self(Arc::new(move || constant.to_owned()))
    }
}

impl From<String> for Getter<String> {
    fn from(constant: String) -> Self {
        Self(Arc::new(move || constant.clone()))
    }
}
