//! The messages of the worker: responses to requests, and reports of its run.

use super::{
    Inner,
    change::RunChange,
    run::{Checkpoint, RunInfo},
};
use crate::run_supervisor::{Input, WorkerId};
use protocol::{EngineMessage, Envelope, Event, Response, WorkerMessage};
use std::sync::Arc;

impl Inner {
    pub(super) fn handle_message(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(worker) = self.worker.as_mut().filter(|worker| worker.id == id) else {
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(reason) => return self.handle(Input::Lost(id, reason)),
        };
        let is_ready = matches!(message, WorkerMessage::Event(Event::Ready { .. }));
        worker.watchdog.message_received(is_ready);
        match message {
            WorkerMessage::Hello { protocol, .. } => self.handle(Input::Hello(id, protocol)),
            WorkerMessage::Failed(error) => self.handle(Input::Lost(id, error.message)),
            WorkerMessage::Response(Envelope { id: request, body }) => match body {
                Err(error) if error.is_fatal() => self.handle(Input::Lost(id, error.message)),
                Err(error) if worker.train_request == Some(request) => {
                    worker.train_request = None;
                    self.handle(Input::Rejected(error.message));
                }
                // A control can arrive just after the run has ended.
                Err(error) => self.platform.log(&format!("training: {error}")),
                Ok(started @ Response::TrainingStarted { .. })
                    if worker.train_request == Some(request) =>
                {
                    (worker.train_request, worker.has_run) = (None, true);
                    self.started(started);
                }
                Ok(Response::TrainingControlled { phase }) if worker.train_request.is_none() => {
                    self.handle(Input::Phase(id, phase));
                }
                Ok(_) => {}
            },
            WorkerMessage::Event(Event::Ready { .. }) => self.handle(Input::Ready(id)),
            // Until the worker has started the run, its events belong to the previous one.
            WorkerMessage::Event(event) if worker.train_request.is_none() => {
                self.handle_event(id, event);
            }
            WorkerMessage::Event(_) => {}
        }
    }

    fn started(&mut self, started: Response) {
        if let (
            Some(run),
            Some(backend),
            Response::TrainingStarted {
                training_images,
                held_out_images,
                latent_size,
                workers,
                ..
            },
        ) = (&self.run, self.supervisor.backend(), started)
        {
            self.publish(RunChange::Info(RunInfo {
                name: run.spec.name.clone(),
                backend,
                training_images,
                held_out_images,
                latent_size,
                workers,
                augmented: run.spec.augments(),
                objective: run.spec.objective,
                image: run.images.shape,
            }));
            self.publish_waiting_for();
        }
    }

    fn handle_event(&mut self, id: WorkerId, event: Event) {
        let Some(run) = &mut self.run else { return };
        match event {
            Event::Ready { .. } => {}
            Event::TrainingProgress(progress) => {
                let phase = progress.phase;
                self.publish(RunChange::Progress(progress));
                self.handle(Input::Phase(id, phase));
            }
            Event::TrainingSnapshot(snapshot) => self.publish(RunChange::Snapshot(snapshot)),
            Event::TrainingModel { model, is_final } => {
                let is_first = !std::mem::replace(&mut run.has_model, true);
                self.publish(RunChange::Model {
                    model,
                    is_first,
                    is_final,
                });
            }
            Event::Checkpoint {
                step,
                seconds,
                bytes,
            } => {
                let checkpoint = Arc::new(Checkpoint {
                    spec: run.spec.clone(),
                    step,
                    seconds,
                    bytes,
                });
                run.checkpoint = Some(checkpoint.clone());
                self.publish(RunChange::Checkpoint(checkpoint));
                self.handle(Input::Checkpoint(id));
            }
            Event::Diverged {
                message,
                learning_rate,
            } => self.publish(RunChange::Diverged(message, learning_rate)),
        }
    }
}
