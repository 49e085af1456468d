//! How the images of files become images of the data set: the recommendation, the choices with previews, and reading the
//! files again after another choice.

pub(crate) mod choice;
pub(crate) mod choice_view;
pub(crate) mod found;
pub(crate) mod preview;
pub(crate) mod review;
pub(crate) mod review_view;
