//! The training worker's end.

use super::numbers::{arrays, pack, unpack};
use futures_channel::mpsc::{self, UnboundedReceiver};
use futures_util::StreamExt;
use js_sys::{Array, Float32Array, Function, Object, Reflect};
use vae::train::{BatchShard, GradientWorker, ShardGradients};
use wasm_bindgen::{
    JsCast, JsValue,
    prelude::{Closure, wasm_bindgen},
};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

// Declared here rather than taken from web-sys, as in `worker`.
#[wasm_bindgen]
extern "C" {
    #[derive(Debug)]
    type Worker;
    #[wasm_bindgen(constructor, catch)]
    fn new(url: &str, options: &Object) -> Result<Worker, JsValue>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &Worker, message: &Array, transfer: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &Worker, listener: &Function);
    #[wasm_bindgen(method, setter)]
    fn set_onerror(this: &Worker, listener: &Function);
    #[wasm_bindgen(method)]
    fn terminate(this: &Worker);
}

/// A helper worker. It ends when this is dropped.
#[derive(Debug)]
pub struct Assistant {
    worker: Worker,
    said: UnboundedReceiver<Said>,
    ready: bool,
    lost: bool,
    /// What came last, to be sent again.
    used: Vec<Float32Array>,
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

#[derive(Debug)]
enum Said {
    Ready,
    Found(Array),
    Broke,
    /// It has had its time to become ready.
    Time,
}

/// So long may it take to become ready, in ms.
const PATIENCE: i32 = 10_000;

impl Assistant {
    /// Starts the worker at this address.
    ///
    /// # Errors
    /// What the browser says when it starts none.
    pub fn start(url: &str) -> Result<Self, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"type".into(), &"module".into())?;
        Reflect::set(&options, &"name".into(), &"helper".into())?;
        let worker = Worker::new(url, &options)?;
        let (sender, said) = mpsc::unbounded();
        let (from_error, from_timer) = (sender.clone(), sender.clone());
        let on_time = Closure::once_into_js(move || {
            from_timer.unbounded_send(Said::Time).ok();
        });
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        scope.set_timeout_with_callback_and_timeout_and_arguments_0(
            on_time.unchecked_ref(),
            PATIENCE,
        )?;
        // The receiver lives as long as the listeners.
        let on_message = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let data = event.unchecked_into::<MessageEvent>().data();
            let found = data.dyn_into().map_or(Said::Ready, Said::Found);
            sender.unbounded_send(found).ok();
        });
        let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            from_error.unbounded_send(Said::Broke).ok();
        });
        worker.set_onmessage(on_message.as_ref().unchecked_ref());
        worker.set_onerror(on_error.as_ref().unchecked_ref());
        Ok(Self {
            worker,
            said,
            ready: false,
            lost: false,
            used: Vec::new(),
            _listeners: [on_message, on_error],
        })
    }

    /// Waits until it says that it is ready. Whether it is of any use.
    pub async fn ready(&mut self) -> bool {
        while !self.ready && !self.lost {
            match self.said.next().await {
                Some(Said::Ready) => self.ready = true,
                Some(Said::Found(_)) => {}
                Some(Said::Broke | Said::Time) | None => self.lost = true,
            }
        }
        !self.lost
    }

    fn post(&self, share: &BatchShard<'_>) -> Result<(), JsValue> {
        let message = Array::of1(&share.header().into());
        let transfer = Array::new();
        pack(share.arrays(), &self.used, &message, &transfer);
        self.worker.post_message(&message, &transfer)
    }
}

impl GradientWorker for Assistant {
    fn begin(&mut self, share: &BatchShard<'_>) {
        if !self.lost
            && let Err(error) = self.post(share)
        {
            log::warn!("training goes on without a helper: {error:?}");
            self.lost = true;
        }
    }

    async fn finish(&mut self) -> Option<ShardGradients> {
        if self.lost {
            return None;
        }
        loop {
            match self.said.next().await {
                Some(Said::Found(found)) => {
                    self.used = arrays(found.iter());
                    return ShardGradients::from_arrays(unpack(&self.used));
                }
                Some(Said::Ready | Said::Time) => {}
                Some(Said::Broke) | None => {
                    log::warn!("training goes on without a helper: it broke");
                    self.lost = true;
                    return None;
                }
            }
        }
    }
}

impl Drop for Assistant {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
