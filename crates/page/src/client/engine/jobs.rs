//! Work that can wait: batches to decode and encode for maps and grids, one at a time, whenever the
//! worker that draws has nothing more urgent.
//!
//! An errand is for the model and the label that were in use when it was asked for. When another one comes
//! into use, or newer weights, what waits is dropped and answered with none:
//! [`EngineView::generation`](crate::state::engine_view::EngineView) counts on, and who still wants it asks again.

use crate::client::engine::{Inner, Owed};
use crate::dom;
use leptos::{
    logging,
    prelude::{GetUntracked as _, Update as _, set_timeout},
};
use protocol::{
    Request, RequestId,
    evidence::{EvidenceQuery, EvidenceResult, Observation},
};
use std::{collections::VecDeque, time::Duration};

/// What is to be done.
pub(crate) enum Errand {
    /// Latent vectors to decode, `[n × latent]`.
    Decode(Vec<f32>),
    /// Images to encode, `[n × height × width]` of grey values.
    Encode(Vec<u8>),
    /// A question about log p(x) of an image, `[height × width]` of grey values.
    Examine(Vec<u8>, EvidenceQuery),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Brought {
    /// Grey values, `[n × height × width]`.
    Pixels(Vec<u8>),
    /// μ and σ of q(z|x), `[n × latent]` each.
    Posteriors([Vec<f32>; 2]),
    /// The answer to a question.
    Found(Box<EvidenceResult>),
    /// Why it was not answered.
    Refused(String),
}

/// What is done with what comes of it, and with the milliseconds that it took once its turn had come; with
/// none when it was dropped.
type OnBrought = Box<dyn FnOnce(Option<Brought>, f64)>;

struct UnderWay {
    request: RequestId,
    /// When it was sent.
    since: f64,
    done: OnBrought,
}

/// Those that wait, and the one under way.
#[derive(Default)]
pub(crate) struct Errands {
    waiting: VecDeque<(Errand, OnBrought)>,
    under_way: Option<UnderWay>,
}

impl Inner {
    pub(crate) fn run_errand(&mut self, errand: Errand, done: OnBrought) {
        self.errands.waiting.push_back((errand, done));
        // Later, because a z that asks for it asks for the stage's picture, too, and that one goes first.
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().pump_errands();
            }
        });
    }

    /// Sends the next one, unless a picture waits to be sent or an encoding is on its way. Behind a picture that
    /// was sent it can go at once, and holds up none but the next; after an encoding z moves, and is to be drawn.
    pub(crate) fn pump_errands(&mut self) {
        let urgent = self.latest.is_waiting() || self.encodings.is_busy();
        let busy = urgent || self.errands.under_way.is_some();
        if busy || self.view.model.get_untracked().is_none() {
            return;
        }
        let Some(id) = self.active else { return };
        let Some((errand, done)) = self.errands.waiting.pop_front() else {
            return;
        };
        self.errands.under_way = Some(UnderWay {
            request: self.last_request + 1,
            since: dom::now(),
            done,
        });
        let conditioning = self.conditioning();
        let request = match errand {
            Errand::Decode(z) => Request::Decode { z, conditioning },
            Errand::Encode(images) => Request::Encode {
                images,
                conditioning,
            },
            Errand::Examine(image, query) => Request::Evidence {
                observation: Observation {
                    image,
                    conditioning,
                },
                query,
            },
        };
        self.send(id, Owed::Errand, request);
    }

    pub(crate) fn errand_failed(&mut self, request: RequestId, message: &str) {
        logging::warn!("errand: {message}");
        self.errand_ended(request, Some(Brought::Refused(message.to_owned())));
    }

    /// Hands the answer on, unless the errand was dropped meanwhile.
    pub(crate) fn errand_ended(&mut self, request: RequestId, brought: Option<Brought>) {
        let ours = |errand: &mut UnderWay| errand.request == request;
        if let Some(UnderWay { since, done, .. }) = self.errands.under_way.take_if(ours) {
            later(done, brought, dom::now() - since);
        }
        self.pump_errands();
    }

    /// Another model, worker, state of the weights or label: what waits is of no use.
    pub(crate) fn drop_errands(&mut self) {
        let Errands { waiting, under_way } = std::mem::take(&mut self.errands);
        let all = waiting
            .into_iter()
            .map(|(_, done)| done)
            .chain(under_way.map(|errand| errand.done));
        all.for_each(|done| later(done, None, 0.0));
        self.view.generation.update(|generation| *generation += 1);
    }
}

impl Inner {
    /// Goes on with errands once what follows from the newest q(z|x) was asked for: z may go to its μ.
    pub(crate) fn pump_errands_soon(&self) {
        let me = self.me.clone();
        set_timeout(
            move || {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().pump_errands();
                }
            },
            Duration::ZERO,
        );
    }
}

/// Later, because it will ask the engine for more.
fn later(done: OnBrought, brought: Option<Brought>, took: f64) {
    wasm_bindgen_futures::spawn_local(async move { done(brought, took) });
}
