//! Decoding before an engine is ready, with the decoder worker.

use super::Inner;
use crate::{
    change::{Change, LatentPoint},
    first_decoder::FirstDecoder,
};
use protocol::DecoderMessage;
use std::sync::Arc;

impl Inner {
    pub(super) fn take_decoder(&mut self) {
        let me = self.me.clone();
        let on_message = Box::new(move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().decoder_message(message);
            }
        });
        let started = self.platform.take_decoder(on_message);
        self.first_decoder = started.map(FirstDecoder::new);
        if let Some(point) = self.last_point.clone() {
            self.decode_first(point);
        }
    }

    /// Decodes z with the decoder worker, unless an engine does.
    pub(super) fn decode_first(&mut self, point: LatentPoint) {
        let now = self.platform.now();
        if let Some(decoder) = &mut self.first_decoder
            && let Err(reason) = decoder.decode(point, now)
        {
            self.decoder_failed(&reason);
        }
    }

    fn decoder_message(&mut self, message: Result<DecoderMessage, String>) {
        let now = self.platform.now();
        let Some(decoder) = &mut self.first_decoder else {
            return;
        };
        match message.and_then(|message| decoder.receive(message, now)) {
            // The engine has the same z, and its image follows.
            Ok(_) if self.models.is_ready() => {}
            Ok(Some(frame)) => self.publish(Change::Frame(Arc::new(frame))),
            Ok(None) => {}
            Err(reason) => self.decoder_failed(&reason),
        }
    }

    fn decoder_failed(&mut self, reason: &str) {
        self.platform.log(&format!("decoder: {reason}"));
        self.drop_decoder();
    }

    /// Ends the decoder worker.
    pub(super) fn drop_decoder(&mut self) {
        if let Some(decoder) = self.first_decoder.take() {
            // Dropped in a later task, because its listener may be running.
            self.platform.spawn(Box::pin(async move { drop(decoder) }));
        }
    }

    pub(super) fn drop_decoder_of_another_model(&mut self, name: &str) {
        if self
            .first_decoder
            .as_ref()
            .is_some_and(|decoder| decoder.model() != name)
        {
            self.drop_decoder();
        }
    }
}
