//! The sample images that are served beside the page: 10,000 of MNIST's training images with their labels.

use crate::dom::files::fetch_files;
use crate::features::dataset::file_importer::FileImporter;
use futures_channel::oneshot;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use std::sync::Arc;

const PATHS: [&str; 2] = [
    "samples/mnist-10k-images-idx3-ubyte.gz",
    "samples/mnist-10k-labels-idx1-ubyte.gz",
];

/// Labelled images; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct SampleImages {
    /// `[n × 784]`, light ink on a dark ground.
    pub(crate) pixels: Arc<Vec<u8>>,
    /// `[n]`, 0 to 9.
    pub(crate) labels: Arc<Vec<u8>>,
}

/// Fetches the sample images when they are first needed, and keeps them.
#[derive(Clone, Copy)]
pub(crate) struct SampleLoader {
    importer: StoredValue<FileImporter, LocalStorage>,
    images: StoredValue<Shared<SampleImages>>,
}

impl SampleLoader {
    /// A loader that has fetched nothing yet. `importer` decodes what it fetches.
    pub(crate) fn new(importer: StoredValue<FileImporter, LocalStorage>) -> Self {
        Self {
            importer,
            images: StoredValue::new(Shared::Absent),
        }
    }

    /// The sample images.
    ///
    /// # Errors
    ///
    /// Why they can't be fetched or decoded. The next call tries again.
    pub(crate) async fn load(self) -> Result<SampleImages, String> {
        let (sender, receiver) = oneshot::channel();
        if self
            .images
            .try_update_value(|images| images.request(sender))
            == Some(true)
        {
            self.fetch().await;
        }
        receiver
            .await
            .unwrap_or_else(|_| Err("loading them was interrupted".to_owned()))
    }

    async fn fetch(self) {
        let finish = move |result| {
            self.images.update_value(|images| images.finish(result));
        };
        match fetch_files(&PATHS).await {
            Ok(fetched) => self.importer.with_value(|importer| {
                importer.read_digits(fetched, move |decoded| {
                    finish(decoded.map(|decoded| SampleImages {
                        pixels: Arc::new(decoded.pixels),
                        labels: Arc::new(decoded.labels),
                    }));
                });
            }),
            Err(reason) => finish(Err(reason)),
        }
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
