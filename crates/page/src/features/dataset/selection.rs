//! Which images of the gallery are selected, and where its keyboard cursor is.

use crate::features::dataset::image_list::{ImageId, ImageList};
use std::collections::BTreeSet;

/// A selection of images and a keyboard cursor. Both refer to images by id: an index would refer to
/// another image after an undo, and *Delete* would remove the wrong one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    ids: BTreeSet<ImageId>,
    cursor: Option<ImageId>,
}

impl Selection {
    /// The selected images.
    pub(crate) fn ids(&self) -> &BTreeSet<ImageId> {
        &self.ids
    }

    /// The image that the keyboard cursor is on.
    pub(crate) fn cursor(&self) -> Option<ImageId> {
        self.cursor
    }

    /// Moves the keyboard cursor.
    pub(crate) fn move_cursor(&mut self, id: Option<ImageId>) {
        self.cursor = id;
    }

    /// Selects an image or, if it is selected, deselects it; the cursor moves there.
    pub(crate) fn toggle(&mut self, id: ImageId) {
        self.cursor = Some(id);
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
    }

    /// Deselects images that are not in the list any more. Returns whether there were any.
    pub(crate) fn drop_missing(&mut self, list: &ImageList) -> bool {
        let mut missing: BTreeSet<_> = self.ids.iter().chain(&self.cursor).copied().collect();
        if !missing.is_empty() {
            for id in list.ids() {
                missing.remove(id);
            }
        }
        self.ids.retain(|id| !missing.contains(id));
        self.cursor = self.cursor.filter(|id| !missing.contains(id));
        !missing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::dataset::image_list::PIXELS;

    /// Three images labelled 0, 1 and 2.
    fn three() -> ImageList {
        let mut list = ImageList::default();
        list.add(&[0; 3 * PIXELS], &[0, 1, 2]);
        list
    }

    #[test]
    fn selection_stays_on_its_image_when_an_undo_shifts_the_indices() {
        let mut list = three();
        let [zero, one, two] = [0, 1, 2].map(|index| list.ids()[index]);
        list.remove(&BTreeSet::from([zero]));
        let mut selection = Selection::default();
        selection.toggle(one);
        assert_eq!(list.index_of(one), Some(0));

        list.undo();
        assert!(!selection.drop_missing(&list));
        assert_eq!(list.index_of(one), Some(1), "the index has changed");
        assert_eq!(selection.cursor(), Some(one));
        list.remove(selection.ids());
        assert_eq!(list.labels(), [0, 2], "the selected image was removed");
        assert_eq!(list.ids(), [zero, two]);
    }

    #[test]
    fn selection_drops_images_that_an_undo_removes() {
        let mut list = three();
        list.add(&[0; PIXELS], &[3]);
        let mut selection = Selection::default();
        selection.toggle(list.ids()[1]);
        selection.toggle(list.ids()[3]);
        assert!(!selection.drop_missing(&list));

        list.undo();
        assert!(selection.drop_missing(&list));
        assert_eq!(*selection.ids(), BTreeSet::from([list.ids()[1]]));
        assert_eq!(selection.cursor(), None);

        // An image that is added later must not take the place of the one that is gone.
        list.add(&[0; PIXELS], &[4]);
        assert!(!selection.ids().contains(&list.ids()[3]));
    }

    #[test]
    fn toggle_selects_and_deselects() {
        let list = three();
        let id = list.ids()[2];
        let mut selection = Selection::default();
        selection.toggle(id);
        assert!(selection.ids().contains(&id));
        selection.toggle(id);
        assert!(selection.ids().is_empty());
        assert_eq!(selection.cursor(), Some(id));
    }
}
