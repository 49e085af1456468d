//! The training worker's side.

use futures_channel::mpsc::{self, UnboundedReceiver};
use futures_util::StreamExt;
use js_sys::{Array, Float32Array};
use std::{pin::Pin, time::Duration};
use vae::train::{BatchShard, GradientWorker, ShardGradients};
use wasm_bindgen::{JsCast, JsValue};
use worker::{RawWorker, scope, transfer};

/// The time that the worker has to become ready.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A worker that computes gradients. Dropping it terminates it.
#[derive(Debug)]
pub struct GradientClient {
    worker: RawWorker,
    messages: UnboundedReceiver<Message>,
    ready: bool,
    lost: bool,
    /// The arrays of the last response, whose buffers are reused.
    reusable: Vec<Float32Array>,
}

#[derive(Debug)]
enum Message {
    Ready,
    Gradients(Array),
    Crashed,
    /// [`START_TIMEOUT`] has passed.
    StartTimeout,
}

impl GradientClient {
    /// Starts the worker at this address.
    ///
    /// # Errors
    /// Why the browser can't start it.
    pub fn start(url: &str) -> Result<Self, String> {
        let (sender, messages) = mpsc::unbounded();
        let timeout = sender.clone();
        scope::set_timeout(START_TIMEOUT, move || {
            timeout.unbounded_send(Message::StartTimeout).ok();
        });
        let worker = RawWorker::start(url, "gradients", move |message| {
            let message = match message {
                Ok(data) => data.dyn_into().map_or(Message::Ready, Message::Gradients),
                Err(_) => Message::Crashed,
            };
            // The receiver lives as long as the worker.
            sender.unbounded_send(message).ok();
        })?;
        Ok(Self {
            worker,
            messages,
            ready: false,
            lost: false,
            reusable: Vec::new(),
        })
    }

    /// Waits until the worker is ready. Returns false if it can't be used.
    pub async fn ready(&mut self) -> bool {
        while !self.ready && !self.lost {
            match self.messages.next().await {
                Some(Message::Ready) => self.ready = true,
                Some(Message::Gradients(_)) => {}
                Some(Message::Crashed | Message::StartTimeout) | None => self.lost = true,
            }
        }
        !self.lost
    }

    fn post(&self, shard: &BatchShard<'_>) -> Result<(), String> {
        let message = Array::of1(&JsValue::from(shard.header()));
        let buffers = Array::new();
        transfer::push_floats(shard.arrays(), &self.reusable, &message, &buffers);
        self.worker.post(&message, &buffers)
    }
}

impl GradientWorker for GradientClient {
    fn begin(&mut self, shard: &BatchShard<'_>) {
        if !self.lost
            && let Err(error) = self.post(shard)
        {
            log::warn!("training continues without a gradient worker: {error}");
            self.lost = true;
        }
    }

    fn finish(&mut self) -> Pin<Box<dyn Future<Output = Option<ShardGradients>> + '_>> {
        Box::pin(self.gradients())
    }
}

impl GradientClient {
    /// The gradients of the shard that was sent last; `None` once the worker is lost.
    async fn gradients(&mut self) -> Option<ShardGradients> {
        if self.lost {
            return None;
        }
        loop {
            match self.messages.next().await {
                Some(Message::Gradients(gradients)) => {
                    self.reusable = transfer::float_arrays(gradients.iter());
                    return ShardGradients::from_arrays(transfer::to_floats(&self.reusable));
                }
                Some(Message::Ready | Message::StartTimeout) => {}
                Some(Message::Crashed) | None => {
                    log::warn!("training continues without a gradient worker: it crashed");
                    self.lost = true;
                    return None;
                }
            }
        }
    }
}
