//! All that was measured, as JSON has it.

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

/// A run of the bench.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) browser: String,
    pub(crate) machine: String,
    pub(crate) gpu: String,
    pub(crate) quick: bool,
    /// PyTorch's version; none where there is none.
    pub(crate) python: Option<String>,
    /// The columns that ran in the browser.
    pub(crate) contenders: Vec<Contender>,
    pub(crate) times: Vec<Times>,
    pub(crate) fresh: Vec<Start>,
    /// How far the answers of each are from the reference's.
    pub(crate) differences: Vec<Difference>,
    pub(crate) limits: Limits,
    /// Each contender's least page, and what it downloads.
    pub(crate) first_digit: BTreeMap<&'static str, Least>,
    /// ELBO Room's own page, where it is built.
    pub(crate) page: Option<Page>,
}

/// One cell: a row in a column.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Times {
    pub(crate) contender: String,
    pub(crate) row: Row,
    pub(crate) size: Size,
    /// Calls in a sample.
    pub(crate) calls: usize,
    /// Milliseconds of one call.
    pub(crate) ms: Stats,
}

/// The least page that shows a digit with a library.
#[derive(Debug, Serialize)]
pub(crate) struct Least {
    pub(crate) first: FirstDigit,
    /// Bytes of the library among them, without page and weights.
    pub(crate) bundle: usize,
    /// The same before compression.
    pub(crate) bundle_raw: usize,
}

impl Report {
    /// Milliseconds of a cell.
    pub(crate) fn times(&self, contender: &str, row: Row, size: Size) -> Option<&Times> {
        self.times
            .iter()
            .find(|times| times.contender == contender && times.row == row && times.size == size)
    }

    /// Its median.
    pub(crate) fn median(&self, contender: &str, row: Row, size: Size) -> Option<f64> {
        self.times(contender, row, size)
            .map(|times| times.ms.median)
    }

    /// What fresh workers came to.
    pub(crate) fn start(&self, contender: &str, size: Size) -> Option<&Start> {
        self.fresh
            .iter()
            .find(|start| start.contender == contender && start.size == size)
    }
}
