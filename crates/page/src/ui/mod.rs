//! Widgets. They depend on no feature.
//!
//! A widget takes [getters](getter::Getter) and [handlers](handler::Handler) rather than type parameters, so that it
//! is compiled once and not for each use.

pub(crate) mod alert;
pub(crate) mod button;
pub(crate) mod card;
pub(crate) mod chart;
pub(crate) mod checkbox;
pub(crate) mod chunk;
pub(crate) mod class_filter;
pub(crate) mod confirm_button;
pub(crate) mod drawing;
pub(crate) mod getter;
pub(crate) mod glossary;
pub(crate) mod handler;
pub(crate) mod height_variable;
pub(crate) mod help;
pub(crate) mod image_grid;
pub(crate) mod number_field;
pub(crate) mod palette;
pub(crate) mod popover;
pub(crate) mod segmented_control;
pub(crate) mod select;
pub(crate) mod slider;
pub(crate) mod text_field;
pub(crate) mod tooltip;
