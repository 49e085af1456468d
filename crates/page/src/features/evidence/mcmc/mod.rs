//! Sampling the true posterior by Markov chain Monte Carlo.

pub(crate) mod card;
pub(crate) mod chain;
pub(crate) mod chains;
pub(crate) mod coverage;
pub(crate) mod diagnosis;
pub(crate) mod fit_view;
pub(crate) mod means_table;
pub(crate) mod runner;
pub(crate) mod running_mean_chart;
pub(crate) mod verdict;
