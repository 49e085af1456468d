//! Short messages that are no errors.

use leptos::prelude::*;
use std::time::Duration;

/// More than this at once would cover the stage; the oldest goes.
const MOST: usize = 2;

/// How long a confirmation stays.
const BRIEF: Duration = Duration::from_secs(4);

/// A message and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Different for each notice.
    pub(crate) key: u32,
    /// The message.
    pub(crate) text: String,
}

/// The notices on the page, oldest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notices {
    list: RwSignal<Vec<Notice>>,
    last_key: StoredValue<u32>,
}

impl Notices {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            last_key: StoredValue::new(0),
        }
    }

    /// All that are shown.
    pub(crate) fn list(&self) -> Vec<Notice> {
        self.list.get()
    }

    /// Shows a message until it is dismissed.
    pub(crate) fn show(&self, text: impl Into<String>) {
        self.add(text.into());
    }

    /// Shows a message for a few seconds.
    pub(crate) fn show_briefly(&self, text: impl Into<String>) {
        let (notices, key) = (*self, self.add(text.into()));
        set_timeout(move || notices.dismiss(key), BRIEF);
    }

    /// Takes a message away.
    pub(crate) fn dismiss(&self, key: u32) {
        self.list
            .update(|list| list.retain(|notice| notice.key != key));
    }

    /// Takes all messages away: something more important has to be read.
    pub(crate) fn clear(&self) {
        self.list.update(Vec::clear);
    }

    fn add(&self, text: String) -> u32 {
        let key = self.last_key.get_value() + 1;
        self.last_key.set_value(key);
        self.list.update(|list| {
            // The same again is no news.
            list.retain(|notice| notice.text != text);
            list.push(Notice { key, text });
            list.drain(..list.len().saturating_sub(MOST));
        });
        key
    }
}
