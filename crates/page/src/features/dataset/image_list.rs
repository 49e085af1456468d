//! A list of labelled images of one shape, with undo.

use crate::features::dataset::image_store::{ImageStore, Run};
use crate::features::dataset::label_names::LabelNames;
use protocol::{ImageShape, NO_LABEL};
use std::{collections::BTreeSet, ops::Range};
use worker::Bytes;

/// Pixels of a digit: 28×28.
pub(crate) const PIXELS: usize = 28 * 28;
/// Number of changes that can be undone.
const MAX_UNDO: usize = 100;
/// Size in bytes of the images that are kept for undo only. The last change can always be undone.
const MAX_UNDO_BYTES: usize = 64 << 20;

/// Identifies an image for as long as the page lives. Unlike its index, it stays the same when other
/// images are removed or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImageId(pub(super) u32);

/// Images with their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageList {
    contents: Contents,
    store: ImageStore,
    /// The id of the next image that is added.
    next_id: u32,
    undo: Vec<Change>,
}

/// The images at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contents {
    shape: ImageShape,
    classes: LabelNames,
    /// `[n]`, an index of `classes` or [`NO_LABEL`].
    labels: Vec<u8>,
    /// `[n]`.
    ids: Vec<ImageId>,
}

/// What is needed to undo a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// Images were added at the end, and before there was this number of classes.
    Added { images: usize, classes: usize },
    /// These images were removed, in ascending order of their indices.
    Removed(Vec<Removed>),
    /// These images had these labels, and there was this number of classes.
    Relabelled {
        before: Vec<(ImageId, u8)>,
        classes: usize,
    },
    /// All was different.
    Replaced(Box<Contents>),
}

/// A removed image.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Removed {
    /// Its index before the removal.
    index: usize,
    id: ImageId,
    label: u8,
}

/// Images to add.
#[derive(Debug, Clone)]
pub(crate) struct NewImages {
    /// Their shape.
    pub(crate) shape: ImageShape,
    /// Their pixels, in blocks of whole images, each `[n × height × width × channels]`.
    pub(crate) blocks: Vec<Bytes>,
    /// The names of their classes.
    pub(crate) class_names: Vec<String>,
    /// The class of each image, an index of `class_names`; [`NO_LABEL`], or beyond the end, where there is none.
    pub(crate) classes: Vec<u8>,
}

impl NewImages {
    /// Digits, `[n × 784]`, with labels from 0 to 9.
    pub(crate) fn digits(pixels: &[u8], labels: &[u8]) -> Self {
        Self {
            shape: ImageShape::MNIST,
            blocks: vec![Bytes::from(pixels)],
            class_names: LabelNames::default().names().to_vec(),
            classes: labels.to_vec(),
        }
    }

    /// Number of images.
    pub(crate) fn len(&self) -> usize {
        let bytes: usize = self.blocks.iter().map(Bytes::len).sum();
        bytes / self.shape.values().max(1)
    }
}

/// Why images could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongShape;

impl Default for Contents {
    /// No digits.
    fn default() -> Self {
        Self {
            shape: ImageShape::MNIST,
            classes: LabelNames::default(),
            labels: Vec::new(),
            ids: Vec::new(),
        }
    }
}

impl ImageList {
    /// Number of images.
    pub(crate) fn len(&self) -> usize {
        self.contents.ids.len()
    }

    /// The shape of the images; that of digits while there are none.
    pub(crate) fn shape(&self) -> ImageShape {
        self.contents.shape
    }

    /// The classes.
    pub(crate) fn classes(&self) -> &LabelNames {
        &self.contents.classes
    }

