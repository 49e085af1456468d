//! Whether the user's changes have reached the browser's storage.

use leptos::prelude::*;
use std::collections::BTreeMap;

/// What the page shows about saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SaveState {
    /// All changes are in the browser's storage.
    Saved,
    /// Some changes wait to be written, or are being written.
    Saving,
    /// Some changes could not be written; why.
    Failed(String),
}

/// Counts writes that have not finished, and remembers entries that could not be written.
#[derive(Debug, Clone, Default)]
struct Writes {
    unfinished: usize,
    /// By the entry's name: why its newest write failed.
    failed: BTreeMap<String, String>,
    /// Whether another tab of the page saves, and this one does not.
    other_tab: bool,
}

impl Writes {
    /// A write finished: the names of its entries, and how it ended.
    fn finish(&mut self, names: Vec<String>, result: Result<(), String>) {
        self.unfinished = self.unfinished.saturating_sub(1);
        for name in names {
            match &result {
                Ok(()) => self.failed.remove(&name),
                Err(reason) => self.failed.insert(name, reason.clone()),
            };
        }
    }

    fn state(&self) -> SaveState {
        match self.failed.values().next() {
            _ if self.unfinished > 0 && self.other_tab => {
                SaveState::Failed("another tab saves".to_owned())
            }
            _ if self.unfinished > 0 => SaveState::Saving,
            Some(reason) => SaveState::Failed(reason.clone()),
            None => SaveState::Saved,
        }
    }
}

/// The save state as a signal. Persistence updates it, and components read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SaveStatus(RwSignal<Writes>);

impl SaveStatus {
    /// Nothing has changed yet.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(Writes::default()))
    }

    /// Whether all changes are saved.
    pub(crate) fn state(&self) -> SaveState {
        self.0.with(Writes::state)
    }

    /// Whether another tab of the page saves, and this one does not.
    pub(crate) fn other_tab(&self) -> bool {
        self.0.with(|writes| writes.other_tab)
    }

    /// Sets whether another tab of the page saves.
    pub(crate) fn set_other_tab(&self, other_tab: bool) {
        self.0.update(|writes| writes.other_tab = other_tab);
    }

    /// Something has changed and will be written. [`Self::finish`] must follow.
    pub(crate) fn begin(&self) {
        self.0.update(|writes| writes.unfinished += 1);
    }

    /// A write finished: the names of its entries, and how it ended.
    pub(crate) fn finish(&self, names: Vec<String>, result: Result<(), String>) {
        self.0.update(|writes| writes.finish(names, result));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn save_state_is_saving_until_every_write_has_finished() {
        let mut writes = Writes::default();
        assert_eq!(writes.state(), SaveState::Saved);
        writes.unfinished += 2;
        writes.finish(names(&["digits"]), Ok(()));
        assert_eq!(writes.state(), SaveState::Saving);
        writes.finish(names(&["draft"]), Ok(()));
        assert_eq!(writes.state(), SaveState::Saved);
    }

    #[test]
    fn save_state_of_changes_is_failed_while_another_tab_saves() {
        let mut writes = Writes {
            other_tab: true,
            ..Writes::default()
        };
        assert_eq!(writes.state(), SaveState::Saved, "nothing has changed");
        writes.unfinished += 1;
        assert!(matches!(writes.state(), SaveState::Failed(_)));
        writes.other_tab = false;
        assert_eq!(writes.state(), SaveState::Saving);
    }

    #[test]
    fn save_state_stays_failed_until_the_same_entry_is_written() {
        let mut writes = Writes {
            unfinished: 3,
            ..Writes::default()
        };
        writes.finish(names(&["model/a", "model/b"]), Err("full".to_owned()));
        writes.finish(names(&["digits"]), Ok(()));
        assert_eq!(writes.state(), SaveState::Saving);
        writes.finish(names(&["model/a"]), Ok(()));
        assert_eq!(writes.state(), SaveState::Failed("full".to_owned()));
        writes.unfinished += 1;
        writes.finish(names(&["model/b"]), Ok(()));
        assert_eq!(writes.state(), SaveState::Saved);
    }
}
