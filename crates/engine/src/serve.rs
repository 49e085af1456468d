//! Connects a session to the worker's owner, in a dedicated worker.

use crate::{
    Session,
    gradient_worker::{self, GradientClient},
    load_ahead, open,
};
use futures_channel::mpsc;
use futures_util::StreamExt;
use protocol::{
    Backend, EngineMessage, Envelope, PROTOCOL_VERSION, Request, RequestError, Response,
};
use std::time::Duration;
use vae::{KernelPath, train::GradientWorker};
use wasm_bindgen::JsValue;
use worker::scope;

/// The parameter in the address of a gradient worker.
const GRADIENT_WORKER: &str = "role=gradients";
/// The longest sleep between two checks for requests, in slow motion.
const MAX_SLEEP: Duration = Duration::from_millis(20);

/// Starts serving the worker's owner with a backend. Sends [`EngineMessage::Hello`] at once, because messages that
/// arrive before the worker listens are dropped.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start(backend: Backend) {
    // Errors of shaders are only ever logged.
    console_log::init_with_level(log::Level::Warn).ok();
    let kernel_path = if scope::has_parameter("fast=off") {
        KernelPath::Reference
    } else {
        KernelPath::Fused
    };
    if scope::has_parameter(GRADIENT_WORKER) {
        return wasm_bindgen_futures::spawn_local(serve_gradients(backend));
    }
    report_panics();

    let (sender, requests) = mpsc::unbounded();
    scope::listen(move |request| {
        // The receiver lives as long as the worker.
        sender.unbounded_send(request).ok();
    });
    post(&EngineMessage::Hello {
        protocol: PROTOCOL_VERSION,
        backend: Some(backend),
    });
    wasm_bindgen_futures::spawn_local(serve(backend, kernel_path, requests));
}

/// Requests as they arrive; an error says why one could not be read.
type Requests = mpsc::UnboundedReceiver<Result<Envelope<Request>, String>>;

async fn serve(backend: Backend, kernel_path: KernelPath, mut requests: Requests) {
    let opened = open(backend, |message| {
        post_failure(RequestError::backend_lost(format!(
            "the GPU device was lost: {message}"
        )));
    });
    let mut session = match opened.await {
        Ok(opened) => {
            post(&EngineMessage::Event(protocol::Event::Ready {
                device: opened.description,
            }));
            Session::new(opened.device).with_kernel_path(kernel_path)
        }
        Err(error) => return post_failure(RequestError::backend_unavailable(error)),
    };
    // Only our own kernels can divide a step between two workers.
    let can_share = backend.is_cpu() && kernel_path == KernelPath::Fused;
    let mut gradient_worker = None;
    let mut has_decoded = false;
    loop {
        if session.is_training() {
            let worker = gradient_worker.as_mut();
            let worker = worker.map(|worker| worker as &mut dyn GradientWorker);
            match session.train(worker).await {
                Ok(events) => events
                    .into_iter()
                    .for_each(|event| post(&EngineMessage::Event(event))),
                Err(error) => post_failure(error),
            }
            // Messages are received only between two tasks of the event loop.
            match session.delay() {
                Some(delay) => {
                    scope::sleep(delay.clamp(Duration::from_millis(1), MAX_SLEEP)).await;
                }
                None => scope::next_turn().await,
            }
        }
        let request = if session.is_training() {
            requests.try_recv().ok()
        } else {
            requests.next().await
        };
        match request {
            Some(Ok(Envelope { id, body })) => {
                start_gradient_worker(&mut gradient_worker, can_share, &body).await;
                let decodes = matches!(body, Request::Decode { .. });
                let mut body = session.handle(body).await;
                // The session does not know about the second worker.
                if let Ok(Response::TrainingStarted { workers, .. }) = &mut body {
                    *workers += u32::from(gradient_worker.is_some());
                }
                let first_image = !has_decoded && decodes && body.is_ok();
                post(&EngineMessage::Response(Envelope { id, body }));
                if first_image {
                    has_decoded = true;
                    wasm_bindgen_futures::spawn_local(load_ahead());
                }
            }
            Some(Err(reason)) => post_failure(RequestError::bad_request(format!(
                "the page and its worker are of different versions ({reason}); reload the page"
            ))),
            // No request has arrived: training continues.
            None => {}
        }
    }
}

/// Serves a training worker instead of the page.
async fn serve_gradients(backend: Backend) {
    console_error_panic_hook::set_once();
    let served = match open(backend, |_| {}).await {
        Ok(opened) => gradient_worker::serve(&opened.device)
            .await
            .map_err(JsValue::from),
        Err(error) => Err(error.to_string().into()),
    };
    if let Err(error) = served {
        // The owner receives it as an error of this worker.
        wasm_bindgen::throw_val(error);
    }
}

/// Starts a gradient worker when a run may follow, and waits for it when a run does follow.
async fn start_gradient_worker(
    gradient_worker: &mut Option<GradientClient>,
    can_share: bool,
    request: &Request,
) {
    let trains = matches!(request, Request::Train { .. });
    if !trains && !matches!(request, Request::WarmUp) {
        return;
    }
    if gradient_worker.is_none() && can_share && has_second_processor() {
        let url = format!("{}&{GRADIENT_WORKER}", scope::location("href"));
        *gradient_worker = GradientClient::start(&url)
            .inspect_err(|error| log::warn!("there is no gradient worker: {error}"))
            .ok();
    }
    if trains {
        // Used from the first step or not at all, so that the weights for a seed do not depend on timing.
        let ready = match gradient_worker.as_mut() {
            Some(worker) => worker.ready().await,
            None => false,
        };
        if !ready {
            *gradient_worker = None;
        }
    }
}

/// Whether there is a second processor, and the address allows its use.
fn has_second_processor() -> bool {
    scope::processors().is_some_and(|processors| processors >= 2.0)
        && !scope::has_parameter("gradient-worker=off")
}

fn post(message: &EngineMessage) {
    if let Err(error) = scope::post(message) {
        log::error!("a message could not be posted: {error}");
    }
}

/// Reports that the worker can't continue.
fn post_failure(error: RequestError) {
    post(&EngineMessage::Failed(error));
}

/// A panic ends the wasm instance: it is reported before that, and logged with its stack.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post_failure(RequestError::backend_lost(format!(
            "the worker panicked: {info}"
        )));
    }));
}
