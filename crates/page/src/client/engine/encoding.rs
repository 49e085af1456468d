//! Encoding: the newest image goes to the worker, its q(z|x) to those who show it.

use crate::client::engine::{Inner, Owed};
use crate::state::engine_view::{Encoded, Image};
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _},
};
use protocol::{Request, RequestId};
use std::sync::Arc;

impl Inner {
    /// Encodes this image as soon as possible, in place of one that waits; or none any more.
    pub(crate) fn encode(&mut self, image: Option<Arc<Image>>) {
        self.last_image.clone_from(&image);
        match image {
            Some(image) => {
                self.encodings.put(image);
                self.pump_encodings();
            }
            None => self.view.encoded.set(None),
        }
    }

    /// Encodes the image once more: the model is another one, or a newer one.
    pub(crate) fn encode_again(&mut self) {
        if let Some(image) = self.last_image.clone() {
            self.encodings.put_if_empty(image);
        }
        self.pump_encodings();
    }

    /// Sends the waiting image, if it is its turn.
    pub(crate) fn pump_encodings(&mut self) {
        let (Some(id), Some(model)) = (self.active, self.view.model.get_untracked()) else {
            return;
        };
        let request = self.last_request + 1;
        let Some((_, image)) = self.encodings.next(|| request) else {
            return;
        };
        if image.pixels.len() != model.image[0] * model.image[1] {
            // A model of other images: there is no q(z|x) of this one.
            self.encodings.complete(request);
            self.view.encoded.set(None);
            return;
        }
        let images = image.pixels.clone();
        let request = Request::Encode {
            images,
            conditioning: self.conditioning(),
        };
        self.send(id, Owed::Encode, request);
    }

    pub(crate) fn encoded(&mut self, request: RequestId, mu: Vec<f32>, sigma: Vec<f32>) {
        let Some(image) = self.encodings.complete(request) else {
            return;
        };
        // The image may have been taken away while it was encoded.
        if let (Some(_), Some(model)) = (&self.last_image, self.view.model.get_untracked()) {
            if mu.len() == model.latent_size && sigma.len() == model.latent_size {
                let encoded = Encoded {
                    image,
                    size: model.image,
                    model: model.name,
                    mu,
                    sigma,
                };
                self.view.encoded.set(Some(Arc::new(encoded)));
            } else {
                logging::warn!("q(z|x) has {} dimensions", mu.len());
            }
        }
        self.pump_encodings();
        self.pump_errands_soon();
    }
}
