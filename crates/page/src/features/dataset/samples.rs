//! Fetches the shipped data sets, each when it is first needed.

use crate::dom::files::fetch_files;
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::sample_set::{SampleSet, labels};
use futures_channel::oneshot;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{Conversion, ImageShape, Polarity, ReadImages, ReadOptions, Transposition};
use std::sync::Arc;

/// Labelled images; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct SampleImages {
    /// Their shape.
    pub(crate) shape: ImageShape,
    /// `[n, height, width, channels]`.
    pub(crate) pixels: Arc<Vec<u8>>,
    /// The class of each image, `[n]`: an index of the set's class names, or [`NO_LABEL`](protocol::NO_LABEL).
    pub(crate) labels: Arc<Vec<u8>>,
}

/// Fetches sample images when they are first needed, and keeps them.
#[derive(Clone, Copy)]
pub(crate) struct SampleLoader {
    importer: StoredValue<FileImporter, LocalStorage>,
    images: StoredValue<[Shared<SampleImages>; 3]>,
}

impl SampleLoader {
    /// A loader that has fetched nothing yet. `importer` decodes what it fetches.
    pub(crate) fn new(importer: StoredValue<FileImporter, LocalStorage>) -> Self {
        Self {
            importer,
            images: StoredValue::new([Shared::Absent, Shared::Absent, Shared::Absent]),
        }
    }

    /// The images of a set.
    ///
    /// # Errors
    ///
    /// Why they can't be fetched or decoded. The next call tries again.
    pub(crate) async fn load(self, set: SampleSet) -> Result<SampleImages, String> {
        let (sender, receiver) = oneshot::channel();
        let request = |images: &mut [Shared<_>; 3]| images[set as usize].request(sender);
        if self.images.try_update_value(request) == Some(true) {
            self.fetch(set).await;
        }
        receiver
            .await
            .unwrap_or_else(|_| Err("loading them was interrupted".to_owned()))
    }

    async fn fetch(self, set: SampleSet) {
        let finish = move |result| {
            self.images
                .update_value(|images| images[set as usize].finish(result));
        };
        let Some(paths) = set.paths() else {
            return finish(Err("their description can’t be read".to_owned()));
        };
        match fetch_files(&paths.each_ref().map(String::as_str)).await {
            Ok(fetched) => self.importer.with_value(|importer| {
                importer.read_images(fetched, options(set.shape()), move |decoded| {
                    finish(decoded.map(|images| samples(set, images)));
                });
            }),
            Err(reason) => finish(Err(reason)),
        }
    }
}

/// The files of a set have its shape, and are read as they are.
fn options(shape: ImageShape) -> ReadOptions {
    ReadOptions {
        conversion: Conversion::Unchanged,
        shape,
        polarity: Polarity::Keep,
        transposition: Transposition::Keep,
        ..ReadOptions::default()
    }
}

fn samples(set: SampleSet, images: ReadImages) -> SampleImages {
    let labels = labels(&images.classes, &images.class_names, &set.class_names());
    SampleImages {
        shape: images.shape,
        labels: Arc::new(labels),
        pixels: Arc::new(images.into_pixels()),
    }
}

type Reply<T> = oneshot::Sender<Result<T, String>>;

/// A value that is loaded once, however many callers request it.
#[derive(Debug)]
enum Shared<T> {
    Absent,
    /// It is being loaded for these callers.
    Loading(Vec<Reply<T>>),
    Loaded(T),
}

impl<T: Clone> Shared<T> {
    /// Replies with the value once it is loaded. Returns whether the caller has to load it.
    fn request(&mut self, reply: Reply<T>) -> bool {
        match self {
            Self::Absent => {
                *self = Self::Loading(vec![reply]);
                return true;
            }
            Self::Loading(replies) => replies.push(reply),
            Self::Loaded(value) => {
                let _ = reply.send(Ok(value.clone()));
            }
        }
        false
    }

    /// Loading has ended: replies to all callers.
    fn finish(&mut self, result: Result<T, String>) {
        let next = match &result {
            Ok(value) => Self::Loaded(value.clone()),
            Err(_) => Self::Absent,
        };
        if let Self::Loading(replies) = std::mem::replace(self, next) {
            for reply in replies {
                let _ = reply.send(result.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_value_is_loaded_once_and_again_after_a_failure() {
        let mut shared = Shared::Absent;
        let request = |shared: &mut Shared<u8>| {
            let (sender, receiver) = oneshot::channel();
            (shared.request(sender), receiver)
        };
        let (first_loads, mut first) = request(&mut shared);
        let (second_loads, mut second) = request(&mut shared);
        assert!(first_loads && !second_loads);
        shared.finish(Err("offline".to_owned()));
        for receiver in [&mut first, &mut second] {
            assert_eq!(receiver.try_recv(), Ok(Some(Err("offline".to_owned()))));
        }

        let (loads, mut third) = request(&mut shared);
        assert!(loads);
        shared.finish(Ok(7));
        let (loads, mut fourth) = request(&mut shared);
        assert!(!loads);
        for receiver in [&mut third, &mut fourth] {
            assert_eq!(receiver.try_recv(), Ok(Some(Ok(7))));
        }
    }
}
