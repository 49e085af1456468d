//! The state of reading files: requests, problems, and sheets to review.

use crate::features::dataset::conversion::review::Review;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{FileProblem, SheetFound};

/// Signals about the files that are being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileImportState {
    /// Number of requests without a reply.
    pub(crate) waiting: RwSignal<usize>,
    /// Files that could not be added, newest last.
    pub(crate) problems: RwSignal<Vec<FileProblem>>,
    /// What was changed or assumed when files were read, newest last.
    pub(crate) notes: RwSignal<Vec<FileProblem>>,
    /// Photographed sheets to review, oldest first.
    pub(crate) sheets: RwSignal<Vec<SheetFound>>,
    /// The last import, whose conversion can be changed.
    pub(crate) review: RwSignal<Option<Review>, LocalStorage>,
}

impl FileImportState {
    /// Nothing has been read yet.
    pub(crate) fn new() -> Self {
        Self {
            waiting: RwSignal::new(0),
            problems: RwSignal::new(Vec::new()),
            notes: RwSignal::new(Vec::new()),
            sheets: RwSignal::new(Vec::new()),
            review: RwSignal::new_local(None),
        }
    }

    /// Reports a file that could not be added.
    pub(crate) fn report(&self, file: impl Into<String>, reason: impl Into<String>) {
        let problem = FileProblem {
            file: file.into(),
            reason: reason.into(),
        };
        self.problems.update(|problems| problems.push(problem));
    }
}
