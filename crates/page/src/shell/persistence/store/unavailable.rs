//! Outside a browser there is no storage.

use crate::shell::persistence::store::StoreError;

/// A store that keeps nothing and says so.
#[derive(Debug, Clone)]
pub(crate) enum Store {}

impl Store {
    /// # Errors
    ///
    /// Always: there is no browser.
    pub(crate) async fn open() -> Result<Self, StoreError> {
        Err(StoreError::Denied("no browser".to_owned()))
    }

    pub(crate) async fn put(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
        match *self {}
    }

    pub(crate) async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match *self {}
    }

    pub(crate) async fn names(&self) -> Result<Vec<String>, StoreError> {
        match *self {}
    }

    pub(crate) async fn remove(&self, _: &str) -> Result<(), StoreError> {
        match *self {}
    }

    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        match *self {}
    }
}
