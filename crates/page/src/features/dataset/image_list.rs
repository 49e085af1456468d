//! A list of labelled images with undo.

use protocol::NO_LABEL;
use std::collections::BTreeSet;

/// Pixels of an image: 28×28.
pub(crate) const PIXELS: usize = 28 * 28;
/// Largest number of images in the data set, which is also the largest that a training run accepts.
pub(crate) const MAX_IMAGES: usize = 160_000;
/// Size in bytes from which added images are large.
const LARGE_BYTES: usize = 4 << 20;
/// Number of changes that can be undone.
const MAX_UNDO: usize = 100;

/// Identifies an image for as long as the page lives. Unlike its index, it stays the same when other
/// images are removed or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImageId(u32);

/// Images with their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageList {
    /// `[n × 784]`, light ink on a dark ground.
    pixels: Vec<u8>,
    /// `[n]`, 0 to 9 or [`NO_LABEL`].
    labels: Vec<u8>,
    /// `[n]`.
    ids: Vec<ImageId>,
    /// The id of the next image that is added.
    next_id: u32,
    undo: Vec<Change>,
}

/// What is needed to undo a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// The number of images that were added at the end.
    Added(usize),
    /// These images were removed, in ascending order of their indices.
    Removed(Vec<Removed>),
    /// These images had these labels.
    Relabelled(Vec<(ImageId, u8)>),
}

/// A removed image.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Removed {
    /// Its index before the removal.
    index: usize,
    id: ImageId,
    pixels: Vec<u8>,
    label: u8,
}

impl ImageList {
    /// Number of images.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// All pixels, `[n × 784]`.
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels, `[n]`.
    pub(crate) fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The ids of all images, in the order of the list.
    pub(crate) fn ids(&self) -> &[ImageId] {
        &self.ids
    }

    /// The index at which an image is now.
    pub(crate) fn index_of(&self, id: ImageId) -> Option<usize> {
        self.ids.iter().position(|&other| other == id)
    }

    /// Pixels and label of the image at an index.
    pub(crate) fn get(&self, index: usize) -> Option<(&[u8], u8)> {
        let pixels = self.pixels.get(index * PIXELS..(index + 1) * PIXELS)?;
        Some((pixels, *self.labels.get(index)?))
    }

    /// Appends images until the list is full; images beyond the end of `labels` get no label. Returns
    /// how many did not fit.
    pub(crate) fn add(&mut self, pixels: &[u8], labels: &[u8]) -> usize {
        self.add_blocks(std::iter::once((pixels, labels)))
    }

    /// Appends images in blocks, each with its labels, as one change; otherwise as [`add`](Self::add).
    pub(crate) fn add_blocks<'a>(
        &mut self,
        blocks: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> usize {
        let (mut added, mut rejected) = (0, 0);
        let blocks: Vec<_> = blocks.collect();
        // A large set would otherwise be copied each time that the list grows, and memory in the browser never shrinks.
        let room = (MAX_IMAGES - self.len()) * PIXELS;
        let bytes: usize = blocks.iter().map(|(pixels, _)| pixels.len()).sum();
        if bytes > LARGE_BYTES {
            self.pixels.reserve_exact(bytes.min(room));
        }
        for (pixels, labels) in blocks {
            let offered = pixels.len() / PIXELS;
            let count = offered.min(MAX_IMAGES - self.len());
            if count > 0 {
                self.push(&pixels[..count * PIXELS], labels);
            }
            added += count;
            rejected += offered - count;
        }
        if added > 0 {
            self.remember(Change::Added(added));
        }
        rejected
    }

    /// Inserts images of an earlier visit before all others. This is not a change by the user, so it
    /// can't be undone.
    pub(crate) fn prepend(&mut self, pixels: &[u8], labels: &[u8]) {
        let current = std::mem::take(self);
        self.next_id = current.next_id;
        self.push(pixels, labels);
        let count = current.len().min(MAX_IMAGES - self.len());
        if count > 0 {
            self.pixels
                .extend_from_slice(&current.pixels[..count * PIXELS]);
            self.labels.extend_from_slice(&current.labels[..count]);
            self.ids.extend_from_slice(&current.ids[..count]);
            self.remember(Change::Added(count));
        }
    }

    /// Removes images. Ids that are not in the list are ignored.
    pub(crate) fn remove(&mut self, ids: &BTreeSet<ImageId>) {
        let removed: Vec<Removed> = (0..self.len())
            .filter(|&index| ids.contains(&self.ids[index]))
            .map(|index| Removed {
                index,
                id: self.ids[index],
                pixels: self.pixels[index * PIXELS..(index + 1) * PIXELS].to_vec(),
                label: self.labels[index],
            })
            .collect();
        if removed.is_empty() {
            return;
        }
        self.retain(|id| !ids.contains(&id));
        self.remember(Change::Removed(removed));
    }

