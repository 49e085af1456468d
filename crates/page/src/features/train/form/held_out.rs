//! How many images a run holds out. Pure.

/// With fewer images none is held out: all are needed for training.
pub(crate) const MIN_IMAGES: usize = 8;
/// The least number of images that are held out, if any are.
const MIN_HELD_OUT: usize = 2;

/// The number of images to hold out of `images`, for a share from 0 to 0.5.
pub(crate) fn count(images: usize, share: f64) -> usize {
    if share <= 0.0 || images < MIN_IMAGES {
        return 0;
    }
    ((images as f64 * share).round() as usize).max(MIN_HELD_OUT)
}

/// The share that a run on `images` images is given, so that it holds out [`count`].
pub(crate) fn share(images: usize, share: f64) -> f64 {
    let count = count(images, share);
    if count == (images as f64 * share).round() as usize {
        share
    } else {
        count as f64 / images as f64
    }
}

/// What the share means for this data set.
pub(crate) fn note(images: usize, share: f64) -> Option<String> {
    match count(images, share) {
        _ if images == 0 => None,
        0 if share > 0.0 => Some(format!(
            "Fewer than {MIN_IMAGES} images: none is held out. The loss is then that of the training images, which \
             says nothing about new ones."
        )),
        0 => Some(
            "The loss is then that of the training images, which says nothing about new ones."
                .to_owned(),
        ),
        count => Some(format!("{count} of {images} images")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine makes of the share.
    fn held_out(images: usize, per_cent: f64) -> usize {
        (images as f64 * share(images, per_cent / 100.0)).round() as usize
    }

    #[test]
    fn share_holds_out_at_least_two_images() {
        assert_eq!(held_out(15, 10.0), 2);
        assert_eq!(held_out(8, 10.0), 2);
        assert_eq!(held_out(8, 0.5), 2);
        assert_eq!(held_out(40, 10.0), 4);
        assert_eq!(held_out(40, 0.0), 0);
        assert_eq!(share(10_000, 0.02), 0.02);
    }

    #[test]
    fn share_of_very_few_images_is_none() {
        for images in 1..MIN_IMAGES {
            assert_eq!(held_out(images, 50.0), 0, "{images}");
        }
    }

    #[test]
    fn note_warns_if_none_is_held_out() {
        assert_eq!(note(15, 0.1).as_deref(), Some("2 of 15 images"));
        assert_eq!(note(0, 0.1), None);
        for (images, share) in [(7, 0.1), (100, 0.0)] {
            let note = note(images, share).expect("a warning");
            assert!(note.contains("says nothing about new ones"), "{note}");
        }
    }
}
