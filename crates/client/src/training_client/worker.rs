//! The worker of the client: starting it, and sending it requests.

use super::Inner;
use crate::{
    platform::EnginePort,
    run_supervisor::{Input, StartPoint, WorkerId},
    watchdog::Watchdog,
};
use protocol::{Backend, Envelope, Request, RequestId, TrainingStart};

/// A worker.
pub(super) struct TrainingWorker {
    pub(super) id: WorkerId,
    pub(super) port: EnginePort,
    pub(super) watchdog: Watchdog,
    /// The request to train, until its response arrives.
    pub(super) train_request: Option<RequestId>,
    /// Whether it has started the run.
    pub(super) has_run: bool,
}

impl Inner {
    pub(super) fn start_worker(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let on_message = Box::new(move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().handle_message(id, message);
            }
        });
        let name = format!("training-{backend}");
        match self
            .platform
            .start_engine(backend, &name, fresh, on_message)
        {
            Ok(port) => {
                self.worker = Some(TrainingWorker {
                    id,
                    port,
                    watchdog: Watchdog::for_training(backend),
                    train_request: None,
                    has_run: false,
                });
            }
            Err(reason) => self.inbox.push_back(Input::Lost(id, reason)),
        }
    }

    pub(super) fn train(&mut self, from: StartPoint) {
        let Some(run) = &self.run else { return };
        let start = match (from, &run.checkpoint, &run.start) {
            (StartPoint::Checkpoint, Some(checkpoint), _) => TrainingStart::Checkpoint {
                seconds: checkpoint.seconds,
                bytes: checkpoint.bytes.clone(),
            },
            (_, _, Some(start)) => start.clone(),
            (_, _, None) => return,
        };
        let spec = Box::new(run.spec.clone());
        let body = Request::Train {
            spec,
            start,
            image: run.images.shape,
            // Sent beside the request, so that the page need not copy them.
            images: Vec::new(),
        };
        let parts = run.images.parts.clone();
        let request = self.send_with(body, |port, request| {
            port.post_with_bytes(request, &["body", "Train", "images"], &parts)
        });
        if let Some(worker) = &mut self.worker {
            (worker.train_request, worker.has_run) = (Some(request), false);
        }
    }

    pub(super) fn send(&mut self, body: Request) -> RequestId {
        self.send_with(body, |port, request| port.post(request))
    }

    fn send_with(
        &mut self,
        body: Request,
        post: impl FnOnce(&EnginePort, &Envelope<Request>) -> Result<(), String>,
    ) -> RequestId {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        if let Some(worker) = &self.worker
            && let Err(reason) = post(&worker.port, &request)
        {
            self.inbox.push_back(Input::Lost(worker.id, reason));
        }
        self.last_request
    }

    pub(super) fn tick(&mut self) {
        let idle = !self.supervisor.is_waiting();
        let Some(worker) = &mut self.worker else {
            return;
        };
        if let Some(seconds) = worker.watchdog.tick(idle) {
            let id = worker.id;
            self.handle(Input::Lost(
                id,
                format!("it did not respond for {seconds} s"),
            ));
        }
    }
}
