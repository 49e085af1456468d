//! Keeps the digits in the browser's own storage, so that a tab that closes takes nothing along.

use crate::{
    state::{DigitList, DigitSet, Notices, PIXELS},
    storage::{Store, StoreError},
};
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc, time::Duration};

/// The digits' name in the store.
const DIGITS: &str = "digits";
/// How long the set must rest before it is written.
const REST: Duration = Duration::from_millis(600);

/// Brings back the digits of an earlier visit, and keeps those of this one from now on.
pub(crate) fn keep_digits(digits: DigitSet, notices: Notices) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    // Nothing is written before what is there has been read.
    let store = StoredValue::new_local(None::<Store>);
    let told = Rc::new(Cell::new(false));
    let tell = move |error: StoreError| {
        // Once: the reason stays the same.
        if !told.replace(true) {
            notices.tell(format!("The digits can’t be kept: {error}"));
        }
    };
    let on_open = tell.clone();
    wasm_bindgen_futures::spawn_local(async move {
        match open(digits).await {
            Ok(opened) => store.set_value(Some(opened)),
            // Said when there is something that would be lost.
            Err(error) => {
                Effect::watch(
                    move || digits.count(),
                    move |&count, _, _| {
                        if count > 0 {
                            on_open(error.clone());
                        }
                    },
                    true,
                );
            }
        }
    });
    Effect::watch(
        move || digits.version(),
        move |_, _, _| {
            if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
                handle.clear();
            }
            let tell = tell.clone();
            let write = move || {
                let Some(store) = store.get_value() else {
                    return;
                };
                let bytes = digits.with_untracked(pack);
                wasm_bindgen_futures::spawn_local(async move {
                    if let Err(error) = store.put(DIGITS, &bytes).await {
                        tell(error);
                    }
                });
            };
            waiting.set_value(set_timeout_with_handle(write, REST).ok());
        },
        false,
    );
}

async fn open(digits: DigitSet) -> Result<Store, StoreError> {
    let store = Store::open().await?;
    if let Some((pixels, labels)) = store.get(DIGITS).await?.as_deref().and_then(unpack) {
        // What was gathered in the meantime comes after; there is always room for what fitted once.
        digits.change(|list| list.put_first(pixels, labels));
    }
    Ok(store)
}

/// The number of digits, their labels, their pixels.
fn pack(list: &DigitList) -> Vec<u8> {
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
        let mut list = DigitList::default();
        list.add(&[[7; PIXELS], [9; PIXELS]].concat(), &[3, 4]);
        let bytes = pack(&list);
        assert_eq!(unpack(&bytes), Some((list.pixels(), list.labels())));
        assert_eq!(unpack(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[255; 8]), None);
        assert_eq!(
            unpack(&pack(&DigitList::default())),
            Some((&[][..], &[][..]))
        );
    }
}
