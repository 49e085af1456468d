//! The digits.

use crate::features::dataset::image_list::{ImageList, PIXELS};
use crate::features::dataset::image_set::ImageSet;
use crate::shell::persistence::store::Store;
use crate::shell::persistence::store::StoreError;
use crate::shell::persistence::writer::PersistenceWriter;
use std::time::Duration;

const NAME: &str = "digits";
const PAUSE: Duration = Duration::from_millis(600);

/// Keeps the digits as they change.
pub(crate) fn follow(keeper: &PersistenceWriter, digits: ImageSet) {
    keeper.follow(
        PAUSE,
        move || {
            digits.version();
        },
        move || {
            let bytes = digits.with_untracked(|list| (list.len() > 0).then(|| pack(list)));
            vec![(NAME.to_owned(), bytes)]
        },
    );
}

/// Brings back the digits of an earlier visit.
pub(crate) async fn bring_back(store: &Store, digits: ImageSet) -> Result<(), StoreError> {
    if let Some((pixels, labels)) = store.get(NAME).await?.as_deref().and_then(unpack) {
        // What was gathered in the meantime comes after; there is always room for what fitted once.
        digits.change(|list| list.prepend(pixels, labels));
    }
    Ok(())
}

/// The number of digits, their labels, their pixels.
fn pack(list: &ImageList) -> Vec<u8> {
    let count = list.len() as u32;
    [&count.to_le_bytes(), list.labels(), list.pixels()].concat()
}

/// What [`pack`] made; none for anything else.
fn unpack(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (labels, pixels) = rest.split_at_checked(count)?;
    (pixels.len() == count.checked_mul(PIXELS)?).then_some((pixels, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_as_they_were_and_damage_is_dropped() {
        let mut list = ImageList::default();
        list.add(&[[7; PIXELS], [9; PIXELS]].concat(), &[3, 4]);
        let bytes = pack(&list);
        assert_eq!(unpack(&bytes), Some((list.pixels(), list.labels())));
        assert_eq!(unpack(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[255; 8]), None);
        assert_eq!(
            unpack(&pack(&ImageList::default())),
            Some((&[][..], &[][..]))
        );
    }
}
