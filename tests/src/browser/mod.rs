//! Drives a real browser with the built page.
//!
//! | part | role |
//! | --- | --- |
//! | [`Driver`] | the process of chromedriver or another WebDriver server, shared by the tests of one run |
//! | [`Server`] | serves the built page from memory; replies can be replaced, requests are recorded |
//! | [`Tab`] | a browser with a fresh profile and one page; finds elements by `data-testid` |
//! | [`check()`] | runs one test: skips it without a browser, saves diagnostics when it fails |
//!
//! The WebDriver client is fantoccini rather than thirtyfour. Without TLS features it adds little to the
//! build (the server needs hyper anyway), and it sends custom commands (chromedriver's DevTools endpoint)
//! as well as standard ones. thirtyfour needs reqwest and adds its own waiting and query language, which
//! a page with stable `data-testid`s does not need.

mod check;
mod driver;
mod engine;
mod files;
mod paths;
mod processes;
mod server;
mod tab;
mod windows;

pub use check::{check, log_line};
pub use driver::{Driver, Missing};
pub use engine::BrowserEngine;
pub use files::CAPTURE_SAVED_FILES;
pub use paths::{dist, target_dir};
pub use server::{Compression, Reply, Request, Server};
pub use tab::{Device, Gpu, Options, Rect, Severity, Tab};
