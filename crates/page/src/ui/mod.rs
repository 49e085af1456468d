//! Widgets that know no feature.
pub(crate) mod alert;
pub(crate) mod axis;
pub(crate) mod drawing;
pub(crate) mod number_field;
pub(crate) mod tooltip;
