//! The chapters of the Learn panel.
//!
//! Their text is Markdown in `www/learn/`, apart from code, so that teachers and translators can edit it. The build
//! converts each file to JSON ([`Chapter`]) that the page fetches when the panel opens; the format of the Markdown is
//! described in `www/learn/README.md`. The page has the types of this crate, but not the converter.

mod chapter;
#[cfg(feature = "convert")]
pub mod convert;
mod hook;
mod question;

pub use chapter::{Block, Chapter, Outline, Screen};
pub use hook::{Action, Hooks};
pub use question::{Answer, CURVE_POINTS, Question};
