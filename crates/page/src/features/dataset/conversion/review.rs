//! The last import, whose conversion can be changed.

use crate::dom::files::PickedFile;
use crate::features::dataset::conversion::choice::Choice;
use crate::features::dataset::conversion::found::Found;
use crate::features::dataset::image_list::ImageId;
use protocol::{FileProblem, ImageShape};
use std::{ops::Range, rc::Rc};

/// Files whose images are in the data set, with the choice that they were converted by.
#[derive(Clone)]
pub(crate) struct Review {
    /// The name of the file, or how many there are.
    pub(crate) name: String,
    /// The files, to be read again.
    pub(crate) files: Vec<PickedFile>,
    /// What they have.
    pub(crate) found: Rc<Found>,
    /// How their images were converted.
    pub(crate) applied: Choice,
    /// Whether rows and columns of the samples are swapped.
    pub(crate) are_samples_transposed: bool,
    /// The images in the data set.
    pub(crate) ids: Range<ImageId>,
    /// Number of images.
    pub(crate) count: usize,
    /// The shape of the images that were in the data set before.
    pub(crate) others: Option<ImageShape>,
    /// What was reported about the files.
    pub(crate) messages: Vec<FileProblem>,
    /// Whether the choices are shown without being asked for.
    pub(crate) asks: bool,
}
