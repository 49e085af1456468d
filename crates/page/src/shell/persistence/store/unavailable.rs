//! Outside a browser there is no storage.

use crate::shell::persistence::store::{Entry, StoreError};
use std::future::Ready;
use worker::Bytes;

/// A store that can't be opened.
#[derive(Debug, Clone)]
pub(crate) enum Store {}

impl Store {
    /// # Errors
    ///
    /// Always: there is no browser.
    pub(crate) async fn open() -> Result<Self, StoreError> {
        Err(StoreError::Denied("no browser".to_owned()))
    }

    pub(crate) fn write(&self, _: &[Entry]) -> Ready<Result<(), StoreError>> {
        match *self {}
    }

    pub(crate) fn write_before_close(&self, _: &[Entry]) -> Ready<Result<(), StoreError>> {
        match *self {}
    }

    pub(crate) async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match *self {}
    }

    pub(crate) async fn get_bytes(&self, _: &str) -> Result<Option<Bytes>, StoreError> {
        match *self {}
    }

    pub(crate) async fn names(&self) -> Result<Vec<String>, StoreError> {
        match *self {}
    }

    pub(crate) fn unsaved(&self) -> Vec<Entry> {
        match *self {}
    }

    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        match *self {}
    }
}
