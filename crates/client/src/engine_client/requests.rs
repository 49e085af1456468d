//! Requests about the current model: the current z, the current image, jobs and imports.

use super::{Inner, StateDictFile, workers::RequestPurpose};
use crate::{
    change::{Change, Encoded, Frame, Image, LatentPoint},
    jobs::{Job, JobResult},
};
use futures_channel::oneshot;
use protocol::{ImportOptions, ImportedModel, Request, RequestId, Response};
use std::sync::Arc;

impl Inner {
    pub(super) fn decode(&mut self, point: LatentPoint) {
        self.last_point = Some(point.clone());
        if !self.models.is_ready() {
            self.decode_first(point.clone());
        }
        self.decodes.put(point);
        self.send_decode();
    }

    pub(super) fn label_changed(&mut self, at: f64) {
        if let Some(point) = self.last_point.clone() {
            self.decodes.put(LatentPoint {
                at,
                by_user: true,
                ..point
            });
        }
        self.cancel_jobs();
        self.send_decode();
        self.encode_again();
    }

    pub(super) fn encode(&mut self, image: Option<Arc<Image>>) {
        self.last_image.clone_from(&image);
        match image {
            Some(image) => {
                self.encodes.put(image);
                self.send_encode();
            }
            None => self.publish(Change::Encoded(None)),
        }
    }

    /// Makes no requests until [`resume`](Self::resume).
    pub(super) fn pause(&mut self) {
        self.decodes.pause();
        self.encodes.pause();
        self.cancel_jobs();
    }

    /// Makes requests again, beginning with the current z.
    pub(super) fn resume(&mut self) {
        self.decodes.resume();
        if let Some(point) = self.last_point.clone() {
            // The input event is old, so the latency is not measured from it.
            self.decodes.put(LatentPoint {
                by_user: false,
                ..point
            });
        }
        self.send_decode();
        self.encodes.resume();
        self.encode_again();
        self.send_job();
    }

    /// Decodes and encodes again, with the newer weights of the current model.
    pub(super) fn refresh(&mut self) {
        if let Some(point) = self.last_point.clone() {
            self.decodes.put_if_empty(LatentPoint {
                by_user: false,
                ..point
            });
        }
        self.cancel_jobs();
        self.send_decode();
        self.encode_again();
    }

    /// Sends the waiting z, unless a decode is in flight or requests are paused.
    pub(super) fn send_decode(&mut self) {
        let (Some(id), Some(info)) = (self.active, self.models.info()) else {
            return;
        };
        let request = self.last_request + 1;
        let Some((_, point)) = self.decodes.next(|| request) else {
            return;
        };
        if point.z.len() != info.latent_size {
            // This z is for another model; the z for the current one follows.
            self.decodes.complete(request);
            return;
        }
        let z = point.z.clone();
        self.sent_at = self.platform.now();
        let conditioning = self.conditioning();
        self.send(
            id,
            RequestPurpose::Decode,
            Request::Decode { z, conditioning },
        );
    }

    pub(super) fn decoded(&mut self, request: RequestId, pixels: Vec<u8>) {
        let (Some(mut point), Some(info)) = (self.decodes.complete(request), self.models.info())
        else {
            return;
        };
        if !point.by_user {
            // It may have waited for a worker or a model, which is not the latency of this image.
            point.at = self.sent_at;
        }
        let shape = info.image;
        self.drop_decoder();
        if pixels.len() == shape.values() {
            self.publish(Change::Frame(Arc::new(Frame {
                pixels,
                shape,
                point,
            })));
        } else {
            self.platform.log(&format!(
                "decode: {} pixels do not fit the model",
                pixels.len()
            ));
        }
        self.send_decode();
        self.send_job();
    }

    fn encode_again(&mut self) {
        if let Some(image) = self.last_image.clone() {
            self.encodes.put_if_empty(image);
        }
        self.send_encode();
    }

