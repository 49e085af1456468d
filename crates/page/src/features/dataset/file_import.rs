//! The page's side of the intake worker: files and drawings out, digits and messages in.

use leptos::prelude::*;
use protocol::{FileProblem, SheetFound};

/// What the intake does, for the page to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileImport {
    /// Requests that are not answered yet.
    pub(crate) waiting: RwSignal<usize>,
    /// What was left out, newest last.
    pub(crate) problems: RwSignal<Vec<FileProblem>>,
    /// Sheets to be looked over, oldest first.
    pub(crate) sheets: RwSignal<Vec<SheetFound>>,
}

impl FileImport {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            waiting: RwSignal::new(0),
            problems: RwSignal::new(Vec::new()),
            sheets: RwSignal::new(Vec::new()),
        }
    }

    /// Says that something was left out.
    pub(crate) fn report(&self, file: impl Into<String>, reason: impl Into<String>) {
        let problem = FileProblem {
            file: file.into(),
            reason: reason.into(),
        };
        self.problems.update(|problems| problems.push(problem));
    }
}
