//! Images of the user's data set to choose from, for models whose images no shipped data set has.

use crate::features::dataset::image_list::ImageList;
use crate::features::dataset::samples::SampleImages;
use crate::features::evidence::samples_by_class::SamplesByClass;
use crate::latent::class_names::ClassNames;
use protocol::{ImageShape, NO_LABEL};
use std::sync::Arc;

/// Images that are offered; of a larger set, equally spaced ones.
const COUNT: usize = 1_000;
/// Images of a set without labels that are shown at once.
const UNLABELLED: usize = 10;

/// Images of this shape by class; `None` if the set has other ones. Without labels they are numbered.
pub(crate) fn own_samples(list: &ImageList, shape: ImageShape) -> Option<SamplesByClass> {
    if list.len() == 0 || list.shape() != shape {
        return None;
    }
    let step = list.len().div_ceil(COUNT);
    let images = (0..list.len()).step_by(step).filter_map(|at| list.get(at));
    let (pixels, mut labels): (Vec<Vec<u8>>, Vec<u8>) = images.unzip();
    let is_labelled = labels.iter().any(|&label| label != NO_LABEL);
    let names = if is_labelled {
        list.classes().names().to_vec()
    } else {
        for (index, label) in labels.iter_mut().enumerate() {
            *label = (index % UNLABELLED) as u8;
        }
        let count = UNLABELLED.min(labels.len());
        (1..=count)
            .map(|number| format!("Image {number}"))
            .collect()
    };
    let samples = SampleImages {
        shape,
        pixels: Arc::new(pixels.concat()),
        labels: Arc::new(labels),
    };
    let names = ClassNames::new(names);
    Some(SamplesByClass::new(samples, names, is_labelled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::dataset::image_list::NewImages;

    fn list(class_names: &[&str], classes: &[u8]) -> ImageList {
        let shape = ImageShape::grey(8, 9);
        let pixels: Vec<u8> = (0..6_u8)
            .flat_map(|value| vec![value; shape.values()])
            .collect();
        let mut list = ImageList::default();
        let images = NewImages {
            shape,
            blocks: vec![pixels.into()],
            class_names: class_names.iter().map(|&name| name.to_owned()).collect(),
            classes: classes.to_vec(),
        };
        assert_eq!(list.add_images(images).ok(), Some(0));
        list
    }

    #[test]
    fn own_samples_are_grouped_by_the_classes_of_the_set() {
        let list = list(&["cat", "dog"], &[1, 0, 1, NO_LABEL, 0, 1]);
        let samples = own_samples(&list, ImageShape::grey(8, 9)).unwrap();
        let first = |class, round| samples.nth(class, round).map(|pixels| pixels[0]);
        assert_eq!(
            [first(0, 0), first(0, 1), first(1, 0)],
            [Some(1), Some(4), Some(0)]
        );
        assert_eq!(samples.label(1).as_deref(), Some("dog"));
        assert!(own_samples(&list, ImageShape::MNIST).is_none());
    }

    #[test]
    fn own_samples_without_labels_are_numbered() {
        let list = list(&[], &[]);
        let samples = own_samples(&list, ImageShape::grey(8, 9)).unwrap();
        assert_eq!(
            (samples.classes(), samples.name(5).as_str()),
            (6, "Image 6")
        );
        assert_eq!(samples.label(5), None);
    }
}
