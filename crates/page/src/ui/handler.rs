//! Event handlers of widgets.

use std::fmt;

/// What a widget calls. One type for all closures, so that a widget is compiled once and not for each use.
pub(crate) struct Handler<T>(Box<dyn Fn(T)>);

impl<T> Handler<T> {
    /// Calls the closure.
    pub(crate) fn call(&self, argument: T) {
        (self.0)(argument);
    }
}

impl<T, F: Fn(T) + 'static> From<F> for Handler<T> {
    fn from(closure: F) -> Self {
        Self(Box::new(closure))
    }
}

impl<T> fmt::Debug for Handler<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}