    /// Copies all pixels, `[n × height × width × channels]`, into the page's memory.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(self.len() * self.shape().values());
        for part in self.parts() {
            pixels.extend(part.to_vec());
        }
        pixels
    }

    /// All pixels in order, in parts of whole images, which share the list's memory.
    pub(crate) fn parts(&self) -> Vec<Bytes> {
        self.store.parts(&self.contents.ids)
    }

    /// The pixels' memory.
    pub(crate) fn store(&self) -> &ImageStore {
        &self.store
    }

    /// All labels, `[n]`: indices of the [classes](Self::classes), or [`NO_LABEL`].
    pub(crate) fn labels(&self) -> &[u8] {
        &self.contents.labels
    }

    /// The ids of all images, in the order of the list.
    pub(crate) fn ids(&self) -> &[ImageId] {
        &self.contents.ids
    }

    /// The index at which an image is now.
    pub(crate) fn index_of(&self, id: ImageId) -> Option<usize> {
        self.ids().iter().position(|&other| other == id)
    }

    /// Pixels and label of the image at an index.
    pub(crate) fn get(&self, index: usize) -> Option<(Vec<u8>, u8)> {
        let pixels = self.store.get(*self.ids().get(index)?)?;
        Some((pixels.to_vec(), *self.labels().get(index)?))
    }

    /// The most images of this shape that fit into a list.
    pub(crate) fn limit(shape: ImageShape) -> usize {
        images::max_images(shape)
    }

    /// Appends digits, `[n × 784]`, with labels from 0 to 9. Returns how many did not fit.
    #[cfg(test)]
    pub(crate) fn add(&mut self, pixels: &[u8], labels: &[u8]) -> usize {
        self.add_images(NewImages::digits(pixels, labels))
            .expect("digits")
    }

    /// Appends images until the list is full, as one change. The first images decide on its shape and classes. Returns how
    /// many did not fit.
    ///
    /// # Errors
    /// If the list has images of another shape.
    pub(crate) fn add_images(&mut self, images: NewImages) -> Result<usize, WrongShape> {
        if images.len() == 0 {
            return Ok(0);
        }
        if self.len() == 0 {
            let before = std::mem::take(&mut self.contents);
            self.contents.shape = images.shape;
            self.contents.classes = LabelNames::of_new_set(&images.class_names);
            let rejected = self.push(images);
            self.remember(Change::Replaced(Box::new(before)));
            return Ok(rejected);
        }
        if images.shape != self.shape() {
            return Err(WrongShape);
        }
        let (before, classes) = (self.len(), self.classes().names().len());
        let rejected = self.push(images);
        let added = self.len() - before;
        if added > 0 {
            let images = added;
            self.remember(Change::Added { images, classes });
        }
        Ok(rejected)
    }

    /// Removes images, whose ids are in a range, and appends others, as one change. If no other image is left, the new ones
    /// decide on shape and classes. Returns how many did not fit.
    ///
    /// # Errors
    /// If images of another shape are left. Nothing is changed then.
    pub(crate) fn replace(
        &mut self,
        ids: Range<ImageId>,
        images: NewImages,
    ) -> Result<usize, WrongShape> {
        let others = self.ids().iter().filter(|id| !ids.contains(id)).count();
        if others > 0 && images.shape != self.shape() {
            return Err(WrongShape);
        }
        let before = self.contents.clone();
        self.contents.retain(|id| !ids.contains(&id));
        if others == 0 {
            self.contents.shape = images.shape;
            self.contents.classes = LabelNames::of_new_set(&images.class_names);
        }
        let rejected = self.push(images);
        self.remember(Change::Replaced(Box::new(before)));
        Ok(rejected)
    }

    /// The ids of all images, and of those that were removed.
    pub(crate) fn all_ids(&self) -> Range<ImageId> {
        ImageId(0)..ImageId(self.next_id)
    }

    /// The ids of the images from an index on, which were added last.
    pub(crate) fn ids_from(&self, index: usize) -> Range<ImageId> {
        let first = self.ids().get(index).copied();
        first.unwrap_or(ImageId(self.next_id))..ImageId(self.next_id)
    }

    /// Inserts images of an earlier visit before all others, if these have the same shape. This is not a change by the user,
    /// so it can't be undone.
    pub(crate) fn prepend(&mut self, stored: StoredImages) {
        let StoredImages {
            shape,
            classes,
            labels,
            blocks,
            runs,
        } = stored;
        if self.len() > 0 && self.shape() != shape {
            return;
        }
        let current = std::mem::take(&mut self.contents);
        self.undo.clear();
        let mut ids = Vec::with_capacity(labels.len());
        let mut kept = Vec::with_capacity(labels.len());
        let mut firsts = Vec::new();
        for (number, bytes) in blocks {
            let count = bytes.len() / shape.values();
            firsts.push((number, self.next_id, count));
            self.store
                .push_stored(number, self.next_id, shape.values(), bytes);
            self.next_id += count as u32;
        }
        let mut labels = labels.into_iter();
        for run in runs {
            let labels = labels.by_ref().take(run.count);
            // Its block may be missing or shorter, if the browser could not write it.
            let has_run = |count: usize| {
                let end = run.start.checked_add(run.count);
                end.is_some_and(|end| end <= count)
            };
            let Some(&(_, first, _)) = firsts
                .iter()
                .find(|(number, _, count)| *number == run.block && has_run(*count))
            else {
                labels.for_each(drop);
                continue;
            };
            kept.extend(labels);
            let start = first + run.start as u32;
            ids.extend((start..start + run.count as u32).map(ImageId));
        }
        self.contents = Contents {
            shape,
            classes,
            labels: kept,
            ids,
        };
        let room = Self::limit(shape).saturating_sub(self.len());
        let count = current.ids.len().min(room);
        let known = self.classes().names().len();
        let labels = self.contents.classes.merge(current.classes.names());
        if count > 0 {
            let label = |&label: &u8| labels.get(usize::from(label)).copied();
            let current_labels = current.labels[..count].iter();
            self.contents
                .labels
                .extend(current_labels.map(|old| label(old).unwrap_or(NO_LABEL)));
            self.contents.ids.extend_from_slice(&current.ids[..count]);
            self.remember(Change::Added {
                images: count,
                classes: known,
            });
        } else {
            self.contents.classes.truncate(known);
        }
    }

    /// Removes images. Ids that are not in the list are ignored.
    pub(crate) fn remove(&mut self, ids: &BTreeSet<ImageId>) {
        let removed: Vec<Removed> = (0..self.len())
            .filter(|&index| ids.contains(&self.ids()[index]))
            .map(|index| Removed {
                index,
                id: self.ids()[index],
                label: self.labels()[index],
            })
            .collect();
        if removed.is_empty() {
            return;
        }
        if removed.len() == self.len() {
            return self.clear();
        }
        self.contents.retain(|id| !ids.contains(&id));
        self.remember(Change::Removed(removed));
    }

    /// Removes all images. The next ones may have another shape.
    pub(crate) fn clear(&mut self) {
        if self.len() > 0 {
            let before = std::mem::take(&mut self.contents);
            self.remember(Change::Replaced(Box::new(before)));
        }
    }

    /// Labels images. Ids that are not in the list are ignored.
    pub(crate) fn relabel(&mut self, ids: &BTreeSet<ImageId>, label: u8) {
        let classes = self.classes().names().len();
        self.relabel_from(ids, label, classes);
    }

    /// Labels images with a class of this name, which is added if it is new. Returns whether that was possible.
    pub(crate) fn relabel_as(&mut self, ids: &BTreeSet<ImageId>, name: &str) -> bool {
        let classes = self.classes().names().len();
        let Some(label) = self.contents.classes.label(name) else {
            return false;
        };
        self.relabel_from(ids, label, classes);
        true
    }

    fn relabel_from(&mut self, ids: &BTreeSet<ImageId>, label: u8, classes: usize) {
        let mut before = Vec::new();
        for (id, current) in self.contents.ids.iter().zip(&mut self.contents.labels) {
            if ids.contains(id) {
                before.push((*id, std::mem::replace(current, label)));
            }
        }
        if !before.is_empty() {
            self.remember(Change::Relabelled { before, classes });
        }
    }

    /// The label of a class, which is added if it is new; `None` if there are too many already.
    pub(crate) fn label_of(&mut self, name: &str) -> Option<u8> {
        self.contents.classes.label(name)
    }

    /// Undoes the last change. Returns whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(change) = self.undo.pop() else {
            return false;
        };
        match change {
            Change::Added { images, classes } => {
                let count = self.len().saturating_sub(images);
                self.contents.labels.truncate(count);
                self.contents.ids.truncate(count);
                self.contents.classes.truncate(classes);
            }
            Change::Removed(removed) => self.contents.restore(removed),
            Change::Relabelled { before, classes } => {
                for (id, label) in before {
                    if let Some(index) = self.index_of(id) {
                        self.contents.labels[index] = label;
                    }
                }
                self.contents.classes.truncate(classes);
            }
            Change::Replaced(before) => self.contents = *before,
        }
        self.free_unused();
        true
    }

    /// Whether there is a change to undo.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Number of images with each label, and, last, without one.
    pub(crate) fn counts(&self) -> Vec<usize> {
        let classes = self.classes().names().len();
        let mut counts = vec![0; classes + 1];
        for &label in self.labels() {
            counts[usize::from(label).min(classes)] += 1;
        }
        counts
    }

    /// Appends images with new ids until the list is full. Returns how many did not fit.
    fn push(&mut self, images: NewImages) -> usize {
        let values = self.shape().values();
        let labels = self.contents.classes.merge(&images.class_names);
        let room = Self::limit(self.shape()).saturating_sub(self.len());
        let offered = images.len();
        let mut added = 0;
        for block in images.blocks {
            let count = (block.len() / values).min(room - added);
            if count == 0 {
                break;
            }
            self.store
                .push(self.next_id, values, block.slice(0..count * values));
            let ids = self.next_id..self.next_id + count as u32;
            self.next_id = ids.end;
            self.contents.ids.extend(ids.map(ImageId));
            added += count;
        }
        let label = |class: u8| labels.get(usize::from(class)).copied();
        let classes = images.classes.into_iter().map(Some);
        let classes = classes.chain(std::iter::repeat(None)).take(added);
        self.contents
            .labels
            .extend(classes.map(|class| class.and_then(label).unwrap_or(NO_LABEL)));
        offered - added
    }

    fn remember(&mut self, change: Change) {
        self.undo.push(change);
        let live = self.len() * self.shape().values();
        if self.undo.len() > MAX_UNDO {
            self.undo.remove(0);
            self.free_unused();
        }
        while self.undo.len() > 1 && self.store.bytes() > live + MAX_UNDO_BYTES {
            self.undo.remove(0);
            self.free_unused();
        }
    }

    /// Frees the pixels of images that are neither in the list nor needed for undo.
    fn free_unused(&mut self) {
        let undo = self.undo.iter().flat_map(|change| match change {
            Change::Removed(removed) => removed.iter().map(|image| image.id).collect(),
            Change::Replaced(before) => before.ids.clone(),
            Change::Added { .. } | Change::Relabelled { .. } => Vec::new(),
        });
        self.store
            .retain(self.contents.ids.iter().copied().chain(undo));
    }
}