    /// Sends the waiting image, unless an encode is in flight or requests are paused.
    pub(super) fn send_encode(&mut self) {
        let (Some(id), Some(info)) = (self.active, self.models.info()) else {
            return;
        };
        let request = self.last_request + 1;
        let Some((_, image)) = self.encodes.next(|| request) else {
            return;
        };
        if image.shape != info.image || image.pixels.len() != info.image.values() {
            // The model is for images of another shape.
            self.encodes.complete(request);
            return self.publish(Change::Encoded(None));
        }
        let images = image.pixels.clone();
        let conditioning = self.conditioning();
        let request = Request::Encode {
            images,
            conditioning,
        };
        self.send(id, RequestPurpose::Encode, request);
    }

    pub(super) fn encoded(&mut self, request: RequestId, mu: Vec<f32>, sigma: Vec<f32>) {
        let Some(image) = self.encodes.complete(request) else {
            return;
        };
        // The image may have been cleared meanwhile.
        if let (Some(_), Some(info)) = (&self.last_image, self.models.info()) {
            if mu.len() == info.latent_size && sigma.len() == info.latent_size {
                let encoded = Encoded {
                    image,
                    model: info.name.clone(),
                    mu,
                    sigma,
                };
                self.publish(Change::Encoded(Some(Arc::new(encoded))));
            } else {
                self.platform.log(&format!(
                    "encode: {} dimensions do not fit the model",
                    mu.len()
                ));
            }
        }
        self.send_encode();
        // z may move to the new mean; its decode precedes the jobs.
        let me = self.me.clone();
        self.platform.defer(Box::new(move || {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().send_job();
            }
        }));
    }

    pub(super) fn add_job(&mut self, job: Job) -> oneshot::Receiver<JobResult> {
        let receiver = self.jobs.add(job);
        // A caller that adds a job for a new z also decodes that z, and the decode precedes the job.
        let me = self.me.clone();
        self.platform.spawn(Box::pin(async move {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().send_job();
            }
        }));
        receiver
    }

    /// Sends the next job, unless a z waits or an image is being encoded. A job can follow a z in flight, since it
    /// delays only the next z. An encode precedes jobs, because z usually moves after it.
    pub(super) fn send_job(&mut self) {
        let Some(id) = self.active else { return };
        if self.decodes.is_waiting() || self.encodes.is_busy() || self.models.info().is_none() {
            return;
        }
        let now = self.platform.now();
        if let Some(job) = self.jobs.start(self.last_request + 1, now) {
            let request = job.into_request(self.conditioning());
            self.send(id, RequestPurpose::Job, request);
        }
    }

    pub(super) fn complete_job(&mut self, request: RequestId, result: Result<Response, String>) {
        self.jobs.complete(request, result, self.platform.now());
        self.send_job();
    }

    fn cancel_jobs(&mut self) {
        self.jobs.cancel();
        self.publish(Change::Generation);
    }

    /// Sends a state dict to be imported; `None` if no worker is active.
    pub(super) fn import(
        &mut self,
        file: StateDictFile,
        options: ImportOptions,
    ) -> Option<oneshot::Receiver<Result<ImportedModel, String>>> {
        let id = self.active?;
        let (sender, receiver) = oneshot::channel();
        self.imports.insert(self.last_request + 1, sender);
        let StateDictFile {
            name,
            weights,
            card,
        } = file;
        let request = Request::Import {
            name,
            weights,
            card,
            options,
        };
        self.send(id, RequestPurpose::Import, request);
        Some(receiver)
    }

    pub(super) fn complete_import(
        &mut self,
        request: RequestId,
        result: Result<ImportedModel, String>,
    ) {
        if let Some(sender) = self.imports.remove(&request) {
            // The receiver may have been dropped.
            sender.send(result).ok();
        }
    }

    /// The class weights of the current label for the current model.
    fn conditioning(&self) -> Vec<f32> {
        (self.class_weights)(self.models.info().map_or(0, |info| info.classes))
    }
}
