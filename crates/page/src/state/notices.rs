//! Short messages that are not errors.

use leptos::prelude::*;
use std::time::Duration;

/// The most notices at once; more would cover the stage. The oldest is removed.
const MAX_NOTICES: usize = 2;

/// The duration of a brief notice.
const BRIEF_DURATION: Duration = Duration::from_secs(4);

/// A message and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Unique.
    pub(crate) key: u32,
    /// The message.
    pub(crate) text: String,
    /// A link to copy, where the page could not copy it.
    pub(crate) link: Option<String>,
}

/// The notices on the page, oldest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notices {
    list: RwSignal<Vec<Notice>>,
    last_key: StoredValue<u32>,
}

impl Notices {
    /// No notices.
    pub(crate) fn new() -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            last_key: StoredValue::new(0),
        }
    }

    /// All notices.
    pub(crate) fn list(&self) -> Vec<Notice> {
        self.list.get()
    }

    /// Shows a message until it is dismissed.
    pub(crate) fn show(&self, text: impl Into<String>) {
        self.add(text.into(), None);
    }

    /// Shows a message with a link to copy until it is dismissed.
    pub(crate) fn show_link(&self, text: impl Into<String>, link: String) {
        self.add(text.into(), Some(link));
    }

    /// Shows a message for a few seconds.
    pub(crate) fn show_briefly(&self, text: impl Into<String>) {
        let (notices, key) = (*self, self.add(text.into(), None));
        set_timeout(move || notices.dismiss(key), BRIEF_DURATION);
    }

    /// Removes a notice.
    pub(crate) fn dismiss(&self, key: u32) {
        self.list
            .update(|list| list.retain(|notice| notice.key != key));
    }

    /// Removes all notices, in favour of a more important message.
    pub(crate) fn clear(&self) {
        self.list.update(Vec::clear);
    }

    fn add(&self, text: String, link: Option<String>) -> u32 {
        let key = self.last_key.get_value() + 1;
        self.last_key.set_value(key);
        self.list.update(|list| {
            // A repeated message replaces the earlier one.
            list.retain(|notice| notice.text != text);
            list.push(Notice { key, text, link });
            list.drain(..list.len().saturating_sub(MAX_NOTICES));
        });
        key
    }
}
