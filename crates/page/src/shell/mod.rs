//! The frame around the features: the app, tabs, top bar, tour, address, notices and persistence.
pub(crate) mod app;
pub(crate) mod collapse;
pub(crate) mod embed;
pub(crate) mod interruption_notice;
pub(crate) mod notices;
pub(crate) mod offline;
pub(crate) mod page_state;
pub(crate) mod persistence;
pub(crate) mod stage;
pub(crate) mod tabs;
pub(crate) mod theme;
pub(crate) mod top_bar;
pub(crate) mod tour;
pub mod untrusted;
pub(crate) mod url;
