//! The decoder worker, which draws images until an engine is ready.
//!
//! It was started before the page's program had arrived, and decodes one included model. It is dropped with the first
//! image of an engine, with the selection of another model, or when it fails: then the image comes from the engine alone.

use crate::{
    change::{Frame, LatentPoint},
    coalescing_slot::CoalescingSlot,
    platform::{DecoderPort, StartedDecoder},
};
use protocol::{DecoderMessage, DecoderRequest, ImageShape};

/// See the [module](self).
pub(crate) struct FirstDecoder {
    port: DecoderPort,
    model: String,
    last_request: u32,
    decodes: CoalescingSlot<LatentPoint>,
    /// When the z in flight was sent.
    sent_at: f64,
}

impl FirstDecoder {
    pub(crate) fn new(started: StartedDecoder) -> Self {
        let StartedDecoder {
            port,
            model,
            last_request,
        } = started;
        let mut decodes = CoalescingSlot::paused();
        decodes.resume();
        Self {
            port,
            model,
            last_request,
            decodes,
            sent_at: 0.0,
        }
    }

    /// The name of its model.
    pub(crate) fn model(&self) -> &str {
        &self.model
    }

    /// Decodes this z as soon as possible, in place of one that waits.
    ///
    /// # Errors
    /// Why the worker can no longer be used.
    pub(crate) fn decode(&mut self, point: LatentPoint, now: f64) -> Result<(), String> {
        self.decodes.put(point);
        self.send(now)
    }

    fn send(&mut self, now: f64) -> Result<(), String> {
        let request = self.last_request + 1;
        let Some((id, point)) = self.decodes.next(|| request) else {
            return Ok(());
        };
        let z = point.z.clone();
        (self.last_request, self.sent_at) = (id, now);
        self.port.post(&DecoderRequest { id, z })
    }

    /// The image of a message; `None` for the reply to an earlier owner's request. Sends the z that waits.
    ///
    /// # Errors
    /// Why the worker can no longer be used.
    pub(crate) fn receive(
        &mut self,
        message: DecoderMessage,
        now: f64,
    ) -> Result<Option<Frame>, String> {
        let (id, shape, pixels) = match message {
            DecoderMessage::Failed(reason) => return Err(reason),
            DecoderMessage::Decoded {
                id,
                height,
                width,
                pixels,
            } => (id, ImageShape::grey(height, width), pixels),
        };
        if pixels.len() != shape.values() {
            return Err(format!("it sent {} pixels", pixels.len()));
        }
        let frame = self.decodes.complete(id).map(|mut point| {
            if !point.by_user {
                // It may have waited for the worker to load its weights.
                point.at = self.sent_at;
            }
            Frame {
                pixels,
                shape,
                point,
            }
        });
        self.send(now)?;
        Ok(frame)
    }
}
