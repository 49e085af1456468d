//! Saves and restores the data set.

use crate::features::dataset::image_list::{ImageList, PIXELS};
use crate::features::dataset::image_set::ImageSet;
use crate::shell::persistence::store::{Store, StoreError};
use crate::shell::persistence::writer::PersistenceWriter;
use std::time::Duration;

/// The name is older than the type.
const NAME: &str = "digits";
const DELAY: Duration = Duration::from_millis(600);

/// Saves the images when they change.
pub(crate) fn watch(writer: &PersistenceWriter, images: ImageSet) {
    writer.watch(
        DELAY,
        move || {
            images.version();
        },
        move || {
            let bytes = images.with_untracked(|list| (list.len() > 0).then(|| encode(list)));
            vec![(NAME.to_owned(), bytes)]
        },
    );
}

/// Restores the images of an earlier visit, before those that were added in the meantime.
pub(crate) async fn restore(store: &Store, images: ImageSet) -> Result<(), StoreError> {
    if let Some((pixels, labels)) = store.get(NAME).await?.as_deref().and_then(decode) {
        images.change(|list| list.prepend(pixels, labels));
    }
    Ok(())
}

/// The number of images (little-endian `u32`), their labels, their pixels.
fn encode(list: &ImageList) -> Vec<u8> {
    let count = list.len() as u32;
    [&count.to_le_bytes(), list.labels(), list.pixels()].concat()
}

/// Pixels and labels from [`encode`]'s bytes; `None` for any other bytes.
fn decode(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (labels, pixels) = rest.split_at_checked(count)?;
    (pixels.len() == count.checked_mul(PIXELS)?).then_some((pixels, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dataset_decodes_to_what_was_encoded_and_rejects_damage() {
        let mut list = ImageList::default();
        list.add(&[[7; PIXELS], [9; PIXELS]].concat(), &[3, 4]);
        let bytes = encode(&list);
        assert_eq!(decode(&bytes), Some((list.pixels(), list.labels())));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[255; 8]), None);
        assert_eq!(
            decode(&encode(&ImageList::default())),
            Some((&[][..], &[][..]))
        );
    }

    #[test]
    fn dataset_of_the_previous_version_decodes() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/digits"
        ));
        let (pixels, labels) = decode(stored).expect("its format is still read");
        assert_eq!((NAME, labels.len()), ("digits", 40));
        assert_eq!(labels[..4], [255, 1, 2, 255]);
        assert_eq!(pixels[6 * 28..][..28], [255; 28]);
        let mut list = ImageList::default();
        list.add(pixels, labels);
        assert_eq!(encode(&list), stored);
    }
}