    /// Removes all images.
    pub(crate) fn clear(&mut self) {
        self.remove(&self.ids.iter().copied().collect());
    }

    /// Labels images. Ids that are not in the list are ignored.
    pub(crate) fn relabel(&mut self, ids: &BTreeSet<ImageId>, label: u8) {
        let mut before = Vec::new();
        for (id, current) in self.ids.iter().zip(&mut self.labels) {
            if ids.contains(id) {
                before.push((*id, std::mem::replace(current, label)));
            }
        }
        if !before.is_empty() {
            self.remember(Change::Relabelled(before));
        }
    }

    /// Undoes the last change. Returns whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        match self.undo.pop() {
            None => return false,
            Some(Change::Added(count)) => self.truncate(self.len().saturating_sub(count)),
            Some(Change::Removed(removed)) => self.restore(removed),
            Some(Change::Relabelled(before)) => {
                for (id, label) in before {
                    if let Some(index) = self.index_of(id) {
                        self.labels[index] = label;
                    }
                }
            }
        }
        true
    }

    /// Whether there is a change to undo.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Number of images with each label, 0 to 9, and without one.
    pub(crate) fn counts(&self) -> [usize; 11] {
        let mut counts = [0; 11];
        for &label in &self.labels {
            counts[usize::from(label).min(10)] += 1;
        }
        counts
    }

    /// Appends images with new ids.
    fn push(&mut self, pixels: &[u8], labels: &[u8]) {
        let count = pixels.len() / PIXELS;
        self.pixels.extend_from_slice(pixels);
        let labels = labels.iter().copied().chain(std::iter::repeat(NO_LABEL));
        self.labels.extend(labels.take(count));
        let first = self.next_id;
        self.next_id += count as u32;
        self.ids.extend((first..self.next_id).map(ImageId));
    }

    fn truncate(&mut self, count: usize) {
        self.pixels.truncate(count * PIXELS);
        self.labels.truncate(count);
        self.ids.truncate(count);
    }

    fn retain(&mut self, keep: impl Fn(ImageId) -> bool) {
        let mut kept = 0;
        for index in 0..self.len() {
            if keep(self.ids[index]) {
                self.pixels
                    .copy_within(index * PIXELS..(index + 1) * PIXELS, kept * PIXELS);
                self.labels[kept] = self.labels[index];
                self.ids[kept] = self.ids[index];
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Inserts removed images at the indices where they were.
    fn restore(&mut self, removed: Vec<Removed>) {
        let pixels = std::mem::take(&mut self.pixels);
        let labels = std::mem::take(&mut self.labels);
        let ids = std::mem::take(&mut self.ids);
        let total = removed.len() + ids.len();
        let mut others = pixels.chunks_exact(PIXELS).zip(labels).zip(ids);
        let mut removed = removed.into_iter().peekable();
        for index in 0..total {
            if let Some(image) = removed.next_if(|image| image.index == index) {
                self.pixels.extend(image.pixels);
                self.labels.push(image.label);
                self.ids.push(image.id);
            } else if let Some(((pixels, label), id)) = others.next() {
                self.pixels.extend_from_slice(pixels);
                self.labels.push(label);
                self.ids.push(id);
            }
        }
    }

    fn remember(&mut self, change: Change) {
        if self.undo.len() == MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(change);
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
        assert_eq!((list.len(), list.counts()), (0, [0; 11]));

        for _ in 0..3 {
            assert!(list.undo());
        }
        assert_eq!(list, first);
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
        assert_eq!(list, after, "and there is nothing more to undo");
    }

    #[test]
    fn add_stops_at_the_limit_and_returns_how_many_did_not_fit() {
        let mut list = ImageList::default();
        assert_eq!(list.add(&vec![0; PIXELS * (MAX_IMAGES - 1)], &[]), 0);
        assert_eq!(list.add(&images([1, 2, 3]), &[1, 2, 3]), 2);
        assert_eq!(list.len(), MAX_IMAGES);
        assert_eq!(list.get(MAX_IMAGES - 1).map(|(_, label)| label), Some(1));
        assert_eq!(list.get(MAX_IMAGES), None);
    }

    #[test]
    fn prepend_puts_stored_images_first_and_keeps_ids() {
        let mut list = ImageList::default();
        list.add(&images([5]), &[5]);
        let five = list.ids()[0];
        list.prepend(&images([1, 2]), &[1, 2]);
        assert_eq!(values(&list), [1, 2, 5]);
        assert_eq!(list.labels(), [1, 2, 5]);
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
