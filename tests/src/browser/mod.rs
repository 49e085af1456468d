//! A real browser on the built page, driven from Rust.
//!
//! | part | what |
//! | --- | --- |
//! | [`Driver`] | the chromedriver process, shared by the tests of one run |
//! | [`Server`] | serves the built page from memory; replies can be replaced, requests are recorded |
//! | [`Tab`] | one browser with a fresh profile and one page, with helpers by `data-testid` |
//! | [`check()`] | runs one test: skips without a browser, keeps evidence of a failure |
//!
//! The WebDriver client is fantoccini, not thirtyfour: without its TLS features it adds hardly
//! anything to the build (hyper is here already for the server), and it sends commands of our own
//! (chromedriver's Chrome DevTools endpoint) as well as the standard ones. thirtyfour brings reqwest
//! and its own waiting and query language, which a page with stable `data-testid`s does not need.

mod check;
mod driver;
mod files;
mod places;
mod server;
mod tab;

pub use check::{check, say};
pub use driver::{Driver, Missing};
pub use files::KEEP_SAVED_FILES;
pub use places::{dist, target_dir};
pub use server::{Compression, Reply, Request, Server};
pub use tab::{Device, Gpu, Options, Rect, Severity, Tab};
