//! All results, in the structure of the JSON file.

use super::{
    check::Difference,
    contender::Contender,
    fresh::Start,
    limits::Limits,
    page::Page,
    row::{Row, Size},
};
use crate::{first_digit::FirstDigit, stats::Stats};
use serde::Serialize;
use std::collections::BTreeMap;

/// The results of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) browser: String,
    pub(crate) machine: String,
    pub(crate) gpu: String,
    pub(crate) quick: bool,
    /// PyTorch's version; `None` if it was not measured.
    pub(crate) python: Option<String>,
    /// The contenders in the browser.
    pub(crate) contenders: Vec<Contender>,
    pub(crate) times: Vec<Times>,
    pub(crate) fresh: Vec<Start>,
    /// Differences from the reference's results.
    pub(crate) differences: Vec<Difference>,
    pub(crate) limits: Limits,
    /// Each contender's minimal page, and its downloads.
    pub(crate) first_digit: BTreeMap<&'static str, MinimalPage>,
    /// ELBO Room's page, if it is built.
    pub(crate) page: Option<Page>,
}

/// The times of one row and contender.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Times {
    pub(crate) contender: String,
    pub(crate) row: Row,
    pub(crate) size: Size,
    /// Calls per sample.
    pub(crate) calls: usize,
    /// Milliseconds per call.
    pub(crate) ms: Stats,
}

/// The minimal page that shows a digit with a library.
#[derive(Debug, Serialize)]
pub(crate) struct MinimalPage {
    pub(crate) first: FirstDigit,
    /// Bytes of the library as sent, without page and weights.
    pub(crate) bundle: usize,
    /// The same before compression.
    pub(crate) bundle_raw: usize,
}

impl Report {
    /// The times of a row and contender.
    pub(crate) fn times(&self, contender: &str, row: Row, size: Size) -> Option<&Times> {
        self.times
            .iter()
            .find(|times| times.contender == contender && times.row == row && times.size == size)
    }

    /// Their median.
    pub(crate) fn median(&self, contender: &str, row: Row, size: Size) -> Option<f64> {
        self.times(contender, row, size)
            .map(|times| times.ms.median)
    }

    /// The results of fresh workers.
    pub(crate) fn start(&self, contender: &str, size: Size) -> Option<&Start> {
        self.fresh
            .iter()
            .find(|start| start.contender == contender && start.size == size)
    }
}
