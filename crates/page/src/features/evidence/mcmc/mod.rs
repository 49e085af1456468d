//! Markov chain Monte Carlo on the true posterior p(z|x).
pub(crate) mod card;
pub(crate) mod chain;
pub(crate) mod means_table;
pub(crate) mod runner;
pub(crate) mod running_mean_chart;