/// Images of an earlier visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredImages {
    /// Their shape.
    pub(crate) shape: ImageShape,
    /// Their classes.
    pub(crate) classes: LabelNames,
    /// The label of each image.
    pub(crate) labels: Vec<u8>,
    /// Blocks with their numbers.
    pub(crate) blocks: Vec<(u32, Bytes)>,
    /// Where the images are, in order.
    pub(crate) runs: Vec<Run>,
}

impl Contents {
    fn retain(&mut self, keep: impl Fn(ImageId) -> bool) {
        let mut kept = 0;
        for index in 0..self.ids.len() {
            if keep(self.ids[index]) {
                self.labels[kept] = self.labels[index];
                self.ids[kept] = self.ids[index];
                kept += 1;
            }
        }
        self.labels.truncate(kept);
        self.ids.truncate(kept);
    }

    /// Inserts removed images at the indices where they were.
    fn restore(&mut self, removed: Vec<Removed>) {
        let labels = std::mem::take(&mut self.labels);
        let ids = std::mem::take(&mut self.ids);
        let total = removed.len() + ids.len();
        let mut others = labels.into_iter().zip(ids);
        let mut removed = removed.into_iter().peekable();
        for index in 0..total {
            if let Some(image) = removed.next_if(|image| image.index == index) {
                self.labels.push(image.label);
                self.ids.push(image.id);
            } else if let Some((label, id)) = others.next() {
                self.labels.push(label);
                self.ids.push(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images whose pixels all have the given value.
    fn images(values: impl IntoIterator<Item = u8>) -> Vec<u8> {
        values
            .into_iter()
            .flat_map(|value| [value; PIXELS])
            .collect()
    }

    fn values(list: &ImageList) -> Vec<u8> {
        list.pixels().iter().step_by(PIXELS).copied().collect()
    }

    /// The ids of the images that are at these indices now.
    fn ids<const N: usize>(list: &ImageList, indices: [usize; N]) -> BTreeSet<ImageId> {
        indices.map(|index| list.ids()[index]).into()
    }

    #[test]
    fn undo_reverts_every_change() {
        let mut list = ImageList::default();
        assert!(!list.undo());
        list.add(&images(0..6), &[0, 1, 2]);
        assert_eq!(list.labels(), [0, 1, 2, NO_LABEL, NO_LABEL, NO_LABEL]);
        let first = list.clone();

        list.remove(&ids(&list, [4, 0]));
        assert_eq!(values(&list), [1, 2, 3, 5]);
        list.relabel(&ids(&list, [1, 3]), 7);
        assert_eq!(list.labels(), [1, 7, NO_LABEL, 7]);
        list.clear();
        assert_eq!((list.len(), list.counts()), (0, vec![0; 11]));

        for _ in 0..3 {
            assert!(list.undo());
        }
        assert_eq!(list.contents, first.contents);
        assert_eq!(list.pixels(), first.pixels());
        assert!(list.undo() && list.len() == 0 && !list.can_undo());
    }

    #[test]
    fn remove_ignores_ids_of_images_that_are_gone() {
        let mut list = ImageList::default();
        list.add(&images(0..3), &[]);
        let gone = ids(&list, [1]);
        list.remove(&gone);
        let after = list.clone();
        list.remove(&gone);
        list.relabel(&gone, 4);
        assert_eq!(list.contents, after.contents);
        assert_eq!(list.undo, after.undo, "and there is nothing more to undo");
    }

    #[test]
    fn add_stops_at_the_limit_and_returns_how_many_did_not_fit() {
        // Large images, of which few fit.
        let shape = ImageShape::color(64, 64);
        let values = shape.values();
        let images = |count: usize| NewImages {
            shape,
            blocks: vec![Bytes::from(vec![0; values * count])],
            class_names: vec!["a".into(), "b".into()],
            classes: vec![1; count],
        };
        let mut list = ImageList::default();
        let limit = ImageList::limit(shape);
        assert_eq!(list.add_images(images(limit - 1)), Ok(0));
        assert_eq!(list.add_images(images(3)), Ok(2));
        assert_eq!(list.len(), limit);
        assert_eq!(list.get(limit - 1).map(|(_, label)| label), Some(1));
        assert_eq!(list.get(limit), None);
        assert_eq!(ImageList::limit(ImageShape::MNIST), 160_000);
    }

    #[test]
    fn add_images_of_another_shape_only_to_an_empty_list() {
        let color = || NewImages {
            shape: ImageShape::color(8, 8),
            blocks: vec![Bytes::from(vec![9; 2 * 192])],
            class_names: vec!["cat".into(), "dog".into()],
            classes: vec![1],
        };
        let mut list = ImageList::default();
        list.add(&images([1]), &[7]);
        assert_eq!(list.add_images(color()), Err(WrongShape));
        assert_eq!(list.len(), 1);
        list.clear();
        assert_eq!(list.add_images(color()), Ok(0));
        assert_eq!(list.labels(), [1, NO_LABEL]);
        assert_eq!(list.classes().name(1), Some("dog"));
        assert_eq!(list.counts(), [0, 1, 1]);
        assert!(list.undo());
        assert_eq!((list.len(), list.shape()), (0, ImageShape::MNIST));
        assert!(list.undo());
        assert_eq!((values(&list), list.labels()), (vec![1], &[7][..]));
    }

    #[test]
    fn replace_keeps_the_other_images_and_can_be_undone() {
        let mut list = ImageList::default();
        list.add(&images([1]), &[1]);
        list.add(&images([2, 3]), &[2, 3]);
        let imported = list.ids_from(1);
        let again = NewImages::digits(&images([7]), &[]);
        assert_eq!(list.replace(imported.clone(), again), Ok(0));
        assert_eq!(values(&list), [1, 7]);
        let color = NewImages {
            shape: ImageShape::color(8, 8),
            blocks: vec![Bytes::from(vec![9; 192])],
            class_names: vec!["cat".into()],
            classes: vec![0],
        };
        assert_eq!(
            list.replace(list.ids_from(1), color.clone()),
            Err(WrongShape)
        );
        assert_eq!(list.replace(list.ids_from(0), color), Ok(0));
        assert_eq!(list.shape(), ImageShape::color(8, 8));
        assert!(list.undo() && list.undo());
        assert_eq!(
            (values(&list), list.labels()),
            (vec![1, 2, 3], &[1, 2, 3][..])
        );
    }

    #[test]
    fn relabel_as_adds_a_class() {
        let mut list = ImageList::default();
        list.add(&images([1]), &[]);
        assert!(list.relabel_as(&ids(&list, [0]), "cat"));
        assert_eq!(list.labels(), [10]);
        list.undo();
        assert!(list.classes().are_digits());
        assert_eq!(list.labels(), [NO_LABEL]);
        assert!(!list.relabel_as(&ids(&list, [0]), ""));
    }

    #[test]
    fn undo_keeps_a_limited_number_of_pixels() {
        let half = vec![0; MAX_UNDO_BYTES / PIXELS / 2 * PIXELS];
        let mut list = ImageList::default();
        for _ in 0..4 {
            list.add(&half, &[]);
            list.clear();
        }
        assert!(
            list.store.bytes() <= MAX_UNDO_BYTES,
            "{}",
            list.store.bytes()
        );
        assert!(list.undo());
        assert_eq!(list.len(), half.len() / PIXELS);
    }

    #[test]
    fn prepend_puts_stored_images_first_and_keeps_ids() {
        let mut list = ImageList::default();
        list.add(&images([5]), &[5]);
        let five = list.ids()[0];
        list.prepend(StoredImages {
            shape: ImageShape::MNIST,
            classes: LabelNames::default(),
            labels: vec![1, 2, 3],
            blocks: vec![(4, Bytes::from(images([1, 0, 2])))],
            runs: [(4, 0), (9, 0), (4, 2)]
                .map(|(block, start)| Run {
                    block,
                    start,
                    count: 1,
                })
                .to_vec(),
        });
        assert_eq!(values(&list), [1, 2, 5]);
        assert_eq!(
            list.labels(),
            [1, 3, 5],
            "the second one's block is missing"
        );
        assert_eq!(list.index_of(five), Some(2));
        assert!(list.undo());
        assert_eq!(values(&list), [1, 2], "stored images can't be undone");
    }

    #[test]
    fn counts_by_label() {
        let mut list = ImageList::default();
        list.add(&images(0..4), &[3, 3, NO_LABEL, 9]);
        let counts = list.counts();
        assert_eq!((counts[3], counts[9], counts[10]), (2, 1, 1));
    }
}
