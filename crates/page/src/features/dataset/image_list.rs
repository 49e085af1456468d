//! A list of digits that can be changed and changed back.

use protocol::NO_LABEL;

/// Pixels of a digit: 28×28.
pub(crate) const PIXELS: usize = 28 * 28;
/// The most digits in the set: as many as a run takes.
pub(crate) const MAX_IMAGES: usize = 60_000;
/// So many changes can be taken back.
const MAX_UNDO: usize = 100;

/// Digits with their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageList {
    /// `[n × 784]`, light ink on a dark ground.
    pixels: Vec<u8>,
    /// `[n]`, 0 to 9 or [`NO_LABEL`].
    labels: Vec<u8>,
    undo: Vec<Change>,
}

/// What takes a change back.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// So many were added at the end.
    Added(usize),
    /// These were taken out, lowest place first.
    Removed(Vec<(usize, Vec<u8>, u8)>),
    /// These had other labels.
    Relabelled(Vec<(usize, u8)>),
}

impl ImageList {
    /// Number of digits.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// All pixels.
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels.
    pub(crate) fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// One digit's pixels and label.
    pub(crate) fn get(&self, index: usize) -> Option<(&[u8], u8)> {
        let pixels = self.pixels.get(index * PIXELS..(index + 1) * PIXELS)?;
        Some((pixels, *self.labels.get(index)?))
    }

    /// Adds digits at the end, as many as there is room for. A label that is missing is none.
    /// Gives how many were left out.
    pub(crate) fn add(&mut self, pixels: &[u8], labels: &[u8]) -> usize {
        let offered = pixels.len() / PIXELS;
        let count = offered.min(MAX_IMAGES - self.len());
        if count > 0 {
            self.pixels.extend_from_slice(&pixels[..count * PIXELS]);
            let known = labels.iter().copied().chain(std::iter::repeat(NO_LABEL));
            self.labels.extend(known.take(count));
            self.remember(Change::Added(count));
        }
        offered - count
    }

    /// Puts digits of an earlier visit before all others. That is no change of this visit's, so it
    /// can't be taken back.
    pub(crate) fn put_first(&mut self, pixels: &[u8], labels: &[u8]) {
        let (now_pixels, now_labels) = (
            std::mem::replace(&mut self.pixels, pixels.to_vec()),
            std::mem::replace(&mut self.labels, labels.to_vec()),
        );
        self.undo.clear();
        self.add(&now_pixels, &now_labels);
    }

    /// Takes digits out.
    pub(crate) fn remove(&mut self, places: &[usize]) {
        let mut places: Vec<usize> = places
            .iter()
            .copied()
            .filter(|&place| place < self.len())
            .collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return;
        }
        let taken = places
            .iter()
            .filter_map(|&place| {
                let (pixels, label) = self.get(place)?;
                Some((place, pixels.to_vec(), label))
            })
            .collect();
        self.keep(|place| places.binary_search(&place).is_err());
        self.remember(Change::Removed(taken));
    }

    /// Takes all digits out.
    pub(crate) fn clear(&mut self) {
        let all: Vec<usize> = (0..self.len()).collect();
        self.remove(&all);
    }

    /// Gives digits a label.
    pub(crate) fn relabel(&mut self, places: &[usize], label: u8) {
        let mut before = Vec::new();
        for &place in places {
            if let Some(slot) = self.labels.get_mut(place) {
                before.push((place, std::mem::replace(slot, label)));
            }
        }
        if !before.is_empty() {
            self.remember(Change::Relabelled(before));
        }
    }

    /// Takes the last change back. Gives whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        match self.undo.pop() {
            None => return false,
            Some(Change::Added(count)) => {
                let left = self.len().saturating_sub(count);
                self.labels.truncate(left);
                self.pixels.truncate(left * PIXELS);
            }
            Some(Change::Removed(taken)) => self.put_back(taken),
            Some(Change::Relabelled(before)) => {
                // The last first: a place may have been named twice.
                for (place, label) in before.into_iter().rev() {
                    if let Some(slot) = self.labels.get_mut(place) {
                        *slot = label;
                    }
                }
            }
        }
        true
    }

    /// Whether there is a change to take back.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// How many digits have each label, 0 to 9, and none.
    pub(crate) fn counts(&self) -> [usize; 11] {
        let mut counts = [0; 11];
        for &label in &self.labels {
            counts[usize::from(label).min(10)] += 1;
        }
        counts
    }

    fn keep(&mut self, keeps: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for place in 0..self.len() {
            if keeps(place) {
                self.pixels
                    .copy_within(place * PIXELS..(place + 1) * PIXELS, kept * PIXELS);
                self.labels[kept] = self.labels[place];
                kept += 1;
            }
        }
        self.labels.truncate(kept);
        self.pixels.truncate(kept * PIXELS);
    }

    fn put_back(&mut self, taken: Vec<(usize, Vec<u8>, u8)>) {
        let (old_pixels, old_labels) = (
            std::mem::take(&mut self.pixels),
            std::mem::take(&mut self.labels),
        );
        let mut others = old_pixels.chunks_exact(PIXELS).zip(old_labels);
        let total = taken.len() + others.len();
        let mut taken = taken.into_iter().peekable();
        for place in 0..total {
            if let Some((_, pixels, label)) = taken.next_if(|(at, ..)| *at == place) {
                self.pixels.extend(pixels);
                self.labels.push(label);
            } else if let Some((pixels, label)) = others.next() {
                self.pixels.extend_from_slice(pixels);
                self.labels.push(label);
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

    /// Digits whose pixels are all their number.
    fn digits(numbers: impl IntoIterator<Item = u8>) -> Vec<u8> {
        numbers.into_iter().flat_map(|n| [n; PIXELS]).collect()
    }

    fn numbers(list: &ImageList) -> Vec<u8> {
        list.pixels().iter().step_by(PIXELS).copied().collect()
    }

    #[test]
    fn every_change_can_be_taken_back() {
        let mut list = ImageList::default();
        assert!(!list.undo());
        list.add(&digits(0..6), &[0, 1, 2]);
        assert_eq!(list.labels(), [0, 1, 2, NO_LABEL, NO_LABEL, NO_LABEL]);
        let first = list.clone();

        list.remove(&[4, 0, 4, 99]);
        assert_eq!(numbers(&list), [1, 2, 3, 5]);
        list.relabel(&[1, 3], 7);
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
    fn the_set_has_a_limit_and_says_what_is_left_out() {
        let mut list = ImageList::default();
        assert_eq!(list.add(&vec![0; PIXELS * (MAX_IMAGES - 1)], &[]), 0);
        assert_eq!(list.add(&digits([1, 2, 3]), &[1, 2, 3]), 2);
        assert_eq!(list.len(), MAX_IMAGES);
        assert_eq!(list.get(MAX_IMAGES - 1).map(|(_, label)| label), Some(1));
        assert_eq!(list.get(MAX_IMAGES), None);
    }

    #[test]
    fn what_was_kept_comes_first() {
        let mut list = ImageList::default();
        list.add(&digits([5]), &[5]);
        list.put_first(&digits([1, 2]), &[1, 2]);
        assert_eq!(numbers(&list), [1, 2, 5]);
        assert_eq!(list.labels(), [1, 2, 5]);
        assert!(list.undo());
        assert_eq!(numbers(&list), [1, 2], "what was kept stays");
    }

    #[test]
    fn counts_by_label() {
        let mut list = ImageList::default();
        list.add(&digits(0..4), &[3, 3, NO_LABEL, 9]);
        let counts = list.counts();
        assert_eq!((counts[3], counts[9], counts[10]), (2, 1, 1));
    }
}
