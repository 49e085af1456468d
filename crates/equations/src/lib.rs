//! The page's equations as HTML with MathML, one constant each.
//!
//! They are written in LaTeX in `src/latex.rs`; the build script typesets them, so the page contains strings only.
//! They are set in the font of `www/fonts/`, a subset that has the characters of these equations: a test reports
//! a character that it lacks.

include!(concat!(env!("OUT_DIR"), "/mathml.rs"));

#[cfg(test)]
mod latex;
mod macros;
mod parts;
#[cfg(test)]
mod tests;

pub use macros::MACROS;
pub use parts::display;
