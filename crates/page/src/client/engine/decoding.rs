//! Pictures: the newest z goes to the worker, its pixels to the stage.

use crate::client::backend_selector::Input;
use crate::client::engine::{Inner, Owed, Wanted};
use crate::dom;
use crate::state::engine_view::Frame;
use crate::state::label::LabelInput;
use crate::state::latent_vector::LatentPoint;
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _},
};
use protocol::{Request, RequestId};

impl Inner {
    pub(crate) fn decode(&mut self, point: LatentPoint) {
        self.last_point = Some(point.clone());
        self.latest.put(point);
        self.pump();
    }

    /// The label is another one: everything is drawn and encoded anew, as for another model.
    pub(crate) fn set_label(&mut self, input: LabelInput) {
        if let Some(point) = self.last_point.clone() {
            self.latest.put(LatentPoint {
                at: input.at,
                by_user: true,
                ..point
            });
        }
        self.drop_errands();
        self.pump();
        self.encode_again();
    }

    /// The class weights of the model in use, for the label in use.
    pub(crate) fn conditioning(&self) -> Vec<f32> {
        let model = self.view.model.get_untracked();
        self.label
            .weights_untracked(model.map_or(0, |model| model.classes))
    }

    /// Asks nothing of a worker until [`resume`](Self::resume).
    pub(crate) fn hold(&mut self) {
        self.latest.pause();
        self.encodings.pause();
        self.drop_errands();
    }

    /// Lets pictures flow again, starting with the newest z.
    pub(crate) fn resume(&mut self) {
        if self.active.is_none()
            || self.current.is_none()
            || matches!(self.wanted, Some(Wanted::Loading(_)))
        {
            return;
        }
        self.latest.resume();
        if let Some(point) = self.last_point.clone() {
            // Whatever moved z, that was a while ago; this picture is the page's own wish.
            self.latest.put(LatentPoint {
                by_user: false,
                ..point
            });
        }
        self.pump();
        self.encodings.resume();
        self.encode_again();
        // Those that were asked for while nothing could be.
        self.pump_errands();
    }

    /// Sends the waiting z, if it is its turn.
    pub(crate) fn pump(&mut self) {
        let Some(id) = self.active else { return };
        let Some(size) = self.view.model.get_untracked().map(|info| info.latent_size) else {
            return;
        };
        let request = self.last_request + 1;
        let Some((_, point)) = self.latest.next(|| request) else {
            return;
        };
        if point.z.len() != size {
            // Meant for another model; the z for this one is on its way.
            self.latest.complete(request);
            return;
        }
        let z = point.z.clone();
        self.sent_at = dom::now();
        let request = Request::Decode {
            z,
            conditioning: self.conditioning(),
        };
        self.send(id, Owed::Decode, request);
    }

    pub(crate) fn decoded(&mut self, request: RequestId, pixels: Vec<u8>) {
        let (Some(mut point), Some(model)) = (
            self.latest.complete(request),
            self.view.model.get_untracked(),
        ) else {
            return;
        };
        if !point.by_user {
            // It may have waited for a worker or a model; that is not this picture's time.
            point.at = self.sent_at;
        }
        if pixels.len() == model.image[0] * model.image[1] {
            self.view
                .frame
                .set(Some(Frame::new(pixels, model.image, point)));
        } else {
            logging::warn!("a picture of {} pixels does not fit", pixels.len());
        }
        self.pump();
        self.pump_errands();
    }

    pub(crate) fn drawn(&mut self, frame: &Frame) {
        let now = dom::now();
        self.pictures += 1;
        self.view
            .note_latency(now - frame.point.at, frame.point.by_user);
        if frame.point.by_user {
            dom::measure("input-to-pixels", frame.point.at, now);
        }
        if self.pictures == 1 {
            dom::mark("first-digit");
            self.feed(Input::FirstImage);
        }
    }
}
